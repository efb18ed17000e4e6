package platform_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"holdfast/platform"
)

// everyMethod calls them all, each with the same limit, and gives their errors.
func everyMethod(limit time.Duration) map[string]error {
	var k platform.Keyring
	call := func(do func(context.Context) error) error {
		ctx, stop := context.WithTimeout(context.Background(), limit)
		defer stop()
		return do(ctx)
	}
	return map[string]error{
		"Get":    call(func(ctx context.Context) error { _, err := k.Get(ctx, "service", "user"); return err }),
		"Set":    call(func(ctx context.Context) error { return k.Set(ctx, "service", "user", "a secret") }),
		"Delete": call(func(ctx context.Context) error { return k.Delete(ctx, "service", "user") }),
	}
}

// every gives an error for each method that does not answer with want within the time.
func every(limit time.Duration, want error) error {
	var all []error
	for method, err := range everyMethod(limit) {
		if !errors.Is(err, want) {
			all = append(all, fmt.Errorf("%s: %w; want: %w", method, err, want))
		}
	}
	return errors.Join(all...)
}

// asking is a keyring of which things are asked; what it answers wrong is collected.
type asking struct {
	k   platform.Keyring
	bad []error
}

func (a *asking) set(user, secret string) {
	if err := a.k.Set(context.Background(), "service", user, secret); err != nil {
		a.bad = append(a.bad, fmt.Errorf("Set %s: %w", user, err))
	}
}

func (a *asking) get(user, want string, wantErr error) {
	if got, err := a.k.Get(context.Background(), "service", user); got != want || !errors.Is(err, wantErr) {
		a.bad = append(a.bad, fmt.Errorf("Get %s: %q, %w; want %q, %w", user, got, err, want, wantErr))
	}
}

func (a *asking) remove(user string, wantErr error) {
	if err := a.k.Delete(context.Background(), "service", user); !errors.Is(err, wantErr) {
		a.bad = append(a.bad, fmt.Errorf("Delete %s: %w; want %w", user, err, wantErr))
	}
}

func childKeep() error {
	var a asking
	a.get("ada", "", platform.ErrNotFound)
	a.remove("ada", platform.ErrNotFound)
	a.set("ada", "first")
	a.set("bob", "bob's\nwith ümlaut")
	a.get("ada", "first", nil)
	a.set("ada", "second")
	a.get("ada", "second", nil)
	a.get("bob", "bob's\nwith ümlaut", nil)
	a.remove("ada", nil)
	a.get("ada", "", platform.ErrNotFound)
	a.get("bob", "bob's\nwith ümlaut", nil)
	return errors.Join(a.bad...)
}

func childStore() error {
	var a asking
	a.set("user", "a secret")
	a.get("user", "a secret", nil)
	return errors.Join(a.bad...)
}

// childRuntimeFolder has its bus where systemd puts it, and no address in the environment.
func childRuntimeFolder() error {
	address, _, _ := strings.Cut(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), ",")
	socket, ok := strings.CutPrefix(address, "unix:path=")
	if !ok {
		return fmt.Errorf("the bus is at %s", address)
	}
	if err := os.Symlink(socket, filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil {
		return err
	}
	if err := os.Unsetenv("DBUS_SESSION_BUS_ADDRESS"); err != nil {
		return err
	}
	return childStore()
}

func childAbsent() error { return every(20*time.Second, platform.ErrKeyringAbsent) }

func childLockedWithoutPrompter() error { return every(20*time.Second, platform.ErrKeyringLocked) }

func childLocked() error {
	asked, err := lockWithPatientPrompter()
	if err != nil {
		return err
	}
	for range 2 { // a second call must not wait for the first
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
		_, err = platform.Keyring{}.Get(ctx, "service", "user")
		stop()
		if !errors.Is(err, platform.ErrKeyringLocked) || !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("get: %w", err)
		}
	}
	select {
	case <-asked:
	default:
		return errors.New("nobody was asked to unlock the keyring")
	}
	return every(time.Second, platform.ErrKeyringLocked)
}

// lockWithPatientPrompter stores a secret, locks the keyring, and puts a prompter on the bus
// that shows nothing and waits for ever, as one does whose user is away. asked gets a value
// when it is called.
func lockWithPatientPrompter() (asked chan struct{}, err error) {
	if err := childStore(); err != nil {
		return nil, err
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, err
	}
	asked = make(chan struct{}, 100)
	prompter := map[string]any{"BeginPrompting": func(dbus.ObjectPath) *dbus.Error { asked <- struct{}{}; return nil }}
	if err := bus.ExportMethodTable(prompter, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter"); err != nil {
		return nil, err
	}
	if _, err := bus.RequestName("org.gnome.keyring.SystemPrompter", dbus.NameFlagDoNotQueue); err != nil {
		return nil, err
	}
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	login := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	err = bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.Lock", 0, login).Store(&locked, &prompt)
	if err == nil && len(locked) != 1 {
		err = fmt.Errorf("not locked: %v", locked)
	}
	return asked, err
}

// childBusDies loses its bus while a person is being asked.
func childBusDies() error {
	cut, err := throughProxy()
	if err != nil {
		return err
	}
	asked, err := lockWithPatientPrompter()
	if err != nil {
		return err
	}
	answer := make(chan error, 1)
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	go func() {
		_, err := platform.Keyring{}.Get(ctx, "service", "user")
		answer <- err
	}()
	<-asked
	cut()
	if err := <-answer; err == nil || ctx.Err() != nil {
		return fmt.Errorf("get, when the bus died: %w", err)
	}
	return nil
}

// throughProxy makes the bus reachable for this process through a socket that cut closes.
func throughProxy() (cut func(), err error) {
	address, _, _ := strings.Cut(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), ",")
	bus := strings.TrimPrefix(address, "unix:path=")
	socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "proxy")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	conns := make(chan net.Conn, 100)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", bus)
			if err != nil {
				return
			}
			conns <- client
			conns <- server
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		}
	}()
	cut = func() {
		_ = listener.Close()
		for len(conns) > 0 {
			_ = (<-conns).Close()
		}
	}
	return cut, os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
}
