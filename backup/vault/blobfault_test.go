package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault"
)

// faulty is a vault with two backups that share nothing, of which copies are damaged.
type faulty struct {
	o      vault.Options
	older  string // the folder as it was before the second backup
	shared []string
	young  []string // files that came with the second backup
	ids    [2]backup.ID
	parts  [2]map[string][]byte
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	f := &faulty{o: options(t), older: filepath.Join(t.TempDir(), "older")}
	v, err := vault.Create(t.Context(), f.o, testKey)
	ok(t, err)
	for i := range f.ids {
		f.parts[i] = map[string][]byte{"data/1.copy": noise(uint64(10+i), 300_000), "data/2.copy": noise(uint64(20+i), 40_000)}
		f.ids[i] = put(t, v, "shop", f.parts[i]).Manifest.ID
		if i == 0 {
			ok(t, os.CopyFS(f.older, os.DirFS(f.o.Path)))
		}
	}
	ok(t, v.Close(t.Context()))
	for name := range files(t, f.o.Path) {
		if _, err := os.Stat(filepath.Join(f.older, name)); err == nil {
			f.shared = append(f.shared, name)
		} else {
			f.young = append(f.young, name)
		}
	}
	slices.Sort(f.shared)
	slices.Sort(f.young)
	return f
}

// blobKind is the letter or the name that says what a file of a vault is.
func blobKind(name string) string {
	if dir := filepath.Dir(name); dir != "." {
		return dir
	}
	return name
}

// faults damage the file at path; another is a file of the same kind, older the same file before.
var faults = map[string]func(path string, whole, another, older []byte) error{
	"torn":    func(path string, whole, _, _ []byte) error { return os.Truncate(path, int64(len(whole)/2)) },
	"empty":   func(path string, _, _, _ []byte) error { return os.Truncate(path, 0) },
	"missing": func(path string, _, _, _ []byte) error { return os.Remove(path) },
	"flipped": func(path string, whole, _, _ []byte) error {
		bad := bytes.Clone(whole)
		if len(bad) > 0 {
			bad[len(bad)/2] ^= 1
		}
		return os.WriteFile(path, bad, 0o600)
	},
	"longer": func(path string, whole, _, _ []byte) error {
		return os.WriteFile(path, append(bytes.Clone(whole), "more"...), 0o600)
	},
	"swapped": func(path string, whole, another, _ []byte) error {
		if another == nil {
			another = bytes.Repeat([]byte("x"), len(whole))
		}
		return os.WriteFile(path, another, 0o600)
	},
	"replayed": func(path string, whole, _, older []byte) error {
		if older == nil {
			older = whole
		}
		return os.WriteFile(path, older, 0o600)
	},
}

// TestBlobFaults damages one file of each kind in each way. No wrong byte is ever given out; what
// cannot be given out is found by a full check, which names the backup; what the file has nothing to do
// with is given out; and the next backup works, or says why not.
func TestBlobFaults(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	row := tally.Of(t, "every kind of file in the vault: torn, empty, missing, flipped, longer, swapped, replayed")
	quick, seen := os.Getenv(tally.RoundsEnv) == "", map[string]bool{}
	for _, name := range append(slices.Clone(f.young), f.shared...) {
		if seen[blobKind(name)] && (quick || row.Over(0)) {
			continue // one of each kind, and a third of the faults; for long, every file
		}
		seen[blobKind(name)] = true
		for i, how := range slices.Sorted(maps.Keys(faults)) {
			if quick && (i+len(seen))%3 != 0 {
				continue
			}
			harm := faults[how]
			t.Run(how+" "+blobKind(name), func(t *testing.T) {
				row.Try(how + " " + blobKind(name))
				o := f.copied(t)
				path := filepath.Join(o.Path, name)
				whole, err := os.ReadFile(path)
				ok(t, err)
				old, _ := os.ReadFile(filepath.Join(f.older, name)) // nil: it came later
				ok(t, harm(path, whole, f.another(t, name), old))
				f.survives(t, row, o, slices.Contains(f.young, name))
			})
		}
	}
	for _, planted := range []string{"p/1.f", "q/1.f", "x/1.f", "s/1.f", "n/1.f", "l/1.f", "_/log_1.f", "_log_1.f", "kopia.maintenance.f", "p/x.f.tmp.0123"} {
		t.Run("planted "+planted, func(t *testing.T) {
			row.Try("planted " + planted)
			o := f.copied(t)
			path := filepath.Join(o.Path, planted)
			ok(t, os.MkdirAll(filepath.Dir(path), 0o700))
			ok(t, os.WriteFile(path, noise(99, 500), 0o600))
			f.survives(t, row, o, true)
		})
	}
}

func (f *faulty) copied(t *testing.T) vault.Options {
	t.Helper()
	o := f.o
	dir := t.TempDir()
	o.Path, o.ConfigFile = filepath.Join(dir, "vault"), filepath.Join(dir, "home", "kopia.config")
	ok(t, os.CopyFS(o.Path, os.DirFS(f.o.Path)))
	return o
}

// another gives a file of the same kind as name, nil when there is none.
func (f *faulty) another(t *testing.T, name string) []byte {
	t.Helper()
	for _, other := range slices.Concat(f.shared, f.young) {
		if other != name && blobKind(other) == blobKind(name) {
			text, err := os.ReadFile(filepath.Join(f.o.Path, other))
			ok(t, err)
			return text
		}
	}
	return nil
}

// survives looks at a damaged vault. With apart, the damage has nothing to do with the first backup.
func (f *faulty) survives(t *testing.T, row *tally.Tally, o vault.Options, apart bool) {
	t.Helper()
	v, err := vault.Open(t.Context(), o, testKey)
	if err != nil {
		clear(t, err)
		if apart {
			row.Lost("%s: the vault stays shut: %v", t.Name(), err)
		}
		t.Logf("the vault stays shut: %v | %s", err, backup.AsError(err).Hint)
		return
	}
	defer func() { ok(t, v.Close(context.Background())) }()
	results, err := v.VerifyAll(t.Context(), true, 0, nil)
	if err != nil {
		clear(t, err)
		t.Logf("the check says: %v", err)
	}
	for i, id := range f.ids {
		trouble := f.reads(t, row, v, i)
		if trouble == nil {
			continue
		}
		clear(t, trouble)
		t.Logf("backup %d: %v", i+1, trouble)
		if err == nil && results[id] == nil {
			if _, listed := results[id]; listed { // what is not listed any more the catalog misses
				row.Lost("%s: a full check finds nothing wrong with backup %d, which says %v", t.Name(), i+1, trouble)
			}
		}
		if apart && i == 0 {
			row.Lost("%s: the other backup: %v", t.Name(), trouble)
		}
	}
	f.goesOn(t, row, v)
}

// goesOn takes a backup; where that is not refused, it can be read, and so can what could be before.
func (f *faulty) goesOn(t *testing.T, row *tally.Tally, v *vault.Vault) {
	t.Helper()
	before := [2]error{f.reads(t, row, v, 0), f.reads(t, row, v, 1)}
	next := map[string][]byte{"data/1.copy": noise(77, 50_000)}
	w, err := v.Write(t.Context(), 0)
	if err == nil {
		if err = writePart(t.Context(), w, "data/1.copy", next["data/1.copy"]); err != nil {
			err = errors.Join(err, w.Abort(t.Context()))
		} else {
			var stored backup.Stored
			if stored, err = w.Commit(t.Context(), newManifest("shop", next)); err == nil {
				same(t, v, stored.Manifest.ID, next)
			}
		}
	}
	if err != nil {
		clear(t, err)
		t.Logf("the next backup: %v", err)
	}
	for i := range before {
		if now := f.reads(t, row, v, i); before[i] == nil && now != nil {
			row.Lost("%s: after the next backup, backup %d: %v", t.Name(), i+1, now)
		}
	}
}

// reads reads a backup and compares it to the last byte; the error says why it cannot be read.
func (f *faulty) reads(t *testing.T, row *tally.Tally, v *vault.Vault, i int) error {
	t.Helper()
	r, err := v.Read(t.Context(), f.ids[i], 0)
	if err != nil {
		return err
	}
	defer func() { ok(t, r.Close()) }()
	for name, want := range f.parts[i] {
		in, err := r.Open(t.Context(), name)
		if err != nil {
			return err
		}
		got, err := io.ReadAll(in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			row.Lost("%s: %s of backup %d has wrong bytes", t.Name(), name, i+1)
		}
	}
	return nil
}

// clear wants an error that has a kind, a cause and a remedy.
func clear(t *testing.T, err error) {
	t.Helper()
	known := backup.AsError(err)
	if known.Hint == "" || known.Kind == backup.Failed && !strings.Contains(known.Text, "disk") {
		t.Errorf("no clear error: %s %q, cause %v, hint %q", known.Kind, known.Text, known.Err, known.Hint)
	}
}
