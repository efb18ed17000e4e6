package vault_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault"
)

func TestWrongKey(t *testing.T) {
	o := options(t)
	create(t, o)
	_, err := vault.Open(t.Context(), o, "ANOTHER-KEY")
	refused(t, err, backup.Damaged, "the key does not open this vault")
	open(t, o)
}

func TestNoVault(t *testing.T) {
	o := options(t)
	_, err := vault.Open(t.Context(), o, testKey)
	refused(t, err, backup.Unreachable, "no vault at "+o.Path)
	ok(t, os.MkdirAll(o.Path, 0o700))
	_, err = vault.Open(t.Context(), o, testKey)
	refused(t, err, backup.Unreachable, "no vault at "+o.Path)
}

func TestCreateRefuses(t *testing.T) {
	o := options(t)
	ok(t, os.MkdirAll(o.Path, 0o700))
	note := filepath.Join(o.Path, "thesis.txt")
	ok(t, os.WriteFile(note, []byte("mine"), 0o600))
	_, err := vault.Create(t.Context(), o, testKey)
	refused(t, err, backup.Refused, "is not empty")
	if _, err := os.Stat(note); err != nil {
		t.Error("a file that was there is gone")
	}
	ok(t, os.Remove(note))
	create(t, o)
	_, err = vault.Create(t.Context(), o, testKey)
	refused(t, err, backup.Refused, "holds a vault already")
	open(t, o)

	o = options(t)
	ok(t, os.WriteFile(o.Path, nil, 0o600))
	_, err = vault.Create(t.Context(), o, testKey)
	refused(t, err, backup.Unreachable, "cannot be made")
}

func TestConfigIsRemade(t *testing.T) {
	o := options(t)
	v := create(t, o)
	id := put(t, v, "shop", someParts()).Manifest.ID
	ok(t, os.Remove(o.ConfigFile))
	same(t, open(t, o), id, someParts())
	ok(t, os.WriteFile(o.ConfigFile, []byte("{torn"), 0o644))
	same(t, open(t, o), id, someParts())

	// The vault moved: the old path in the configuration must not be used.
	moved := filepath.Join(t.TempDir(), "Tresor für Übung 2")
	ok(t, os.Rename(o.Path, moved))
	o.Path = moved
	same(t, open(t, o), id, someParts())
}

func TestSymlink(t *testing.T) {
	o := options(t)
	real := filepath.Join(t.TempDir(), "disk")
	ok(t, os.MkdirAll(real, 0o700))
	ok(t, os.Symlink(real, o.Path))
	v := create(t, o)
	id := put(t, v, "shop", map[string][]byte{"data/1.copy": []byte("x")}).Manifest.ID
	same(t, open(t, o), id, map[string][]byte{"data/1.copy": []byte("x")})
	if want, err := filepath.EvalSymlinks(real); err != nil || v.Path() != want {
		t.Errorf("the vault is at %s", v.Path())
	}
}

func TestBusy(t *testing.T) {
	o := options(t)
	one := create(t, o)
	id := put(t, one, "shop", map[string][]byte{"data/1.copy": []byte("x")}).Manifest.ID
	two := open(t, o)

	w, err := one.Write(t.Context(), 0)
	ok(t, err)
	_, err = two.Write(t.Context(), 0)
	refused(t, err, backup.Busy, "another run uses the vault: a backup of process")
	if !strings.Contains(backup.AsError(err).Error(), "on workstation") || !strings.Contains(backup.AsError(err).Hint, "--wait") {
		t.Errorf("%v, hint %q", err, backup.AsError(err).Hint)
	}
	_, err = two.Read(t.Context(), id, 0)
	refused(t, err, backup.Busy, "another run")
	_, err = two.Delete(t.Context(), 20*time.Millisecond, id)
	refused(t, err, backup.Busy, "another run")
	refused(t, two.Verify(t.Context(), id, 0, nil), backup.Busy, "another run")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := two.Write(ctx, time.Hour); backup.KindOf(err) != backup.Cancelled {
		t.Errorf("a cancelled wait says %v", err)
	}
	if list, err := two.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("a backup keeps others from listing: %v, %v", list, err)
	}
	waited := make(chan error, 1)
	go func() {
		w, err := two.Write(t.Context(), time.Minute)
		if err == nil {
			err = w.Abort(t.Context())
		}
		waited <- err
	}()
	ok(t, w.Abort(t.Context()))
	ok(t, <-waited)

	// Readers stand side by side, and keep writers out.
	r1, err := one.Read(t.Context(), id, 0)
	ok(t, err)
	r2, err := two.Read(t.Context(), id, 0)
	ok(t, err)
	ok(t, r1.Close())
	_, err = one.Clean(t.Context(), 0)
	refused(t, err, backup.Busy, "reads it")
	ok(t, r2.Close())
	_, err = one.Clean(t.Context(), 0)
	ok(t, err)
}

func TestSecondHome(t *testing.T) {
	o := options(t)
	one := create(t, o)
	id := put(t, one, "shop", map[string][]byte{"data/1.copy": []byte("x")}).Manifest.ID

	other := o
	other.Home, other.Host = "home-2", "laptop"
	other.ConfigFile = filepath.Join(t.TempDir(), "kopia.config")
	two := open(t, other)
	same(t, two, id, map[string][]byte{"data/1.copy": []byte("x")})
	_, err := two.Write(t.Context(), 0)
	refused(t, err, backup.Refused, "written by another home, on workstation")
	_, err = two.Delete(t.Context(), 0, id)
	refused(t, err, backup.Refused, "another home")
	_, err = two.Clean(t.Context(), 0)
	refused(t, err, backup.Refused, "another home")

	ok(t, two.TakeOver(t.Context(), 0))
	put(t, two, "shop", map[string][]byte{"data/1.copy": []byte("y")})
	_, err = one.Write(t.Context(), 0)
	refused(t, err, backup.Refused, "another home, on laptop")

	o.TakeOver = true
	put(t, open(t, o), "shop", map[string][]byte{"data/1.copy": []byte("z")})
}

func TestTornIndex(t *testing.T) {
	tally.Of(t, "power cut: the newest index is torn").Try("the moments in the test")
	for name, tear := range map[string]func(n int64) int64{
		"empty": func(int64) int64 { return 0 },
		"half":  func(n int64) int64 { return n / 2 },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			v, err := vault.Create(t.Context(), o, testKey)
			ok(t, err)
			older := map[string][]byte{"data/1.copy": noise(1, 2*mega)}
			newer := map[string][]byte{"data/1.copy": noise(1, 2*mega), "data/2.copy": noise(2, 2*mega)}
			first := put(t, v, "shop", older).Manifest.ID
			second := put(t, v, "shop", newer).Manifest.ID
			ok(t, v.Close(t.Context()))
			indexes := blobs(t, o.Path, "xn")
			for _, torn := range indexes[len(indexes)-2:] { // a power cut tears more than one
				info, err := os.Stat(torn)
				ok(t, err)
				ok(t, os.Truncate(torn, tear(info.Size())))
			}
			before := len(blobs(t, o.Path, "p"))

			v = open(t, o)
			if w := v.Warnings(); len(w) != 1 || !strings.Contains(w[0], "was rebuilt") {
				t.Errorf("warnings: %q", w)
			}
			for id, parts := range map[backup.ID]map[string][]byte{first: older, second: newer} {
				same(t, v, id, parts)
				ok(t, v.Verify(t.Context(), id, 0, nil))
			}
			_, err = v.Delete(t.Context(), 0, first)
			refused(t, err, backup.Refused, "nothing is removed")
			_, err = v.Clean(t.Context(), 0)
			refused(t, err, backup.Refused, "nothing is removed")
			w, err := v.Write(t.Context(), 0)
			ok(t, err)
			ok(t, writePart(t.Context(), w, "data/9.copy", noise(9, 12*mega)))
			ok(t, w.Abort(t.Context()))
			if now := len(blobs(t, o.Path, "p")); now < before {
				t.Errorf("%d packs of %d are left", now, before)
			}
			third := put(t, v, "shop", newer).Manifest.ID

			again := open(t, o) // the caution outlives the process
			if len(again.Warnings()) != 1 {
				t.Errorf("warnings: %q", again.Warnings())
			}
			results, err := again.VerifyAll(t.Context(), true, 0, nil)
			ok(t, err)
			if len(results) != 3 {
				t.Errorf("verified %d backups", len(results))
			}
			for _, err := range results {
				ok(t, err)
			}
			_, err = v.Delete(t.Context(), 0, first, second)
			ok(t, err)
			same(t, v, third, newer)
			if now := size(t, o.Path); now > 5*mega {
				t.Errorf("the dropped backup is still there:\n%s", describe(files(t, o.Path)))
			}
			if len(open(t, o).Warnings()) != 0 {
				t.Error("the recovery is still pending")
			}
		})
	}
}

// A kill between setting an index aside and rebuilding must not lose the rebuilding.
func TestRecoveryIsResumed(t *testing.T) {
	o := options(t)
	v, err := vault.Create(t.Context(), o, testKey)
	ok(t, err)
	parts := map[string][]byte{"data/1.copy": noise(1, 2*mega)}
	id := put(t, v, "shop", parts).Manifest.ID
	ok(t, v.Close(t.Context()))
	aside := filepath.Join(o.Path, "holdfast.set-aside")
	ok(t, os.Mkdir(aside, 0o700))
	ok(t, os.WriteFile(filepath.Join(o.Path, "holdfast.recovered"), []byte("{}"), 0o600))
	for _, index := range blobs(t, o.Path, "xn") {
		ok(t, os.Rename(index, filepath.Join(aside, filepath.Base(index)+".torn")))
	}
	v = open(t, o)
	same(t, v, id, parts)
	_, err = v.Clean(t.Context(), 0)
	refused(t, err, backup.Refused, "nothing is removed")
}

// One flipped bit in what the key opens must not cost the vault.
func TestDamagedFormat(t *testing.T) {
	for name, harm := range map[string]func(*testing.T, string){
		"flipped": func(t *testing.T, path string) { flip(t, path, 700) },
		"empty":   func(t *testing.T, path string) { ok(t, os.Truncate(path, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			v, err := vault.Create(t.Context(), o, testKey)
			ok(t, err)
			parts := map[string][]byte{"data/1.copy": noise(1, 2*mega)}
			id := put(t, v, "shop", parts).Manifest.ID
			ok(t, v.Close(t.Context()))
			before := files(t, o.Path)
			format := filepath.Join(o.Path, "kopia.repository.f")
			harm(t, format)

			_, err = vault.Open(t.Context(), o, "ANOTHER-KEY")
			if backup.KindOf(err) != backup.Damaged {
				t.Errorf("with another key: %v", err)
			}
			v = open(t, o)
			same(t, v, id, parts)
			if w := v.Warnings(); len(w) != 1 || !strings.Contains(w[0], "its copy took its place") {
				t.Errorf("warnings: %q", w)
			}
			if after := files(t, o.Path); len(after) != len(before) {
				t.Errorf("files came or went:\n%s", describe(after))
			}
			if len(open(t, o).Warnings()) != 0 {
				t.Error("the repair did not last")
			}

			ok(t, os.Remove(filepath.Join(o.Path, "holdfast.copy-of-kopia.repository")))
			harm(t, format)
			_, err = vault.Open(t.Context(), o, testKey)
			refused(t, err, backup.Damaged, "")
			if after := files(t, o.Path); len(after) != len(before)-1 {
				t.Errorf("files came or went:\n%s", describe(after))
			}
		})
	}
}

func TestTornIndexAndDamage(t *testing.T) {
	tally.Of(t, "power cut: indexes torn, and a pack damaged").Try("the moments in the test")
	o := options(t)
	v, err := vault.Create(t.Context(), o, testKey)
	ok(t, err)
	first := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, 2*mega)}).Manifest.ID
	second := put(t, v, "shop", map[string][]byte{"data/2.copy": noise(2, 2*mega)}).Manifest.ID
	ok(t, v.Close(t.Context()))
	indexes := blobs(t, o.Path, "xn")
	for _, torn := range indexes[len(indexes)-2:] {
		ok(t, os.Truncate(torn, 0))
	}
	packs := blobs(t, o.Path, "p")
	flip(t, packs[len(packs)-1], 1_000_000)

	v = open(t, o)
	results, err := v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	ok(t, results[first])
	refused(t, results[second], backup.Damaged, "data/2.copy")
	_, err = v.Delete(t.Context(), 0, first)
	refused(t, err, backup.Refused, "nothing is removed")
	_, err = v.Delete(t.Context(), 0, second)
	ok(t, err)
	_, err = v.Clean(t.Context(), 0)
	ok(t, err)
	ok(t, v.Verify(t.Context(), first, 0, nil))
}
