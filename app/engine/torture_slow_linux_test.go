package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// changeBulkSQL changes every row of bulkSQL's.
const changeBulkSQL = "UPDATE bulk SET noise = sha512(noise) || sha512(noise || 'x'::bytea)"

// newSlow is an arena whose vault is on a mount that answers slowly. What is done there lies in the
// folder disk, and nothing in the folder below the mount.
func newSlow(t *testing.T) (*arena, *slowMount) {
	t.Helper()
	dir := filepath.Dir(reachable(t))
	vault, disk := filepath.Join(dir, "home", "vault"), filepath.Join(dir, "disk")
	for _, path := range []string{filepath.Dir(vault), vault, disk} {
		must(t, os.MkdirAll(path, 0o700))
	}
	t.Cleanup(func() {
		if below, err := os.ReadDir(vault); err != nil || len(below) > 0 {
			t.Errorf("below the mount lies %v, %v", below, err)
		}
	})
	m := mountSlowly(t, disk, vault)
	a := newArenaIn(t, dir, bulkSQL)
	m.slow(2 * time.Millisecond)
	return a, m
}

// TestSlowVault puts the vault on a mount that takes its time for each answer: everything works, only more
// slowly, and nothing is written elsewhere.
func TestSlowVault(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "the vault's mount is slow: all that is done with it")
	a, _ := newSlow(t)
	var one backup.ID
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"backup", func() { one = a.take() }},
		{"list", func() { a.keepsOne(one) }},
		{"verify", func() { a.verified(one) }},
		{"drill", func() {
			a.with(func(e *Engine) {
				_, err := e.VerifyBackup(t.Context(), string(one), true, 0)
				must(t, err)
			})
		}},
		{"restore", func() { a.mark("two"); a.restore(one); a.is("one") }},
		{"delete", func() { a.remove(a.take()) }},
		{"maintain", func() {
			a.with(func(e *Engine) {
				_, err := e.MaintainVault(t.Context(), 0)
				must(t, err)
			})
		}},
		{"attach", func() {
			a.lose()
			a.recover()
			a.keepsOne(one)
		}},
	} {
		row.Try(step.what)
		step.do()
		if t.Failed() {
			t.Fatalf("after %s", step.what)
		}
	}
	a.settled()
}

// keepsOne checks that the vault itself names a backup.
func (a *arena) keepsOne(id backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		all, err := e.History(a.t.Context(), backup.Query{})
		must(a.t, err)
		status, err := e.VaultStatus(a.t.Context())
		if must(a.t, err); status.Backups == 0 {
			a.t.Errorf("the vault holds %+v", status)
		}
		for _, b := range all {
			if b.ID == id && b.Status == backup.StatusCompleted {
				return
			}
		}
		a.t.Errorf("%s is not listed", id)
	})
}

// TestSlowVaultFallsSilent lets the mount answer nothing for a while in the middle of a backup: whoever
// asks for what does not lie in the vault is answered meanwhile, and the backup goes on afterwards.
func TestSlowVaultFallsSilent(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "the vault's mount answers nothing for a while")
	a, m := newSlow(t)
	one := a.take()
	a.exec("shop", changeBulkSQL)
	for _, at := range []string{"at tables", "at verify"} {
		row.Try(at)
		var heard chan struct{}
		a.during(at, func() {
			heard = make(chan struct{})
			go func() {
				defer close(heard)
				m.silent()
				defer m.answer()
				a.answers(one)
			}()
		}, func(e *Engine) {
			b, err := e.CreateBackup(t.Context(), "shop", "", 0)
			if err != nil || b.Status != backup.StatusCompleted {
				t.Errorf("%s: %v, %+v", at, err, b)
			}
		})
		<-heard
	}
	a.settled()
}

// answers asks for all that is known without the vault.
func (a *arena) answers(one backup.ID) {
	e, err := Open(a.t.Context(), tortureOptions(a.home(), nil))
	if err != nil {
		a.t.Errorf("open: %v", err)
		return
	}
	for what, ask := range map[string]func(context.Context) error{
		"history": func(ctx context.Context) error { _, err := e.ListBackups(ctx, backup.Query{}); return err },
		"show":    func(ctx context.Context) error { _, err := e.ShowBackup(ctx, string(one)); return err },
		"plans":   func(ctx context.Context) error { _, err := e.Plans(ctx); return err },
		"alarms":  func(ctx context.Context) error { _, err := e.Alarms(ctx); return err },
		"days":    func(ctx context.Context) error { _, err := e.Days(ctx, 30); return err },
		"places":  func(ctx context.Context) error { _, err := e.Offsites(ctx); return err },
		"undo":    func(ctx context.Context) error { _, err := e.Restores(ctx); return err },
	} {
		if err := ask(a.t.Context()); err != nil {
			a.t.Errorf("%s: %v", what, err)
		}
	}
	if err := e.Close(context.Background()); err != nil {
		a.t.Errorf("close: %v", err)
	}
}

// TestAuditOfSilentVault: while the vault's mount answers nothing, the audit log is shown, and what could not
// be checked is said.
func TestAuditOfSilentVault(t *testing.T) {
	t.Parallel()
	a, m := newSlow(t)
	a.take()
	var said []string
	opts := tortureOptions(a.home(), nil)
	opts.Warn = func(text string) { said = append(said, text) }
	e, err := Open(t.Context(), opts)
	must(t, err)
	before, err := e.Audit(t.Context())
	if err != nil || len(before) == 0 || len(said) > 0 {
		t.Fatalf("%d entries, %q: %v", len(before), said, err)
	}
	must(t, e.Close(t.Context())) // what an engine has open, it would not ask for
	e, err = Open(t.Context(), opts)
	must(t, err)
	m.ask("silent")
	silent, err := e.Audit(t.Context())
	if err := e.Close(t.Context()); err != nil {
		t.Errorf("close: %v", err)
	}
	m.answer()
	if err != nil || len(silent) != len(before) || len(said) != 1 || !strings.Contains(said[0], "does not answer") {
		t.Errorf("%d entries, %q: %v", len(silent), said, err)
	}
}

// TestSlowVaultCancelled cancels a backup while the mount is silent. Once it answers again, the backup ends
// where it was, and gives back all of its space.
func TestSlowVaultCancelled(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "the vault's mount is slow: cancelled")
	a, m := newSlow(t)
	one := a.take()
	a.remove(a.take()) // makes the vault's reserve
	for _, at := range []string{"at tables", "at verify"} {
		row.Try(at)
		before := a.vaultBytes()
		a.exec("shop", changeBulkSQL)
		ctx, cancel := context.WithCancel(t.Context())
		a.during(at, func() {
			go func() {
				m.silent()
				cancel()
				m.answer()
			}()
		}, func(e *Engine) {
			b, err := e.CreateBackup(ctx, "shop", "", 0)
			if backup.KindOf(err) != backup.Cancelled || b == nil || b.Status != backup.StatusCancelled {
				t.Errorf("%s: %v, %+v", at, err, b)
			}
		})
		if after := a.vaultBytes(); after > before+1<<20 {
			row.Left("%s: %d bytes of the cancelled backup", at, after-before)
		}
		a.settled()
	}
	a.verified(one)
	a.take()
}

func (a *arena) vaultBytes() (n int64) {
	a.t.Helper()
	a.with(func(e *Engine) {
		var err error
		n, err = e.VaultBytes()
		must(a.t, err)
	})
	return n
}

// TestSlowVaultKilled kills what works on a slow mount: see promise 3.
func TestSlowVaultKilled(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "the vault's mount is slow: killed")
	a, _ := newSlow(t)
	one := a.take()
	victims := []victim{
		{Work: "backup", At: "at verify"}, {Work: "restore", Ref: string(one), At: "at tables"}, {Work: "delete", At: "delete"},
		{Work: "backup", At: "at tables"}, {Work: "restore", Ref: string(one), At: "at saving: tables"}, {Work: "maintain", At: "begin"},
	}
	for round := range tally.Rounds(t, 3) {
		if round >= len(victims) && row.Over(roundsTime) {
			break
		}
		v := victims[round%len(victims)]
		if v.Work == "delete" {
			v.Ref = string(a.take())
		}
		v.Within = spread(round + 1)
		row.Try(v.Work + " " + v.At)
		a.exec("shop", changeBulkSQL)
		a.kill(v)
		a.recover()
		a.settled()
		a.with(func(e *Engine) {
			if checked, err := e.VerifyVault(t.Context(), true, 0); err != nil {
				row.Lost("%s %s: %d backups verified: %v", v.Work, v.At, checked.Backups, err)
			}
		})
		a.take()
	}
	a.restore(one)
	a.is("one")
}
