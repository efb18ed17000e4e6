package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
)

// TestBeats: a run shows that its process lives for as long as it runs, and not after.
func TestBeats(t *testing.T) {
	t.Parallel()
	folder := reachable(t)
	server := start(t, folder)
	e := open(t)
	run(t, server, "CREATE DATABASE shop", "postgres")
	_, err := e.InitVault(t.Context(), InitVault{})
	must(t, err)
	var id backup.ID
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: server.Connection("shop"), Before: "true"}, PutSandbox{})
	must(t, err)
	var during time.Time
	e.runner.Hook = func(ctx context.Context, _ string) error { // while the run goes on
		all, err := e.catalog.Backups(ctx, backup.Query{})
		if err != nil || len(all) != 1 || all[0].Status != backup.StatusRunning {
			t.Errorf("in the middle: %+v %v", all, err)
			return err
		}
		for id = all[0].ID; during.IsZero() && err == nil; {
			during, err = e.catalog.LastBeat(ctx, id)
		}
		return err
	}
	b, err := e.CreateBackup(t.Context(), "shop", "", 0)
	must(t, err)
	if during.IsZero() || b.ID != id {
		t.Errorf("the run %s beat at %s", b.ID, during)
	}
	after, err := e.catalog.LastBeat(t.Context(), b.ID)
	if err != nil || !after.IsZero() {
		t.Errorf("it beats after its end: %s %v", after, err)
	}
}

// TestSilentRuns: a run without a sign of life is closed where only the number of its process is
// known, which is another process's by now; where the process is there for certain, or cannot be
// asked for, a person is told what to do.
func TestSilentRuns(t *testing.T) {
	t.Parallel()
	e := open(t)
	_, err := e.InitVault(t.Context(), InitVault{})
	must(t, err)
	number, elsewhere := e.self, e.self
	number.Started, elsewhere.Host = 0, "another"
	put := func(process backup.Process, silent time.Duration) backup.ID {
		b := &backup.Backup{ID: backup.NewID(), Sandbox: "shop", Status: backup.StatusRunning, Started: time.Now(), Process: process}
		must(t, e.catalog.PutBackup(t.Context(), b))
		must(t, e.catalog.Beat(t.Context(), b.ID, time.Now().Add(-silent)))
		return b.ID
	}
	here, there, fresh := put(e.self, time.Hour), put(elsewhere, time.Hour), put(e.self, time.Minute)
	found, err := e.Recover(t.Context())
	must(t, err)
	said := strings.Join(found.Pending, "\n")
	if len(found.Interrupted) != 0 || len(found.Pending) != 2 ||
		!strings.Contains(said, "the backup "+string(here)+" of shop has shown no sign of life since ") ||
		!strings.Contains(said, "is there. If it hangs, end that process: then the run is closed as interrupted.") ||
		!strings.Contains(said, string(there)) || !strings.Contains(said, "ran on another, which cannot be asked from here") || strings.Contains(said, string(fresh)) {
		t.Errorf("found: %+v", found)
	}

	quiet := put(number, time.Minute)
	_, err = e.Recover(t.Context())
	must(t, err)
	if b, err := e.catalog.Backup(t.Context(), quiet); err != nil || b.Status != backup.StatusRunning {
		t.Errorf("a run that beat a minute ago is %s, %v", b.Status, err)
	}
	must(t, e.catalog.Beat(t.Context(), quiet, time.Now().Add(-time.Hour)))
	found, err = e.Recover(t.Context())
	must(t, err)
	if b, err := e.catalog.Backup(t.Context(), quiet); err != nil || b.Status != backup.StatusInterrupted || b.Error == nil || b.Error.Hint == "" {
		t.Errorf("a run without a sign of life is %+v, %v", b, err)
	}
	if len(found.Interrupted) != 1 {
		t.Errorf("found: %+v", found)
	}
	if last, err := e.catalog.LastBeat(t.Context(), quiet); err != nil || !last.IsZero() {
		t.Errorf("its beat is left: %s %v", last, err)
	}
}
