package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/platform"
)

// days is a home whose clock the test moves.
type days struct {
	t     *testing.T
	paths platform.Paths
	now   time.Time

	approve backup.Approver // nil: nobody is there
	battery bool            // the machine runs on it
}

func newDays(t *testing.T) *days {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(path, 0o711); err != nil { // as root, the server's own user passes through
			t.Fatal(err)
		}
	}
	server, err := postgres.StartPrivate(t.Context(), filepath.Join(dir, "server"), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	d := &days{t: t, paths: platform.PathsIn(filepath.Join(dir, "home")), now: time.Date(2031, 3, 1, 12, 0, 0, 0, berlin(t))}
	d.with(func(e *engine.Engine) {
		if _, err := e.InitVault(t.Context(), engine.InitVault{}); err != nil {
			t.Fatal(err)
		}
		s := backup.Sandbox{Name: "shop", Connection: server.Connection("postgres")}
		if _, err := e.AddSandbox(t.Context(), s, engine.PutSandbox{Test: true}); err != nil {
			t.Fatal(err)
		}
	})
	return d
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func (d *days) with(do func(*engine.Engine)) {
	d.t.Helper()
	e, err := engine.Open(d.t.Context(), engine.Options{
		Version: "test", Now: func() time.Time { return d.now }, Zone: d.now.Location(),
		Approve: d.approve, Paths: &d.paths, KeyFile: filepath.Join(d.paths.Home, "key"),
		OnBattery: func(context.Context) bool { return d.battery },
	})
	if err != nil {
		d.t.Fatal(err)
	}
	do(e)
	if err := e.Close(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

// look is what the scheduler does: how many runs came of it.
func (d *days) look() (runs int) {
	d.t.Helper()
	d.with(func(e *engine.Engine) {
		ran, err := e.RunDue(d.t.Context(), true, 0)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, r := range ran {
			if r.Err != nil {
				d.t.Fatal(r.Err)
			}
		}
		runs = len(ran)
	})
	return runs
}

func (d *days) history(deleted bool) (list []backup.Backup) {
	d.t.Helper()
	d.with(func(e *engine.Engine) {
		var err error
		if list, err = e.History(d.t.Context(), backup.Query{Deleted: deleted}); err != nil {
			d.t.Fatal(err)
		}
	})
	return list
}

// TestDaily lives through a month with the clock change in it: one run a day from the moment a
// sandbox is added, a machine that was off catches up once, and seven daily backups are kept.
func TestDaily(t *testing.T) {
	d := newDays(t)
	if d.look() != 1 {
		t.Error("a new sandbox is not backed up at once")
	}
	if d.look() != 0 {
		t.Error("it is backed up twice")
	}
	for range 30 {
		d.now = d.now.AddDate(0, 0, 1)
		if runs := d.look() + d.look(); runs != 1 {
			t.Errorf("%s: %d runs", d.now.Format(time.DateOnly), runs)
		}
	}
	kept := d.history(false)
	if len(kept) != 7 || len(d.history(true)) != 31 {
		t.Errorf("%d backups are kept of %d", len(kept), len(d.history(true)))
	}
	for _, b := range kept {
		if age := d.now.Sub(b.Started); age > 7*24*time.Hour || b.Status != backup.StatusCompleted {
			t.Errorf("kept: %s, %s old", b.Status, age)
		}
	}
	d.now = d.now.AddDate(0, 0, 20) // off for three weeks
	if runs := d.look() + d.look(); runs != 1 {
		t.Errorf("after three weeks: %d runs", runs)
	}
	if newest := d.history(false)[0]; newest.Note != "catches up, 19 earlier runs were missed" {
		t.Errorf("note %q", newest.Note)
	}
	d.now = d.now.AddDate(-3, 0, 0) // the clock goes back by years
	if d.look() > 1 || len(d.history(false)) < 7 {
		t.Error("a clock that was set back makes backups go")
	}
}
