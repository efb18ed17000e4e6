package engine_test

import (
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
)

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestAttendOnceADay: whoever asks, window or command, one life of the program or the next, hears of
// all that needs doing once a day; what is snoozed or dismissed stays away over restarts.
func TestAttendOnceADay(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	d.look()
	attend := func(want ...backup.ReminderKind) {
		t.Helper()
		d.with(func(e *engine.Engine) {
			list, err := e.Attend(t.Context())
			must(t, err)
			var got []backup.ReminderKind
			for _, r := range list {
				got = append(got, r.Kind)
			}
			if len(got) != len(want) {
				t.Fatalf("told of %v, want %v", got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("told of %v, want %v", got, want)
				}
			}
		})
	}
	attend(backup.RemindKit, backup.RemindSameDisk)
	attend()
	d.now = d.now.Add(23 * time.Hour)
	attend()
	d.now = d.now.Add(time.Hour)
	attend(backup.RemindKit, backup.RemindSameDisk)
	d.with(func(e *engine.Engine) {
		_, err := e.Snooze(t.Context(), "kit", 48*time.Hour)
		must(t, err)
		_, err = e.Dismiss(t.Context(), "same-disk")
		must(t, err)
	})
	d.now = d.now.Add(24 * time.Hour)
	attend()
	d.look()
	d.now = d.now.Add(25 * time.Hour)
	attend(backup.RemindKit)
}
