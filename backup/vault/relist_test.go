package vault_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/content/index"
	"github.com/kopia/kopia/repo/maintenance"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// stretch is where a content lies on the disk.
type stretch struct {
	path     string
	from, to int64
}

// stretches gives where the contents lie whose names begin with prefix: "m" the list of backups, "k" folders.
func stretches(t *testing.T, o vault.Options, prefix string) map[stretch]bool {
	t.Helper()
	rep, err := repo.Open(t.Context(), o.ConfigFile, testKey, nil)
	ok(t, err)
	defer func() { ok(t, rep.Close(context.Background())) }()
	found := map[stretch]bool{}
	options := content.IterateOptions{Range: index.PrefixRange(content.IDPrefix(prefix))}
	ok(t, rep.(repo.DirectRepository).ContentReader().IterateContents(t.Context(), options, func(c content.Info) error {
		name := string(c.PackBlobID)
		path := filepath.Join(o.Path, name[:1], name[1:]+".f")
		found[stretch{path, int64(c.PackOffset), int64(c.PackOffset) + int64(c.PackedLength)}] = true
		return nil
	}))
	return found
}

// added gives the stretches that what made.
func added(t *testing.T, o vault.Options, prefix string, what func()) []stretch {
	t.Helper()
	before := stretches(t, o, prefix)
	what()
	var found []stretch
	for s := range stretches(t, o, prefix) {
		if !before[s] {
			found = append(found, s)
		}
	}
	return found
}

// spoil makes stretches unreadable.
func spoil(t *testing.T, all []stretch) {
	t.Helper()
	if len(all) == 0 {
		t.Fatal("there is nothing to spoil")
	}
	for _, s := range all {
		whole, err := os.ReadFile(s.path)
		ok(t, err)
		for i := s.from; i < s.to; i++ {
			whole[i] ^= 0x55
		}
		ok(t, os.WriteFile(s.path, whole, 0o600))
	}
}

func parts(seed uint64) map[string][]byte {
	return map[string][]byte{"data/1.copy": noise(seed, 50_000), "database.toc": []byte("toc")}
}

// anyBackup are books that know of no deletion.
var anyBackup = vault.Books{Completed: func(backup.ID) bool { return true }, Deleted: func(backup.ID) bool { return false }}

// books know of one deletion, and of no other backup.
func books(deleted backup.ID) vault.Books {
	return vault.Books{Completed: func(backup.ID) bool { return false }, Deleted: func(id backup.ID) bool { return id == deleted }}
}

func ids(t *testing.T, v *vault.Vault) []backup.ID {
	t.Helper()
	all, err := v.List(t.Context())
	ok(t, err)
	var found []backup.ID
	for _, s := range all {
		found = append(found, s.Manifest.ID)
	}
	return found
}

// TestRelist: entries of the list are damaged, and nobody has a copy. Their backups are listed again with all
// they hold, and the next one can be taken.
func TestRelist(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	first := put(t, v, "shop", parts(1))
	var lost []backup.Stored
	hit := added(t, o, "m", func() { lost = append(lost, put(t, v, "shop", parts(2)), put(t, v, "shop", parts(3))) })
	spoil(t, hit)

	v = open(t, o)
	_, err := v.Write(t.Context(), 0)
	refused(t, err, backup.Damaged, "the list of backups in the vault is damaged")
	if hint := backup.AsError(err).Hint; !strings.Contains(hint, "holdfast vault repair --from NAME") || !strings.HasSuffix(hint, "holdfast vault repair") {
		t.Errorf("the hint is %q", hint)
	}
	done, err := v.Relist(t.Context(), 0, anyBackup)
	ok(t, err)
	want := []backup.ID{lost[0].Manifest.ID, lost[1].Manifest.ID}
	slices.Sort(want)
	if !slices.Equal(done.Found, want) || len(done.Aside) == 0 {
		t.Errorf("found %v and set %v aside; want %v", done.Found, done.Aside, want)
	}
	for _, id := range done.Aside {
		if _, err := os.Stat(filepath.Join(o.Path, "holdfast.set-aside", string(id)+".damaged")); err != nil {
			t.Error(err)
		}
	}

	v = open(t, o)
	_, err = v.Delete(t.Context(), 0, first.Manifest.ID)
	refused(t, err, backup.Refused, "nothing is removed until every backup has been verified")
	found, err := v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	for id, trouble := range found {
		if trouble != nil {
			t.Errorf("%s: %v", id, trouble)
		}
	}
	all, err := v.List(t.Context())
	ok(t, err)
	for i, s := range []backup.Stored{first, lost[0], lost[1]} {
		if diff := cmp.Diff(s.Manifest, all[i].Manifest); diff != "" {
			t.Errorf("listed again it differs: %s", diff)
		}
		same(t, v, s.Manifest.ID, parts(uint64(i+1)))
	}
	put(t, v, "shop", parts(4))
	_, err = v.Delete(t.Context(), 0, lost[0].Manifest.ID)
	ok(t, err)
	same(t, v, lost[1].Manifest.ID, parts(3))
	if n := len(ids(t, open(t, o))); n != 3 {
		t.Errorf("%d backups are listed, want 3", n)
	}
	again, err := v.Relist(t.Context(), 0, anyBackup)
	ok(t, err)
	if len(again.Found)+len(again.Aside) > 0 {
		t.Errorf("a vault that is whole was changed: %+v", again)
	}
}

// TestRelistWithoutFolder: the root folder is lost with the entry. That backup is gone; the others stay.
func TestRelistWithoutFolder(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	first := put(t, v, "shop", parts(1))
	var folders []stretch
	entries := added(t, o, "m", func() {
		folders = added(t, o, "k", func() { put(t, v, "shop", parts(2)) })
	})
	for _, s := range append(entries, folders...) {
		ok(t, os.RemoveAll(s.path))
	}
	v = open(t, o)
	done, err := v.Relist(t.Context(), 0, anyBackup)
	ok(t, err)
	if len(done.Found) > 0 {
		t.Errorf("found %v", done.Found)
	}
	if got := ids(t, v); !slices.Equal(got, []backup.ID{first.Manifest.ID}) {
		t.Errorf("listed are %v, want %s", got, first.Manifest.ID)
	}
	same(t, v, first.Manifest.ID, parts(1))
	third := put(t, v, "shop", parts(2))
	same(t, open(t, o), third.Manifest.ID, parts(2))
}

// TestRelistDeleted: what is lost is that a backup was deleted. It does not come back.
func TestRelistDeleted(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	first := put(t, v, "shop", parts(1))
	var second, third backup.Stored
	var data []stretch
	for _, s := range added(t, o, "", func() { second, third = put(t, v, "shop", parts(2)), put(t, v, "shop", parts(3)) }) {
		if filepath.Base(filepath.Dir(s.path)) == "p" {
			data = append(data, s)
		}
	}
	spoil(t, added(t, o, "m", func() { put(t, v, "shop", parts(1)) }))
	spoil(t, data)
	v = open(t, o)
	_, err := v.Relist(t.Context(), 0, anyBackup)
	ok(t, err)
	_, err = v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	hit := added(t, o, "m", func() { // while another damaged one is left, no list is written anew
		_, err := v.Delete(t.Context(), 0, second.Manifest.ID)
		ok(t, err)
	})
	spoil(t, hit)
	v = open(t, o)
	_, err = v.Relist(t.Context(), 0, books(second.Manifest.ID))
	ok(t, err)
	got := ids(t, v)
	if len(got) != 3 || !slices.Contains(got, first.Manifest.ID) || !slices.Contains(got, third.Manifest.ID) {
		t.Errorf("listed are %v; want all but %s", got, second.Manifest.ID)
	}
}

// TestRelistForeign: a folder that is backed up holds the files of a backup, as of one that was downloaded. It
// is no backup of this vault.
func TestRelistForeign(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	m := newManifest("planted", nil)
	text, err := backup.EncodeManifest(m)
	ok(t, err)
	root := t.TempDir()
	for name, data := range map[string][]byte{backup.PartManifest: text, backup.PartReadme: []byte("how to")} {
		ok(t, os.MkdirAll(filepath.Join(root, "got"), 0o700))
		ok(t, os.WriteFile(filepath.Join(root, "got", name), data, 0o600))
	}
	var stored backup.Stored
	hit := added(t, o, "m", func() {
		w, err := v.Write(t.Context(), 0)
		ok(t, err)
		f, err := w.AddFolder(t.Context(), backup.MediaJob{Name: "files", Path: root}, nil)
		ok(t, err)
		of := newManifest("shop", nil)
		of.What, of.Media = backup.ScopeMedia, []backup.MediaFolder{f}
		stored, err = w.Commit(t.Context(), of)
		ok(t, err)
	})
	spoil(t, hit)
	v = open(t, o)
	done, err := v.Relist(t.Context(), 0, anyBackup)
	ok(t, err)
	if !slices.Equal(done.Found, []backup.ID{stored.Manifest.ID}) {
		t.Errorf("found %v, want %s; the planted one is %s", done.Found, stored.Manifest.ID, m.ID)
	}
	if _, err := v.VerifyAll(t.Context(), true, time.Second, nil); err != nil {
		t.Error(err)
	}
}

// TestRelistMaintenance: what keeps the stock kopia command from maintenance of its own, which would delete what
// a backup that is running writes, was in the list too.
func TestRelistMaintenance(t *testing.T) {
	t.Parallel()
	o := options(t)
	stored := put(t, create(t, o), "shop", parts(1))
	want := maintenanceOf(t, o)
	spoil(t, slices.Collect(maps.Keys(stretches(t, o, "m"))))
	v := open(t, o)
	done, err := v.Relist(t.Context(), 0, anyBackup)
	ok(t, err)
	if !slices.Equal(done.Found, []backup.ID{stored.Manifest.ID}) {
		t.Errorf("found %v, want %s", done.Found, stored.Manifest.ID)
	}
	got := maintenanceOf(t, o)
	if got.QuickCycle.Enabled || got.FullCycle.Enabled || got.Owner != want.Owner || want.Owner == "" {
		t.Errorf("by itself the kopia command does %+v, before it did %+v", got, want)
	}
}

// maintenanceOf gives what the stock kopia command does to a vault by itself.
func maintenanceOf(t *testing.T, o vault.Options) *maintenance.Params {
	t.Helper()
	rep, err := repo.Open(t.Context(), o.ConfigFile, testKey, nil)
	ok(t, err)
	defer func() { ok(t, rep.Close(context.Background())) }()
	params, err := maintenance.GetParams(t.Context(), rep)
	ok(t, err)
	return params
}
