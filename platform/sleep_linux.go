package platform

import (
	"context"
	"errors"

	"github.com/godbus/dbus/v5"
)

const login1 = "org.freedesktop.login1"

// Woken calls woke each time the machine has woken from sleep, until ctx ends. Timers stand still
// while it sleeps. It fails where login1 cannot be heard; then nothing is ever called.
func Woken(ctx context.Context, woke func()) error {
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	// Before anybody sends it the name need not be taken: the match holds for whoever takes it.
	err = bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(login1), dbus.WithMatchInterface(login1+".Manager"),
		dbus.WithMatchMember("PrepareForSleep"), dbus.WithMatchObjectPath("/org/freedesktop/login1"))
	if err != nil {
		return errors.Join(err, bus.Close())
	}
	signals := make(chan *dbus.Signal, 4)
	bus.Signal(signals)
	go func() {
		for s := range signals { // closed with the bus, which ends with ctx
			if begins, ok := first[bool](s.Body); ok && !begins && s.Name == login1+".Manager.PrepareForSleep" {
				woke()
			}
		}
	}()
	return nil
}

// first gives the first value of a message, if it is of that type.
func first[T any](body []any) (value T, ok bool) {
	if len(body) > 0 {
		value, ok = body[0].(T)
	}
	return value, ok
}
