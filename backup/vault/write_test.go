package vault_test

import (
	"context"
	"errors"
	"testing"

	"holdfast/backup"
)

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
