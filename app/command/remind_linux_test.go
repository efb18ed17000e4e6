package command_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"holdfast/backup/testkit"
)

// desk stands in for a desktop's notification service.
type desk struct{ shown chan string }

func (d *desk) GetCapabilities() ([]string, *dbus.Error) { return []string{"body"}, nil }

func (d *desk) Notify(_ string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.shown <- title + "|" + text
	return 1, nil
}

// newDesk gives a bus of its own with such a service.
func newDesk(t *testing.T) (address string, d *desk) {
	t.Helper()
	address = testkit.Bus(t)
	bus, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() }) // the daemon may have ended
	d = &desk{shown: make(chan string, 10)}
	if err := bus.Export(d, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return address, d
}

// TestSchedulerReminds: without a window the scheduler looks through the code folders too, and tells
// what needs doing: on the desktop where there is one, else in its log and to the webhook.
func TestSchedulerReminds(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	code := t.TempDir()
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q", "--allow-empty", "-m", "first"}} {
		if out, err := exec.Command("git", append([]string{"-C", code}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
	}
	const want = "2 things to do"

	t.Run("on the desktop", func(t *testing.T) {
		address, d := newDesk(t)
		l := newLiveWith(t, server, "reminds_desktop", "CREATE TABLE t AS SELECT 1 AS x", "--code", code)
		l.stay("DBUS_SESSION_BUS_ADDRESS=" + address)
		select {
		case got := <-d.shown:
			if !strings.HasPrefix(got, want+"|The recovery kit was not saved") || !strings.HasSuffix(got, "See: holdfast remind") {
				t.Errorf("shown: %s", got)
			}
		case <-time.After(time.Minute):
			t.Fatal("nothing was shown")
		}
		if out, _ := l.run(0, "remind"); !strings.Contains(out, "no remote") {
			t.Errorf("the list has not what is in the code folder: %s", out)
		}
	})
	t.Run("without one", func(t *testing.T) {
		heard := make(chan map[string]any, 20)
		hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			var m map[string]any
			if json.NewDecoder(r.Body).Decode(&m) == nil && m["event"] == "reminders" {
				heard <- m
			}
		}))
		t.Cleanup(hook.Close)
		l := newLiveWith(t, server, "reminds_log", "CREATE TABLE t AS SELECT 1 AS x", "--code", code)
		config := filepath.Join(l.dir, "home", "config.toml")
		text, err := os.ReadFile(config)
		l.must(err)
		l.must(os.WriteFile(config, []byte(strings.Replace(string(text), `webhook = ""`, `webhook = "`+hook.URL+`"`, 1)), 0o600))
		if !waitFor(l.stay(), "holdfast: "+want+": The recovery kit was not saved") {
			t.Error("the log says nothing")
		}
		select {
		case m := <-heard:
			if m["count"] != 2.0 || m["first"] != "kit" {
				t.Errorf("the webhook hears %v", m)
			}
		case <-time.After(time.Minute):
			t.Fatal("the webhook hears nothing")
		}
	})
}
