package platform

import (
	"context"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

// systemBus is where the system's bus listens. The environment is not asked: whoever starts the
// program chooses it, and could answer in the place of polkit.
const systemBus = "unix:path=/run/dbus/system_bus_socket"

// polkitInteractive lets polkit ask the person, by the agent of the desktop.
const polkitInteractive = uint32(1)

type polkitSubject struct {
	Kind    string
	Details map[string]dbus.Variant
}

type polkitResult struct {
	Authorized, Challenge bool
	Details               map[string]string
}

// polkitAction is one row of EnumerateActions.
type polkitAction struct {
	ID, Description, Message, VendorName, VendorURL, Icon string
	Any, Inactive, Active                                 uint32
	Annotations                                           map[string]string
}

func (p Polkit) authority(ctx context.Context) (*dbus.Conn, dbus.BusObject, error) {
	address := p.Bus
	if address == "" {
		address = systemBus
	}
	bus, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return nil, nil, fmt.Errorf("the system's bus: %w", err)
	}
	return bus, bus.Object("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority"), nil
}

// Installed says whether polkit is there and knows the action.
func (p Polkit) Installed(ctx context.Context, action string) bool {
	bus, authority, err := p.authority(ctx)
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }() // only asked
	var actions []polkitAction
	if err := authority.CallWithContext(ctx, "org.freedesktop.PolicyKit1.Authority.EnumerateActions", 0, "").Store(&actions); err != nil {
		return false
	}
	for _, a := range actions {
		if a.ID == action {
			return true
		}
	}
	return false
}

// Authorize lets polkit ask the person at this machine, and waits for the answer. No is
// ErrNotAuthorized.
func (p Polkit) Authorize(ctx context.Context, action string) error {
	started, err := startTime(os.Getpid())
	if err != nil {
		return err
	}
	bus, authority, err := p.authority(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }() // only asked
	subject := polkitSubject{"unix-process", map[string]dbus.Variant{
		"pid":        dbus.MakeVariant(uint32(os.Getpid())),
		"start-time": dbus.MakeVariant(uint64(started)),
		"uid":        dbus.MakeVariant(int32(os.Getuid())),
	}}
	var result polkitResult
	err = authority.CallWithContext(ctx, "org.freedesktop.PolicyKit1.Authority.CheckAuthorization", 0,
		subject, action, map[string]string{}, polkitInteractive, "").Store(&result)
	if err != nil {
		return fmt.Errorf("polkit: %w", err)
	}
	if !result.Authorized {
		return ErrNotAuthorized
	}
	return nil
}
