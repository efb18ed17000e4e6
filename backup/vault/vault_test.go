package vault_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// mega keeps sizes readable.
const mega = 1 << 20

func someParts() map[string][]byte {
	return map[string][]byte{
		backup.PartTOC:            noise(1, 40_000),
		backup.PartGlobals:        []byte("CREATE ROLE shop;\n"),
		"data/1.copy":             noise(2, 15_000_000),
		"data/2.copy":             noise(3, 9_000_000),
		"data/3.copy":             {},
		"data/4.copy":             noise(5, mega),
		"large-objects/1.blobs":   noise(6, 3_000_000),
		"media/uploads/a/b/c.jpg": noise(7, 100_000),
	}
}

func TestRoundTrip(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) { // its own, so that the vault is closed before leaks are looked for
		o := options(t)
		v := create(t, o)
		parts := someParts()
		stored := put(t, v, "shop", parts)
		id := stored.Manifest.ID
		same(t, v, id, parts)
		var done, total int64
		ok(t, v.Verify(t.Context(), id, 0, func(d, all int64) { done, total = d, all }))
		if want := size(t, o.Path); done != total || done < 28_000_000 || done > want+mega {
			t.Errorf("verified %d of %d bytes; the vault has %d", done, total, want)
		}
		if stored.AddedBytes < 28_000_000 || stored.AddedBytes > size(t, o.Path) {
			t.Errorf("added %d of %d bytes", stored.AddedBytes, size(t, o.Path))
		}
	})
}

func TestReaderStopsEarly(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		v := create(t, options(t))
		id := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, 12*mega)}).Manifest.ID
		r, err := v.Read(t.Context(), id, 0)
		ok(t, err)
		in, err := r.Open(t.Context(), "data/1.copy")
		ok(t, err)
		_, err = io.ReadFull(in, make([]byte, 10))
		ok(t, err)
		ok(t, in.Close())
		ok(t, in.Close())

		ctx, cancel := context.WithCancel(t.Context())
		in, err = r.Open(ctx, "data/1.copy")
		ok(t, err)
		cancel()
		if _, err := io.ReadAll(in); backup.KindOf(err) != backup.Cancelled {
			t.Errorf("a cancelled read says %v", err)
		}
		ok(t, in.Close())

		_, err = r.Open(t.Context(), "data/99.copy")
		refused(t, err, backup.Damaged, "data/99.copy")
		ok(t, r.Close())
		ok(t, r.Close())
	})
}

func TestMissingBackup(t *testing.T) {
	v := create(t, options(t))
	_, err := v.Read(t.Context(), "0123456789abcdef", 0)
	refused(t, err, backup.Damaged, "the vault does not hold backup 0123456789abcdef")
	refused(t, v.Verify(t.Context(), "0123456789abcdef", 0, nil), backup.Damaged, "does not hold")
	freed, err := v.Delete(t.Context(), 0, "0123456789abcdef")
	ok(t, err)
	if freed != 0 {
		t.Errorf("freed %d bytes of nothing", freed)
	}
}

func TestDeleteFreesSpace(t *testing.T) {
	o := options(t)
	v := create(t, o)
	empty := size(t, o.Path)
	shared := noise(1, 12*mega)
	first := map[string][]byte{"data/1.copy": shared, "data/2.copy": noise(2, 16*mega)}
	second := map[string][]byte{"data/1.copy": shared, "data/2.copy": noise(3, 3*mega)}
	a, b := put(t, v, "shop", first), put(t, v, "shop", second)

	freed, err := v.Delete(t.Context(), 0, a.Manifest.ID)
	ok(t, err)
	if freed < 10*mega { // packs that are still needed for the most part stay
		t.Errorf("freed %d bytes of 16 MiB", freed)
	}
	same(t, v, b.Manifest.ID, second)
	ok(t, v.Verify(t.Context(), b.Manifest.ID, 0, nil))
	_, err = v.Read(t.Context(), a.Manifest.ID, 0)
	refused(t, err, backup.Damaged, "does not hold")

	_, err = v.Delete(t.Context(), 0, b.Manifest.ID)
	ok(t, err)
	if left := size(t, o.Path); left > empty+50_000 {
		t.Errorf("%d bytes are left; an empty vault has %d:\n%s", left, empty, describe(files(t, o.Path)))
	}
	put(t, v, "shop", first) // what was deleted can be written again
}

func TestNoLogsPileUp(t *testing.T) {
	o := options(t)
	v := create(t, o)
	for range 6 {
		id := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, mega)}).Manifest.ID
		_, err := v.Delete(t.Context(), 0, id)
		ok(t, err)
	}
	if logs := blobs(t, o.Path, "_"); len(logs) > 0 {
		t.Errorf("logs in the vault: %v", logs)
	}
	if n := size(t, o.Path); n > 100_000 {
		t.Errorf("%d bytes are left:\n%s", n, describe(files(t, o.Path)))
	}
}

func TestList(t *testing.T) {
	o := options(t)
	v := create(t, o)
	var want []backup.Stored
	for i, name := range []string{"shop", "blog", "shop"} {
		want = append(want, put(t, v, name, map[string][]byte{"data/1.copy": noise(uint64(i), 2*mega)}))
	}
	again := open(t, o)
	list, err := again.List(t.Context())
	ok(t, err)
	if len(list) != 3 {
		t.Fatalf("%d backups", len(list))
	}
	for i, got := range list {
		if got.Manifest.ID != want[i].Manifest.ID || got.Manifest.Sandbox != want[i].Manifest.Sandbox ||
			got.AddedBytes != want[i].AddedBytes || !got.VerifiedAt.Equal(want[i].VerifiedAt) || len(got.Manifest.Tables) != 1 {
			t.Errorf("backup %d is listed as %+v, %+v", i, got, got.Manifest)
		}
	}
	// Another process deletes one: the open vault must see it.
	_, err = v.Delete(t.Context(), 0, want[0].Manifest.ID)
	ok(t, err)
	list, err = again.List(t.Context())
	ok(t, err)
	if len(list) != 2 || list[0].Manifest.ID != want[1].Manifest.ID {
		t.Errorf("after a deletion: %d backups", len(list))
	}
}

func TestStatus(t *testing.T) {
	o := options(t)
	v := create(t, o)
	put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, mega)})
	s, err := v.Status(t.Context())
	ok(t, err)
	if s.Backups != 1 || s.Bytes != size(t, o.Path) || s.Free <= 0 || s.WriterHome != "home-1" || s.WriterHost != "workstation" ||
		s.Hash != "BLAKE3-256-128" || s.Encryption != "AES256-GCM-HMAC-SHA256" || s.Splitter != "DYNAMIC-1M-BUZHASH" ||
		s.UniqueID != v.UniqueID() || len(s.UniqueID) != 64 || s.Recovering {
		t.Errorf("status %+v", s)
	}
}

func TestClockSetBack(t *testing.T) {
	o := options(t)
	now := time.Now().AddDate(2, 0, 0)
	o.Clock = func() time.Time { return now }
	v := create(t, o)
	parts := map[string][]byte{"data/1.copy": noise(1, 12*mega)}
	id := put(t, v, "shop", parts).Manifest.ID
	_, err := v.Delete(t.Context(), 0, id)
	ok(t, err)
	now = now.AddDate(-2, 0, 0)
	for range 2 { // a deletion in the past must free, and not win over what is written again
		v := open(t, o)
		id := put(t, v, "shop", parts).Manifest.ID
		same(t, open(t, o), id, parts)
		freed, err := v.Delete(t.Context(), 0, id)
		ok(t, err)
		if freed < 12*mega {
			t.Errorf("freed %d bytes", freed)
		}
	}
}

// A pack that does not hold what was written must be noticed before the backup is listed.
func TestOptionsAreChecked(t *testing.T) {
	o := options(t)
	o.Home = ""
	if _, err := vault.Create(t.Context(), o, testKey); backup.KindOf(err) != backup.Usage {
		t.Errorf("no home: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(o.ConfigFile)); err == nil {
		t.Error("something was made all the same")
	}
}
