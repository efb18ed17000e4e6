package schedule_test

import (
	"context"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"holdfast/app/schedule"
	"holdfast/backup/testkit"
)

// TestLooksWhenTheMachineWoke: with a stand-in for login1 on a bus of its own, the next look comes
// at once, long before the interval is over.
func TestLooksWhenTheMachineWoke(t *testing.T) {
	address := testkit.Bus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	login, err := dbus.Connect(address)
	if err == nil {
		_, err = login.RequestName("org.freedesktop.login1", dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	looks, ended := make(chan struct{}), make(chan error)
	go func() {
		ended <- schedule.Run(ctx, func(ctx context.Context) {
			select {
			case looks <- struct{}{}:
			case <-ctx.Done():
			}
		})
	}()
	<-looks // the first one, at the start
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for late, done := time.After(schedule.Interval/2), false; !done; { // until somebody listens
		select {
		case <-looks:
			done = true
		case <-again.C:
			if err := login.Emit("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", false); err != nil {
				t.Fatal(err)
			}
		case <-late:
			t.Fatal("no look after the machine woke")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
