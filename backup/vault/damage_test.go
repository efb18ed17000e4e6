package vault_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
)

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
