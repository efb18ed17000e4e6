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

const secretService = "org.freedesktop.secrets"

// reachable gives ErrKeyringAbsent when nothing on the session bus keeps secrets. It comes before
// every call, because the D-Bus library would start a bus of its own where there is none, and
// leave it running.
func reachable(ctx context.Context) error {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || address == "autolaunch:" {
		socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if _, err := os.Stat(socket); err != nil || os.Getenv("XDG_RUNTIME_DIR") == "" {
			return fmt.Errorf("%w: no session bus", ErrKeyringAbsent)
		}
		address = "unix:path=" + socket
	}
	bus, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
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

func explainKeyring(err error) error {
	var busErr dbus.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.As(err, &busErr) && busErr.Name == "org.freedesktop.Secret.Error.IsLocked":
		return fmt.Errorf("%w: %w", ErrKeyringLocked, err)
	case errors.As(err, &busErr) && (busErr.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || busErr.Name == "org.freedesktop.Secret.Error.NoSuchObject"):
		return fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
	case err.Error() == "prompt dismissed": // go-keyring has no sentinel for it
		return fmt.Errorf("%w: %w", ErrKeyringLocked, err)
	}
	return fmt.Errorf("keyring: %w", err)
}
