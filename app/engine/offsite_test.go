package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestOffsiteFollowsTheRuns lets the days go by over a copy whose place goes away and comes back.
func TestOffsiteFollowsTheRuns(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	p := mirrortest.WebDAV(t)
	d.approve = func(context.Context, backup.Prompt) (string, error) { return "a good passphrase", nil }
	d.with(func(e *engine.Engine) {
		good(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return "a good passphrase", nil }))
		_, err := e.AddOffsite(t.Context(), engine.AddOffsite{Name: "cloud", Place: p.Place, Secret: p.Secret})
		good(t, err)
		d.offsite(e, true, []string{"cloud"}, 0)
	})
	d.approve = nil

	d.sleep(20*time.Hour, 1) // over 02:00
	d.with(func(e *engine.Engine) { d.offsite(e, false, nil, 0) })

	p.Wire.Left.Store(0)
	d.sleep(24*time.Hour, 1)
	d.with(func(e *engine.Engine) { d.offsite(e, true, nil, 1) })
	d.sleep(5*time.Minute, 0)
	d.with(func(e *engine.Engine) { d.offsite(e, true, nil, 2) })
	d.sleep(5*time.Minute, 0)
	d.with(func(e *engine.Engine) { d.offsite(e, true, nil, 2) }) // not yet: the wait doubles
	d.sleep(4*time.Minute, 0)
	d.now = d.now.Add(time.Minute)
	d.with(func(e *engine.Engine) { d.offsite(e, true, []string{"cloud"}, 2) })

	p.Wire.Left.Store(mirrortest.Endless)
	d.sleep(0, 0)
	d.with(func(e *engine.Engine) {
		d.offsite(e, false, nil, 0)
		all, err := e.Offsites(t.Context())
		good(t, err)
		if all[0].Backups != 2 || !all[0].LastSuccess.Equal(d.now) {
			t.Errorf("the copy holds %d backups, of %s", all[0].Backups, all[0].LastSuccess)
		}
	})
}

func good(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err, backup.AsError(err).Err)
	}
}

// sleep lets time pass and runs what is due then, which must be so many backups.
func (d *days) sleep(span time.Duration, backups int) {
	d.t.Helper()
	d.now = d.now.Add(span)
	d.with(func(e *engine.Engine) {
		ran, err := e.RunDue(d.t.Context(), true, 0)
		good(d.t, err)
		for _, r := range ran {
			good(d.t, r.Err)
		}
		if len(ran) != backups {
			d.t.Errorf("%d backups ran, want %d", len(ran), backups)
		}
	})
}

// offsite checks whether the reminder stands, which copies are due, and how often the first one failed.
func (d *days) offsite(e *engine.Engine, reminded bool, due []string, failures int) {
	d.t.Helper()
	reminders, err := e.Reminders(d.t.Context())
	good(d.t, err)
	copying := func(r backup.Reminder) bool {
		return r.Kind == backup.RemindOffsite || r.Kind == backup.RemindSameDisk
	}
	if got := slices.ContainsFunc(reminders, copying); got != reminded {
		d.t.Errorf("the reminder stands: %v, want %v", got, reminded)
	}
	names, err := e.DueOffsite(d.t.Context())
	good(d.t, err)
	if !slices.Equal(names, due) {
		d.t.Errorf("due are %q, want %q", names, due)
	}
	all, err := e.Offsites(d.t.Context())
	good(d.t, err)
	if all[0].Failures != failures {
		d.t.Errorf("%d failures, want %d (%+v)", all[0].Failures, failures, all[0].LastError)
	}
}
