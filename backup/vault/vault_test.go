package vault_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
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

func TestReset(t *testing.T) {
	v := create(t, options(t))
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	fill(t, w, map[string][]byte{"data/1.copy": []byte("first try"), "data/2.copy": []byte("gone")})
	late, err := w.Create(t.Context(), "data/3.copy")
	ok(t, err)
	w.Reset()
	if late.Seal() == nil {
		t.Error("a part of the first try was sealed into the second")
	}
	second := map[string][]byte{"data/1.copy": []byte("second try")}
	fill(t, w, second)
	stored, err := w.Commit(t.Context(), newManifest("shop", second))
	ok(t, err)
	same(t, v, stored.Manifest.ID, second)
	r, err := v.Read(t.Context(), stored.Manifest.ID, 0)
	ok(t, err)
	defer func() { ok(t, r.Close()) }()
	if _, err := r.Open(t.Context(), "data/2.copy"); err == nil {
		t.Error("a part of the first try is in the backup")
	}
}

func TestWriterRefuses(t *testing.T) {
	v := create(t, options(t))
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	for _, name := range []string{"", ".", "/etc/passwd", "../x", "a/../../x", "a//b", `a\b`, backup.PartManifest, backup.PartReadme, backup.PartScript} {
		if _, err := w.Create(t.Context(), name); err == nil {
			t.Errorf("%q was taken for a part's name", name)
		}
	}
	ok(t, writePart(t.Context(), w, "data/1.copy", []byte("x")))
	if writePart(t.Context(), w, "data/1.copy", []byte("y")) == nil {
		t.Error("a part was written twice")
	}
	p, err := w.Create(t.Context(), "data/2.copy")
	ok(t, err)
	p.Discard()
	p.Discard()
	if p.Seal() == nil {
		t.Error("a dropped part was sealed")
	}
	ok(t, w.Abort(t.Context()))
	ok(t, w.Abort(t.Context()))
	if _, err := w.Create(t.Context(), "data/3.copy"); err == nil {
		t.Error("a part was opened after the end")
	}
	if _, err := w.Commit(t.Context(), newManifest("shop", nil)); err == nil {
		t.Error("committed after the end")
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	o := options(t)
	v := create(t, o)
	kept := map[string][]byte{"data/1.copy": noise(1, mega)}
	id := put(t, v, "shop", kept).Manifest.ID
	_, err := v.Clean(t.Context(), 0)
	ok(t, err)
	before := size(t, o.Path)

	ctx, cancel := context.WithCancel(t.Context())
	w, err := v.Write(ctx, 0)
	ok(t, err)
	ok(t, writePart(ctx, w, "data/1.copy", noise(9, 25*mega)))
	open, err := w.Create(ctx, "data/2.copy")
	ok(t, err)
	if size(t, o.Path) < before+20*mega {
		t.Fatal("nothing was written yet; the test proves nothing")
	}
	cancel()
	if _, err := open.Write([]byte("x")); backup.KindOf(err) != backup.Cancelled {
		t.Errorf("a cancelled write says %v", err)
	}
	open.Discard()
	ok(t, w.Abort(ctx))
	if after := size(t, o.Path); after > before+20_000 {
		t.Errorf("the vault has %d bytes, %d before:\n%s", after, before, describe(files(t, o.Path)))
	}
	same(t, v, id, kept)
	put(t, v, "shop", kept) // the lock is free
}

func TestSecondBackupAddsLittle(t *testing.T) {
	v := create(t, options(t))
	parts := map[string][]byte{"data/1.copy": noise(1, 100*mega), "data/2.copy": noise(2, mega)}
	first := put(t, v, "shop", parts)
	second := put(t, v, "shop", parts)
	if first.AddedBytes < 101*mega || second.AddedBytes > 100_000 {
		t.Errorf("added %d, then %d bytes", first.AddedBytes, second.AddedBytes)
	}
	t.Logf("added %d, then %d bytes", first.AddedBytes, second.AddedBytes)
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

func TestBitFlip(t *testing.T) {
	o := options(t)
	v := create(t, o)
	good := map[string][]byte{"data/1.copy": noise(1, 3*mega)}
	bad := map[string][]byte{"data/1.copy": noise(1, 3*mega), "data/7.copy": noise(2, 3*mega)}
	first := put(t, v, "shop", good).Manifest.ID
	had := blobs(t, o.Path, "p")
	second := put(t, v, "shop", bad).Manifest.ID
	packs := blobs(t, o.Path, "p")
	if len(had) != 1 || len(packs) != 2 {
		t.Fatalf("%d, then %d packs", len(had), len(packs))
	}
	pack := packs[0]
	if pack == had[0] {
		pack = packs[1]
	}
	flip(t, pack, 1_000_000)

	refused(t, v.Verify(t.Context(), second, 0, nil), backup.Damaged, "data/7.copy")
	ok(t, v.Verify(t.Context(), first, 0, nil))
	same(t, v, first, good)

	r, err := v.Read(t.Context(), second, 0)
	ok(t, err)
	in, err := r.Open(t.Context(), "data/7.copy")
	if err == nil {
		_, err = io.Copy(io.Discard, in)
		ok(t, in.Close())
	}
	refused(t, err, backup.Damaged, "data/7.copy")
	ok(t, r.Close())

	results, err := v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	ok(t, results[first])
	refused(t, results[second], backup.Damaged, "data/7.copy")
	results, err = v.VerifyAll(t.Context(), false, 0, nil)
	ok(t, err)
	ok(t, results[second]) // the index alone reads nothing

	// A damaged backup must not keep others, or itself, from being deleted.
	_, err = v.Delete(t.Context(), 0, second)
	ok(t, err)
	results, err = v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	if len(results) != 1 || results[first] != nil {
		t.Errorf("after the deletion: %v", results)
	}
}

func TestMissingAndShortPacks(t *testing.T) {
	o := options(t)
	v := create(t, o)
	first := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, mega)}).Manifest.ID
	second := put(t, v, "shop", map[string][]byte{"data/2.copy": noise(2, 12*mega)}).Manifest.ID
	packs := blobs(t, o.Path, "p")
	sizes := files(t, filepath.Join(o.Path, "p"))
	for _, pack := range packs[1:] {
		if sizes[filepath.Base(pack)] > 9*mega { // holds nothing but a part
			ok(t, os.Truncate(pack, 1000))
		}
	}
	results, err := v.VerifyAll(t.Context(), false, 0, nil)
	ok(t, err)
	ok(t, results[first])
	refused(t, results[second], backup.Damaged, "data/2.copy")
	ok(t, os.Remove(packs[0]))
	results, err = v.VerifyAll(t.Context(), false, 0, nil)
	ok(t, err)
	refused(t, results[first], backup.Damaged, "is damaged")
}

func flip(t *testing.T, path string, at int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	ok(t, err)
	data[at] ^= 1
	ok(t, os.WriteFile(path, data, 0o600))
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

func TestListWithDamage(t *testing.T) {
	o := options(t)
	v := create(t, o)
	first := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, mega)}).Manifest.ID
	had := map[string]bool{}
	for _, p := range blobs(t, o.Path, "p") {
		had[p] = true
	}
	second := put(t, v, "blog", map[string][]byte{"data/1.copy": noise(1, mega)}).Manifest.ID
	for _, p := range blobs(t, o.Path, "p") {
		if !had[p] { // holds manifest.json and RESTORE.txt of the second alone
			ok(t, os.Truncate(p, 10))
		}
	}
	list, err := v.List(t.Context())
	ok(t, err)
	if len(list) != 2 || list[0].Manifest.ID != first || list[1].Manifest.ID != second || list[1].Manifest.Sandbox != "blog" || !list[1].VerifiedAt.IsZero() {
		t.Fatalf("listed %+v", list)
	}
	if w := v.Warnings(); len(w) != 1 || !strings.Contains(w[0], string(second)) {
		t.Errorf("warnings: %q", w)
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

func TestCommitIsCancelled(t *testing.T) {
	o := options(t)
	v := create(t, o)
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	ok(t, writePart(t.Context(), w, "data/1.copy", noise(1, 12*mega)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.Commit(ctx, newManifest("shop", nil))
	if backup.KindOf(err) != backup.Cancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled commit says %v", err)
	}
	ok(t, w.Abort(t.Context()))
	list, err := v.List(t.Context())
	ok(t, err)
	if len(list) != 0 || size(t, o.Path) > 100_000 {
		t.Errorf("%d backups, left:\n%s", len(list), describe(files(t, o.Path)))
	}
}

// A pack that does not hold what was written must be noticed before the backup is listed.
func TestCommitReadsBack(t *testing.T) {
	o := options(t)
	v := create(t, o)
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	ok(t, writePart(t.Context(), w, "data/1.copy", noise(1, 12*mega)))
	packs := blobs(t, o.Path, "p")
	if len(packs) != 1 {
		t.Fatalf("%d packs are on disk", len(packs))
	}
	flip(t, packs[0], 5_000_000)
	_, err = w.Commit(t.Context(), newManifest("shop", nil))
	refused(t, err, backup.Damaged, "cannot be read back")
	list, err := v.List(t.Context())
	ok(t, err)
	if len(list) != 0 {
		t.Errorf("%d backups are listed", len(list))
	}
	put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, 12*mega)})
}

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
