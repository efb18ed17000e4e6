package platform

import "context"

// HasTrayHost says whether something on the desktop shows tray icons. Stock GNOME has nothing.
func HasTrayHost(ctx context.Context) bool {
	bus, err := sessionBus(ctx)
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }() // only asked
	var has bool
	err = bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&has)
	return err == nil && has
}
