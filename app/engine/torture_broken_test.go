//go:build unix

package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// TestTargetTooBrokenToSave damages the live database on the server's disk, so that no backup of it can
// be taken. A restore says how to go on without one; then it goes through, and what it replaced is
// kept until a person drops it.
func TestTargetTooBrokenToSave(t *testing.T) {
	t.Parallel()
	tally.Of(t, "damage: the live database itself").Try("the moments in the test")
	for _, table := range []string{"item", "toasted"} {
		a := newArena(t, tortureSQL+`;
			CREATE TABLE toasted (v text);
			ALTER TABLE toasted ALTER v SET STORAGE EXTERNAL;
			INSERT INTO toasted SELECT repeat(md5(n::text), 500) FROM generate_series(1, 50) AS n`)
		good := a.fingerprint("shop")
		b := a.take()
		a.scribble(table)
		a.with(func(e *Engine) {
			rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(b)})
			if err == nil || !strings.Contains(backup.AsError(err).Hint, "--unsaved") || rec.Status != backup.StatusFailed {
				t.Errorf("%s: %v | %+v", table, err, rec)
			}
			t.Log(err, "|", backup.AsError(err).Hint)
		})
		a.settled()
		var rec *backup.Restore
		a.with(func(e *Engine) {
			var err error
			rec, err = e.Restore(t.Context(), RestoreRequest{Ref: string(b), Unsaved: true})
			must(t, err)
		})
		if !rec.Unsaved || rec.PreRestore != "" || rec.Replaced == "" {
			t.Errorf("the restore: %+v", rec)
		}
		a.whole(good)
		if gone := a.expire(); len(gone) != 0 {
			t.Errorf("expired: %+v", gone)
		}
		a.settled()
		a.undo(rec.ID)
		if got := a.text("shop", "SELECT v FROM state"); got != "good" {
			t.Errorf("the broken one is not back: %s", got)
		}
	}
}

// scribble writes over the file of a table of the shop, or of what it stores out of line.
func (a *arena) scribble(table string) {
	a.t.Helper()
	a.exec("shop", "CHECKPOINT")
	path := a.text("shop", `SELECT pg_relation_filepath(CASE WHEN relname = 'toasted' THEN reltoastrelid ELSE oid END) FROM pg_class WHERE relname = '`+table+"'")
	must(a.t, a.server.Stop(a.t.Context()))
	f, err := os.OpenFile(filepath.Join(a.dir, "server", "data", path), os.O_WRONLY, 0)
	must(a.t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("rust", 2048)), 2*8192)
	must(a.t, err)
	must(a.t, f.Close())
	a.restart()
}
