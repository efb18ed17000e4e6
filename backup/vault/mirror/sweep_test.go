package mirror_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/studio-b12/gowebdav"

	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestWhatKilledRunsLeftIsSweptUp plants the files that killed runs leave at a place, and those of
// others. The next run removes what is surely left, and nothing else.
func TestWhatKilledRunsLeftIsSweptUp(t *testing.T) {
	t.Parallel()
	all := mirrortest.All(t)
	delete(all, "s3") // takes an object whole or not at all
	delete(all, "versitygw")
	for name, p := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t)
			h := newHome(v)
			put(t, v, noise(1, 1<<20))
			s := connect(t, p, mirror.Options{Create: true})
			h.sync(t, v, s)
			planted := []string{"p/0a.f.tmp.0011223344556677", "p/0a.f-8674665223082153551"}
			trials := []string{"holdfast.probe-0a0b.f", "holdfast.probe-0a0c.f.tmp.0011223344556677"}
			others := []string{"p/0a.f.tmp.00", "p/notes.txt", "notes.txt"}
			for _, name := range slices.Concat(planted, trials, others) {
				ok(t, plant(p, name))
			}

			h.sync(t, v, s) // the run before came to its end: nothing is looked for
			lie(t, p, true, slices.Concat(planted, trials, others)...)
			h.Sweep = true
			h.sync(t, v, s)
			lie(t, p, false, planted...)
			lie(t, p, true, slices.Concat(trials, others)...)
			h.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
			h.sync(t, v, s)
			lie(t, p, false, trials...)
			lie(t, p, true, others...)
			_, err := mirror.Check(t.Context(), s, testKey, time.Now, nil)
			ok(t, err)
		})
	}
}

// lie checks that files lie at a place, or that they do not.
func lie(t *testing.T, p mirrortest.Place, there bool, names ...string) {
	t.Helper()
	for _, name := range names {
		err := find(p, name)
		if (err == nil) != there || err != nil && !errors.Is(err, fs.ErrNotExist) && !gowebdav.IsErrNotFound(err) {
			t.Errorf("%s is there: %v, want %v (%v)", name, err == nil, there, err)
		}
	}
}

// plant writes a file at a place; an SFTP server's is on this machine.
func plant(p mirrortest.Place, name string) error {
	if p.Kind == mirror.WebDAV {
		return gowebdav.NewClient(p.URL, p.User, p.Secret).Write(name, noise(2, 2000), 0o600)
	}
	path := filepath.Join(p.Path, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, noise(2, 2000), 0o600)
}

func find(p mirrortest.Place, name string) error {
	if p.Kind == mirror.WebDAV {
		_, err := gowebdav.NewClient(p.URL, p.User, p.Secret).Stat(name)
		return err
	}
	_, err := os.Stat(filepath.Join(p.Path, name))
	return err
}
