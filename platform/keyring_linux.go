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
	defer bus.Close() //nolint:errcheck // only asked
	for _, method := range []string{"ListNames", "ListActivatableNames"} {
		var names []string
		err := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+method, 0).Store(&names)
		if err == nil && slices.Contains(names, secretService) {
			return nil
		}
	}
	return fmt.Errorf("%w: nobody on the session bus keeps secrets", ErrKeyringAbsent)
}

// sessionBus connects to the session bus that is there, and starts none.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || address == "autolaunch:" {
		runtime := os.Getenv("XDG_RUNTIME_DIR")
		socket := filepath.Join(runtime, "bus")
		if _, err := os.Stat(socket); err != nil || runtime == "" {
			return nil, fmt.Errorf("%w: no session bus", ErrKeyringAbsent)
		}
		address = "unix:path=" + socket
	}
	bus, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
	}
	return bus, nil
}

// explainKeyring says what an error of the keyring means. A locked one answers in many ways,
// each prompter its own: so it is asked whether it is locked.
func explainKeyring(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case locked(ctx):
		return fmt.Errorf("%w: %w", ErrKeyringLocked, err)
	}
	var busErr dbus.Error
	if errors.As(err, &busErr) && (busErr.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || busErr.Name == "org.freedesktop.Secret.Error.NoSuchObject") {
		return fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
	}
	return fmt.Errorf("keyring: %w", err)
}

// locked says whether the collection that secrets go to is locked.
func locked(ctx context.Context) bool {
	bus, err := sessionBus(ctx)
	if err != nil {
		return false
	}
	defer bus.Close() //nolint:errcheck // only asked
	for _, name := range []string{"login", "default"} {
		var path dbus.ObjectPath
		err := bus.Object(secretService, secretsPath).CallWithContext(ctx, "org.freedesktop.Secret.Service.ReadAlias", 0, name).Store(&path)
		if err != nil || len(path) < 2 {
			continue
		}
		property, err := bus.Object(secretService, path).GetProperty("org.freedesktop.Secret.Collection.Locked")
		if is, ok := property.Value().(bool); err == nil && ok {
			return is
		}
	}
	return false
}
