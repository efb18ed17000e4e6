package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

const (
	busEnv        = "DBUS_SESSION_BUS_ADDRESS"
	secretService = "org.freedesktop.secrets"
	secretsPath   = "/org/freedesktop/secrets"
)

// reachable gives ErrKeyringAbsent when nothing on the session bus keeps secrets. It comes before
// every call, because the D-Bus library would start a bus of its own where there is none, and
// leave it running.
func reachable(ctx context.Context) error {
	bus, err := sessionBus(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }() // only asked
	for _, method := range []string{"ListNames", "ListActivatableNames"} {
		var names []string
		err := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+method, 0).Store(&names)
		if err == nil && slices.Contains(names, secretService) {
			return nil
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w, or its bus does not answer: %w", ErrKeyringLocked, ctx.Err())
	}
	return fmt.Errorf("%w: nobody on the session bus keeps secrets", ErrKeyringAbsent)
}

// sessionBus connects to the session bus that is there, and starts none. A bus that does not
// answer while ctx lasts counts as locked: there may be a keyring behind it.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	address := os.Getenv(busEnv)
	if address == "" || address == "autolaunch:" {
		runtime := os.Getenv("XDG_RUNTIME_DIR")
		socket := filepath.Join(runtime, "bus")
		if _, err := os.Stat(socket); err != nil || runtime == "" {
			return nil, fmt.Errorf("%w: no session bus", ErrKeyringAbsent)
		}
		address = "unix:path=" + dbus.EscapeBusAddressValue(socket)
		// The keyring's library looks in /run/user only, and starts a bus when there is none.
		if err := os.Setenv(busEnv, address); err != nil {
			return nil, err
		}
	}
	bus, err := dbus.Connect(address, dbus.WithContext(ctx))
	switch {
	case err == nil:
		return bus, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w, or its bus does not answer: %w", ErrKeyringLocked, ctx.Err())
	}
	return nil, fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
}

// explainKeyring says what an error of the keyring means. A locked one answers in many ways,
// each prompter its own, and so does one without a collection: so it is looked at.
func explainKeyring(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	if trouble := usable(ctx); trouble != nil {
		return fmt.Errorf("%w: %w", trouble, err)
	}
	var busErr dbus.Error
	if errors.As(err, &busErr) && (busErr.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || busErr.Name == "org.freedesktop.Secret.Error.NoSuchObject") {
		return fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
	}
	return fmt.Errorf("keyring: %w", err)
}

// usable gives ErrKeyringLocked when the collection that secrets go to is locked, and
// ErrKeyringAbsent when there is none, as where nobody ever logged in to a desktop.
func usable(ctx context.Context) error {
	bus, err := sessionBus(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }() // only asked
	for _, name := range []string{"login", "default"} {
		var path dbus.ObjectPath
		err := bus.Object(secretService, secretsPath).CallWithContext(ctx, "org.freedesktop.Secret.Service.ReadAlias", 0, name).Store(&path)
		if err != nil {
			return nil // it does not say
		}
		if len(path) < 2 {
			continue
		}
		property, err := bus.Object(secretService, path).GetProperty("org.freedesktop.Secret.Collection.Locked")
		if is, ok := property.Value().(bool); err == nil && ok && is {
			return ErrKeyringLocked
		}
		return nil
	}
	return fmt.Errorf("%w: it has no collection", ErrKeyringAbsent)
}
