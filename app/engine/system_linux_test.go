package engine

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"holdfast/backup"
	"holdfast/backup/testkit"
	"holdfast/platform"
)

// authority stands in for polkit on a bus of its own.
type authority struct {
	mu      sync.Mutex
	actions []actionRow
	yes     bool
	asked   []uint32 // processes
}

type actionRow struct {
	ID, Description, Message, VendorName, VendorURL, Icon string
	Any, Inactive, Active                                 uint32
	Annotations                                           map[string]string
}

type subject struct {
	Kind    string
	Details map[string]dbus.Variant
}

type answer struct {
	Authorized, Challenge bool
	Details               map[string]string
}

func (a *authority) EnumerateActions(string) ([]actionRow, *dbus.Error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.actions, nil
}

func (a *authority) CheckAuthorization(s subject, action string, _ map[string]string, flags uint32, _ string) (answer, *dbus.Error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	pid, _ := s.Details["pid"].Value().(uint32)
	a.asked = append(a.asked, pid)
	return answer{Authorized: a.yes && action == platform.ApproveAction && flags == 1 && s.Kind == "unix-process"}, nil
}

// startAuthority gives the bus's address.
func startAuthority(t *testing.T, a *authority) string {
	t.Helper()
	address := testkit.Bus(t)
	bus, err := dbus.Connect(address)
	must(t, err)
	t.Cleanup(func() { must(t, bus.Close()) })
	must(t, bus.Export(a, "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority"))
	_, err = bus.RequestName("org.freedesktop.PolicyKit1", dbus.NameFlagDoNotQueue)
	must(t, err)
	return address
}

// TestApprovedByTheSystem asks polkit in the place of the passphrase: in the window, where the action is
// installed, and nowhere else.
func TestApprovedByTheSystem(t *testing.T) {
	polkit := &authority{}
	bus := startAuthority(t, polkit)
	a := newArena(t, "CREATE TABLE t (x int)")
	for _, c := range []struct {
		name, via            string
		installed, yes       bool
		offered, asked, done bool
	}{
		{"not installed", backup.ViaWindow, false, true, false, false, false},
		{"no", backup.ViaWindow, true, false, true, true, false},
		{"a command", backup.ViaCommand, true, true, false, false, false},
		{"yes", backup.ViaWindow, true, true, true, true, true},
	} {
		id := a.take()
		polkit.mu.Lock()
		polkit.yes, polkit.actions, polkit.asked = c.yes, nil, nil
		if c.installed {
			polkit.actions = []actionRow{{ID: "org.example.other"}, {ID: platform.ApproveAction}}
		}
		polkit.mu.Unlock()
		offered := false
		opts := tortureOptions(a.home(), nil)
		opts.Via, opts.Polkit = c.via, platform.Polkit{Bus: bus}
		opts.Approve = func(_ context.Context, p backup.Prompt) (string, error) {
			offered = p.System
			return "", backup.ErrAskSystem
		}
		e, err := Open(t.Context(), opts)
		must(t, err)
		_, _, err = e.DeleteBackup(t.Context(), string(id), 0)
		must(t, e.Close(context.Background()))
		asked := len(polkit.asked) == 1 && polkit.asked[0] == uint32(os.Getpid())
		if offered != c.offered || asked != c.asked || (err == nil) != c.done {
			t.Errorf("%s: offered %v, polkit asked %v, %v", c.name, offered, polkit.asked, err)
		}
	}
}
