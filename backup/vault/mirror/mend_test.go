package mirror_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// copied is a vault that is closed, and its copy.
type copied struct {
	o     vault.Options
	store *mirror.Store
	want  map[backup.ID][]byte
}

// newCopied makes a vault of several backups, one of which was deleted before the copy was made and, with
// later, one after it.
func newCopied(t *testing.T, later bool) *copied {
	t.Helper()
	c := &copied{o: options(t.TempDir()), want: map[backup.ID][]byte{}}
	v, err := vault.Create(t.Context(), c.o, testKey)
	ok(t, err)
	var all []backup.ID
	for i := range byte(5) {
		data := noise(30+i, 200_000+int(i)*1000)
		id := put(t, v, data)
		c.want[id] = data
		all = append(all, id)
	}
	remove := func(id backup.ID) {
		_, err := v.Delete(t.Context(), 0, id)
		ok(t, err)
		delete(c.want, id)
	}
	remove(all[1])
	c.store = connect(t, mirrortest.Folder(t), mirror.Options{Create: true})
	h := newHome(v)
	h.Now = func() time.Time { return time.Now().Add(time.Minute) } // past the second in which something was removed
	h.sync(t, v, c.store)
	if later {
		remove(all[3])
	}
	ok(t, v.Close(t.Context()))
	return c
}

// another gives the vault's folder anew, to be damaged.
func (c *copied) another(t *testing.T) vault.Options {
	t.Helper()
	o := options(t.TempDir())
	ok(t, os.CopyFS(o.Path, os.DirFS(c.o.Path)))
	return o
}

// files lists the blobs of a vault's folder, as paths in it.
func (c *copied) files(t *testing.T, root string) (all []string) {
	t.Helper()
	ok(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".f") && !strings.HasPrefix(rel, "holdfast") {
			all = append(all, rel)
		}
		return err
	}))
	return all
}

// mended repairs a vault from the copy, or without one, and wants every backup whole, and no other listed.
func (c *copied) mended(t *testing.T, o vault.Options, from *mirror.Store) vault.Mended {
	t.Helper()
	var lender *vault.Lender
	if from != nil {
		lends, err := mirror.Lender(t.Context(), from, vault.IDOf(o.Path))
		ok(t, err)
		lender = &lends
	}
	done, err := vault.Mend(t.Context(), o, testKey, lender, 0)
	ok(t, err)
	v, err := vault.Open(t.Context(), o, testKey)
	ok(t, err)
	defer func() { ok(t, v.Close(context.Background())) }()
	if lender != nil {
		repaired, err := v.Repair(t.Context(), 0, *lender, nil)
		ok(t, err)
		ok(t, repaired.Trouble("the copy"))
	}
	c.whole(t, v)
	return done
}

// whole wants every backup there, whole, and no other, and that backups can be taken and deleted again.
func (c *copied) whole(t *testing.T, v *vault.Vault) {
	t.Helper()
	results, err := v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	for id, err := range results {
		if err != nil || c.want[id] == nil {
			t.Errorf("backup %s: %v", id, err)
		}
	}
	for id, data := range c.want {
		if _, listed := results[id]; !listed {
			t.Fatalf("backup %s is not there", id)
		}
		same(t, v, id, data)
	}
	next := put(t, v, noise(99, 10_000))
	same(t, v, next, noise(99, 10_000))
	_, err = v.Delete(t.Context(), 0, next)
	ok(t, err)
}

var harms = map[string]func(path string, whole []byte) error{
	"torn":    func(path string, whole []byte) error { return os.Truncate(path, int64(len(whole)/2)) },
	"empty":   func(path string, _ []byte) error { return os.Truncate(path, 0) },
	"missing": func(path string, _ []byte) error { return os.Remove(path) },
	"flipped": func(path string, whole []byte) error {
		whole[rand.IntN(len(whole))] ^= 1
		return os.WriteFile(path, whole, 0o600)
	},
}

// TestRepairOfEveryKind damages files of each kind, at random and several at once: what the copy has comes
// back, and a backup that was deleted since it was made does not.
func TestRepairOfEveryKind(t *testing.T) {
	t.Parallel()
	c, later := newCopied(t, false), newCopied(t, true)
	kinds := map[string][]string{"all": c.files(t, c.o.Path)}
	for _, name := range kinds["all"] {
		kind := filepath.Dir(name)
		if kind == "." {
			kind = name
		}
		kinds[kind] = append(kinds[kind], name)
	}
	for _, kind := range []string{"p", "q", "x", "kopia.repository.f", "kopia.blobcfg.f"} {
		for how, harm := range harms {
			t.Run(how+" "+kind, func(t *testing.T) {
				t.Parallel()
				c.hurt(t, kinds[kind], 1+rand.IntN(len(kinds[kind])), harm)
			})
		}
	}
	for how, harm := range harms {
		t.Run(how+" all", func(t *testing.T) {
			t.Parallel()
			c.hurt(t, kinds["all"], 1+rand.IntN(len(kinds["all"])), harm)
		})
		t.Run(how+" all of them", func(t *testing.T) {
			t.Parallel()
			c.hurt(t, kinds["all"], len(kinds["all"]), harm)
		})
		t.Run(how+" after a deletion", func(t *testing.T) {
			t.Parallel()
			var old []string // newer ones say what was deleted, and no copy has them
			for _, name := range later.files(t, later.o.Path) {
				if _, err := os.Stat(filepath.Join(later.store.Place().Path, name)); err == nil && strings.HasPrefix(name, "x/") {
					old = append(old, name)
				}
			}
			later.hurt(t, old, 1+rand.IntN(len(old)), harm)
		})
	}
}

// hurt damages n of the files in another folder of the vault, and wants it mended.
func (c *copied) hurt(t *testing.T, names []string, n int, harm func(path string, whole []byte) error) {
	t.Helper()
	o := c.another(t)
	for _, at := range rand.Perm(len(names))[:n] {
		t.Log(names[at])
		path := filepath.Join(o.Path, names[at])
		whole, err := os.ReadFile(path)
		ok(t, err)
		ok(t, harm(path, whole))
		if own, is := strings.CutPrefix(names[at], "kopia."); is { // else our own copy of it would do
			ok(t, os.RemoveAll(filepath.Join(o.Path, "holdfast.copy-of-kopia."+strings.TrimSuffix(own, ".f"))))
		}
	}
	c.mended(t, o, c.store)
}

// TestRepairOfTheID mends a vault whose format file says that it is another vault's.
func TestRepairOfTheID(t *testing.T) {
	t.Parallel()
	c := newCopied(t, false)
	o := c.another(t)
	path := filepath.Join(o.Path, "kopia.repository.f")
	text, err := os.ReadFile(path)
	ok(t, err)
	at := bytes.Index(text, []byte(`"uniqueID"`))
	for at += len(`"uniqueID"`); text[at] == ':' || text[at] == ' ' || text[at] == '"'; at++ {
	}
	text[at] = map[bool]byte{true: 'B', false: 'A'}[text[at] == 'A']
	ok(t, os.WriteFile(path, text, 0o600))
	ok(t, os.Remove(filepath.Join(o.Path, "holdfast.copy-of-kopia.repository")))
	c.mended(t, o, c.store)
}

// TestPlantedIndex: a file that Kopia takes for a part of its index, and that keeps the vault shut, is named
// with the command that helps, which sets it aside and opens the vault, with a copy and without.
func TestPlantedIndex(t *testing.T) {
	t.Parallel()
	c := newCopied(t, true)
	hash := strings.Repeat("0a", 16)
	for _, name := range []string{
		"x/n0_garbage.f", "x/n0_" + hash + "-s1-c1.f", "xn0_1.f", "x/e5.f", "xe12.f", "xe999999999.f", "x/e999999999999.f", "x/r0_2000000000_" + hash + ".f", "x/r0_50_" + hash + "-s1-c1.f",
		"x/s900_" + hash + ".f", "x/n900_" + hash + ".f", "x/n/0_" + hash + ".f", "xw99999999999.f", "x/1.f",
	} {
		for _, from := range []*mirror.Store{nil, c.store} {
			t.Run(fmt.Sprint(name, from != nil), func(t *testing.T) {
				t.Parallel()
				o := c.another(t)
				path := filepath.Join(o.Path, name)
				ok(t, os.MkdirAll(filepath.Dir(path), 0o700))
				ok(t, os.WriteFile(path, noise(7, 300), 0o600))
				v, err := vault.Open(t.Context(), o, testKey)
				if err == nil {
					c.whole(t, v)
					ok(t, v.Close(t.Context()))
				} else {
					fails(t, err, backup.Damaged, "the vault cannot be read: ")
					if hint := backup.AsError(err).Hint; !strings.Contains(hint, "holdfast vault repair") {
						t.Errorf("the hint is %q", hint)
					}
				}
				done := c.mended(t, o, from)
				left, err := os.ReadDir(filepath.Join(o.Path, "holdfast.set-aside"))
				ok(t, err)
				if _, err := os.Stat(path); !os.IsNotExist(err) || len(left) == 0 {
					t.Errorf("it is not set aside: %v, %v, %v", err, done, left)
				}
				if slices.Contains(done.Whole, "xe0") {
					t.Error("a marker was made that Kopia never makes")
				}
				again, err := vault.Mend(t.Context(), o, testKey, nil, 0)
				ok(t, err)
				if len(again.Aside)+len(again.Whole) > 0 {
					t.Errorf("there is something to be mended again: %+v", again)
				}
			})
		}
	}
}

// TestRepairByAnotherCopy: what was not written with the vault's key does not come into the vault.
func TestRepairByAnotherCopy(t *testing.T) {
	t.Parallel()
	c, other := newCopied(t, true), newCopied(t, false)
	o := c.another(t)
	_, err := mirror.Lender(t.Context(), other.store, vault.IDOf(o.Path))
	fails(t, err, backup.Refused, "another vault")
	lends, err := mirror.Lender(t.Context(), other.store, "")
	ok(t, err)
	for _, name := range []string{"kopia.repository.f", "holdfast.copy-of-kopia.repository"} {
		ok(t, os.WriteFile(filepath.Join(o.Path, name), []byte("{}"), 0o600))
	}
	_, err = vault.Mend(t.Context(), o, testKey, &lends, time.Second)
	fails(t, err, backup.Damaged, "the vault cannot be read")
	c.mended(t, o, c.store)
}
