//go:build unix

package engine

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault/mirror"
)

// work is one thing that a process may be killed at, at any moment.
type work struct {
	name    string              // as a victim knows it
	what    string              // for the table
	prepare func() (ref string) // gives the work something to do
	check   func(*tally.Tally)  // what must be true after it, killed or done, beside aftermath
	done    func(*tally.Tally)  // and what after it came through; nil: nothing more
}

// TestKilledAnywhere kills whole processes at random moments of each kind of work. Each time the vault
// opens, every backup in it can be read to the last byte, catalog and vault agree, and nothing is left
// behind; after every fourth death the same work then comes through.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.furnish()
	for _, w := range a.kinds() {
		t.Run(w.name, func(t *testing.T) {
			a.t = t
			a.prune() // what the kind before has piled up
			row := tally.Of(t, "killed anywhere: "+w.what)
			takes := 300 * time.Millisecond // a guess; then as long as it took
			for round := range tally.Rounds(t, 1) {
				v := victim{Work: w.name, Ref: w.prepare(), At: "begin", Within: takes}
				row.Try("any")
				a.kill(v)
				a.recover()
				a.aftermath(row)
				w.check(row)
				if round%4 == 0 {
					takes = a.through(w, row)
				}
				if t.Failed() || row.Over(time.Minute) {
					break
				}
			}
		})
	}
}

// kinds are the kinds of work.
func (a *arena) kinds() []work {
	none := func() string { return "" }
	good := func() string { return string(a.backup) }
	live := func(row *tally.Tally) {
		if got := a.fingerprint("shop"); got != a.bad {
			row.Lost("the live database is %q, before it was %q", got, a.bad)
		}
	}
	return []work{
		{name: "backup", what: "backup of a database", prepare: func() string { a.grow(); return "" }, check: live},
		{name: "media", what: "backup of folders", prepare: func() string { a.furnishFiles(); return "" }, check: live},
		{name: "restore", what: "restore", prepare: good, check: a.restored},
		{name: "delete", what: "deletion", prepare: func() string { return string(a.take()) }, check: live},
		{name: "maintain", what: "maintenance", prepare: func() string { a.litter(); return "" }, check: live},
		{name: "prune", what: "prune", prepare: func() string { a.takes(3); return "" }, check: live},
		{name: "sync", what: "off-site copy", prepare: func() string { a.furnishFiles(); a.takes(1); return "" }, check: a.copied, done: a.swept},
		{name: "drill", what: "drill", prepare: good, check: live},
		{name: "download", what: "download", prepare: good, check: live},
		{name: "rekey", what: "change of the key", prepare: none, check: live},
	}
}

// through does the work undisturbed and looks at what it leaves; it gives the time the work took.
func (a *arena) through(w work, row *tally.Tally) (takes time.Duration) {
	a.t.Helper()
	ref := w.prepare()
	a.with(func(e *Engine) {
		begun := time.Now()
		if err := (victim{Home: a.home(), Work: w.name, Ref: ref}).run(a.t.Context(), e); err != nil {
			row.Lost("the next run: %v | %s", err, backup.AsError(err).Hint)
		}
		takes = time.Since(begun)
	})
	a.recover()
	a.aftermath(row)
	w.check(row)
	if w.done != nil {
		w.done(row)
	}
	return takes
}

// aftermath looks at the vault, the books and the server after anything whatever.
func (a *arena) aftermath(row *tally.Tally) {
	a.t.Helper()
	a.settled()
	a.with(func(e *Engine) {
		checked, err := e.VerifyVault(a.t.Context(), true, 0)
		if err != nil {
			row.Lost("%d backups verified: %v", checked.Backups, err)
		}
		stored, err := e.vault.List(a.t.Context())
		must(a.t, err)
		held := map[backup.ID]bool{}
		for _, s := range stored {
			held[s.Manifest.ID] = true
		}
		all, err := e.History(a.t.Context(), backup.Query{})
		must(a.t, err)
		for _, b := range all {
			switch {
			case b.Status == backup.StatusCompleted && !held[b.ID]:
				row.Lost("the backup %s is listed, and not in the vault", b.ID)
			case b.Status != backup.StatusCompleted && held[b.ID]:
				row.Left("the backup %s in the vault, listed as %s", b.ID, b.Status)
			}
			delete(held, b.ID)
		}
		for id := range held {
			row.Left("the backup %s in the vault, and not in the list", id)
		}
		if !slices.ContainsFunc(stored, func(s backup.Stored) bool { return s.Manifest.ID == a.backup }) {
			row.Lost("the earliest backup")
		}
		if _, err := e.Audit(a.t.Context()); err != nil {
			row.Lost("the audit log: %v", err)
		}
	})
	for _, pattern := range []string{"home/vault/s*", "home/vault/s/*", "home/*.tmp*", "out/.holdfast-*", "out/*.tmp*"} {
		found, err := filepath.Glob(filepath.Join(a.dir, pattern))
		must(a.t, err)
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				continue
			}
			row.Left("%s", path)
		}
	}
}

// restored finds the live database whole, old or new, and damages it again.
func (a *arena) restored(row *tally.Tally) {
	a.t.Helper()
	if got := a.fingerprint("shop"); got != a.good && got != a.bad {
		row.Lost("the live database is %q", got)
	}
	a.damage()
}

// copied reads the whole off-site copy.
func (a *arena) copied(row *tally.Tally) {
	a.t.Helper()
	a.with(func(e *Engine) {
		if _, err := e.TestOffsite(a.t.Context(), "copy", true); err != nil {
			row.Lost("the copy: %v | %s", err, backup.AsError(err).Hint)
		}
	})
}

// swept finds nothing at the copy's place that is no blob.
func (a *arena) swept(row *tally.Tally) {
	a.t.Helper()
	found, err := filepath.Glob(filepath.Join(a.dir, "place", "copy", "*", "*.tmp.*"))
	must(a.t, err)
	for _, path := range found {
		row.Left("%s", path)
	}
}

// grow adds something new to the database that a fingerprint does not look at.
func (a *arena) grow() {
	a.t.Helper()
	a.exec("shop", `CREATE TABLE IF NOT EXISTS noise (v text);
		INSERT INTO noise SELECT md5(random()::text) FROM generate_series(1, 3000)`)
}

// takes makes so many backups that the copy does not have yet, and that the plan does not keep all.
func (a *arena) takes(n int) {
	a.t.Helper()
	a.with(func(e *Engine) {
		_, err := e.Prune(a.t.Context(), "shop", 0)
		must(a.t, err)
		a.keeps(e, 2+n)
		for range n {
			_, err := e.SavePoint(a.t.Context(), "shop", "", "", 0) // it prunes too
			must(a.t, err)
		}
		a.keeps(e, 2)
	})
}

// keeps lets the plan keep so many of each kind.
func (a *arena) keeps(e *Engine, n int) {
	a.t.Helper()
	few := backup.Retention{Newest: n}
	must(a.t, e.SetRetention(a.t.Context(), "shop", backup.RetentionRules{Scheduled: few, OnDemand: few, PreRestore: few}))
}

// litter leaves packs that no backup names, as a killed run does.
func (a *arena) litter() {
	a.t.Helper()
	a.grow()
	a.kill(victim{Work: "backup", At: "at verify"})
}

// prune removes what the plan does not keep.
func (a *arena) prune() {
	a.t.Helper()
	a.with(func(e *Engine) {
		_, err := e.Prune(a.t.Context(), "shop", 0)
		must(a.t, err)
	})
}

// furnish gives the sandbox a folder and the vault a copy.
func (a *arena) furnish() {
	a.t.Helper()
	a.furnishFiles()
	must(a.t, os.Mkdir(filepath.Join(a.dir, "out"), 0o700))
	must(a.t, os.Mkdir(filepath.Join(a.dir, "place"), 0o700))
	a.with(func(e *Engine) {
		s, err := e.Sandbox("shop")
		must(a.t, err)
		s.Media, s.MediaExclude = []string{filepath.Join(a.dir, "files")}, backup.DefaultExclusion()
		_, err = e.EditSandbox(a.t.Context(), s, PutSandbox{})
		must(a.t, err)
		_, err = e.PinBackup(a.t.Context(), string(a.backup), true)
		must(a.t, err)
		a.keeps(e, 2)
		_, err = e.AddOffsite(a.t.Context(), AddOffsite{Name: "copy", Place: mirror.Place{Kind: mirror.Folder, Path: filepath.Join(a.dir, "place", "copy")}})
		must(a.t, err)
		e.FollowOffsite(a.t.Context())
	})
}

// furnishFiles writes the folder anew.
func (a *arena) furnishFiles() {
	a.t.Helper()
	for i := range 60 {
		path := filepath.Join(a.dir, "files", string(rune('a'+i%7)), strings.Repeat("n", i+1))
		must(a.t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(a.t, os.WriteFile(path, []byte(strings.Repeat(rand.Text(), 400)), 0o600))
	}
}
