package platform_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"holdfast/backup/testkit"
	"holdfast/platform"
)

func connect(t *testing.T, address string) *dbus.Conn {
	t.Helper()
	bus, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() }) // ends with its bus
	return bus
}

// TestWoken: login1 says when sleep begins and when it ends; only the end counts, and only from
// login1 itself.
func TestWoken(t *testing.T) {
	address := testkit.Bus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	login, stranger := connect(t, address), connect(t, address)
	if _, err := login.RequestName("org.freedesktop.login1", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	woke := make(chan struct{}, 10)
	if err := platform.Woken(t.Context(), func() { woke <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	say := func(from *dbus.Conn, begins bool) {
		t.Helper()
		if err := from.Emit("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", begins); err != nil {
			t.Fatal(err)
		}
	}
	say(stranger, false)
	for range 8 {
		say(login, true)
	}
	for range 2 {
		say(login, false)
		select {
		case <-woke:
		case <-time.After(time.Minute):
			t.Fatal("nobody was told that the machine woke")
		}
	}
	if len(woke) > 0 {
		t.Error("told more often than the machine woke")
	}
}

// TestWokenWithoutABus: an error, and no harm.
func TestWokenWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	if err := platform.Woken(t.Context(), func() { t.Error("woken") }); err == nil {
		t.Error("it says that it listens")
	}
}

// notes stands in for a desktop's notification service that reads markup.
type notes struct{ shown chan []string }

func (n *notes) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"actions", "body-markup"}, nil
}

func (n *notes) Notify(_ string, _ uint32, _, title, text string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.shown <- append([]string{title, text}, actions...)
	return 7, nil
}

func TestNotifier(t *testing.T) {
	address := testkit.Bus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if _, err := platform.OpenNotifier(ctx, "Holdfast"); err == nil {
		t.Error("opened, though nobody shows notifications")
	}
	desktop, service := connect(t, address), &notes{shown: make(chan []string, 1)}
	if err := desktop.Export(service, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := desktop.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	n, err := platform.OpenNotifier(ctx, "Holdfast")
	if err != nil {
		t.Fatal(err)
	}
	clicked := make(chan struct{}, 10)
	if err := n.Show(ctx, "shop failed", "no table <b>x</b> & y", "Open", func() { clicked <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(<-service.shown, "|"); got != "shop failed|no table &lt;b&gt;x&lt;/b&gt; &amp; y|default|Open" {
		t.Errorf("shown: %s", got)
	}
	for _, id := range []uint32{8, 7} { // 8 is another program's
		if err := desktop.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", id, "default"); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-clicked:
	case <-time.After(time.Minute):
		t.Fatal("the click was not heard")
	}
	if len(clicked) > 0 {
		t.Error("another program's click was taken for ours")
	}
}
