package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/plan"
)

// TestDownloadsOverDays lets the scheduler write downloads for days with a clock change, a policy
// that denies them, a folder that is away and a clock that ran ahead.
func TestDownloadsOverDays(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	phrase := "four quiet words here"
	d.approve = func(context.Context, backup.Prompt) (string, error) { return phrase, nil }
	folder := filepath.Join(t.TempDir(), "out")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err, backup.AsError(err).Hint)
		}
	}
	must(os.Mkdir(folder, 0o700))
	files := func() int {
		entries, err := os.ReadDir(folder)
		must(err)
		return len(entries)
	}
	keep, every := 3, 24*time.Hour
	d.with(func(e *engine.Engine) {
		must(e.SetPassphrase(t.Context(), nil, func() (string, error) { return phrase, nil }))
		s, err := plan.Parse("every 12h")
		must(errors.Join(err, e.SetSchedule(t.Context(), "shop", s)))
		must(e.SetDownloads(t.Context(), "shop", engine.SetDownloads{Folder: &folder, Keep: &keep, Every: &every}))
	})
	d.now = time.Date(2031, 3, 28, 12, 0, 0, 0, berlin(t))
	d.look()
	if files() != 1 {
		t.Fatalf("%d files after the first run", files())
	}
	for range 4 {
		d.now = d.now.Add(12 * time.Hour)
		d.look()
	}
	if files() != 3 { // two days on
		t.Errorf("%d files after two days", files())
	}
	newest := func() (path string) {
		d.with(func(e *engine.Engine) {
			p, err := e.DownloadPlan(t.Context(), "shop")
			must(err)
			path = p.Files[len(p.Files)-1]
		})
		return path
	}
	for range 2 {
		before := newest()
		for range 2 {
			d.now = d.now.Add(12*time.Hour - time.Second)
			d.look()
		}
		if newest() == before || files() != keep {
			t.Errorf("a day of seconds too few was left out, or %d files are kept", files())
		}
	}
	policy := func(decision backup.Decision) {
		d.with(func(e *engine.Engine) { must(e.SetPolicy(t.Context(), "shop", backup.ActionExport, decision)) })
	}
	before := newest()
	policy(backup.Deny)
	d.now = d.now.Add(24 * time.Hour)
	d.fails(backup.Refused, "the policy of the sandbox denies it")
	if newest() != before {
		t.Error("what the policy denies was written")
	}
	policy(backup.Ask)
	d.now = d.now.Add(10 * time.Minute)
	d.look()
	if newest() != before {
		t.Error("it was tried again at once")
	}
	must(os.Rename(folder, folder+".away"))
	d.now = d.now.Add(time.Hour)
	d.fails(backup.Unreachable, "cannot be used")
	if _, err := os.Stat(folder); err == nil {
		t.Error("a folder that is away was made anew")
	}
	must(os.Rename(folder+".away", folder))
	d.now = d.now.Add(time.Hour)
	d.look()
	if newest() == before {
		t.Error("what failed was not made up for")
	}
	before = newest()
	d.now = d.now.AddDate(-2, 0, 0)
	d.look()
	if newest() == before || files() != keep {
		t.Errorf("after the clock ran ahead: %d files, the newest %s", files(), newest())
	}
}

// fails is what the scheduler does when a download cannot be written: what else is due is done all the same.
func (d *days) fails(kind backup.Kind, says string) {
	d.t.Helper()
	d.with(func(e *engine.Engine) {
		ran, err := e.RunDue(d.t.Context(), true, 0)
		if err != nil {
			d.t.Fatal(err)
		}
		for i, r := range ran {
			if download := i == len(ran)-1; download != (r.Err != nil) {
				d.t.Errorf("%s: %v", r.Sandbox, r.Err)
			}
		}
		if last := ran[len(ran)-1]; last.Backup != nil || backup.KindOf(last.Err) != kind || !strings.Contains(last.Err.Error(), "shop was not written into") || !strings.Contains(last.Err.Error(), says) {
			d.t.Errorf("the download: %v (%s)", last.Err, backup.KindOf(last.Err))
		}
	})
}

// TestKeyChangedElsewhere changes the recovery key while another engine has the vault open.
func TestKeyChangedElsewhere(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	phrase := "four quiet words here"
	d.approve = func(context.Context, backup.Prompt) (string, error) { return phrase, nil }
	d.with(func(window *engine.Engine) {
		if _, err := window.CreateBackup(t.Context(), "shop", "", 0); err != nil {
			t.Fatal(err)
		}
		d.with(func(command *engine.Engine) {
			if err := command.SetPassphrase(t.Context(), nil, func() (string, error) { return phrase, nil }); err != nil {
				t.Fatal(err)
			}
			if _, err := command.ChangeRecoveryKey(t.Context(), engine.ChangeKey{Shown: true}); err != nil {
				t.Fatal(err)
			}
		})
		d.now = d.now.Add(time.Hour)
		if _, err := window.CreateBackup(t.Context(), "shop", "", 0); err != nil {
			t.Fatal(err)
		}
		if log, err := window.Audit(t.Context()); err != nil || len(log) == 0 {
			t.Errorf("audit: %v", err)
		}
		if status, err := window.VaultStatus(t.Context()); err != nil || status.Backups != 2 {
			t.Errorf("%d backups, %v", status.Backups, err)
		}
	})
}
