package mirror_test

import (
	"path/filepath"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestCopyAsOfAnEarlierDay opens a copy as it was: with what was removed since, without what came.
func TestCopyAsOfAnEarlierDay(t *testing.T) {
	t.Parallel()
	for _, p := range []mirrortest.Place{mirrortest.Folder(t), mirrortest.S3(t)} {
		t.Run(string(p.Kind), func(t *testing.T) {
			t.Parallel()
			v := newVault(t)
			h := newHome(v)
			begin := time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC)
			now := begin
			h.Now = func() time.Time { return now }
			s := connect(t, p, mirror.Options{Create: true})
			first := put(t, v, noise(1, 1<<20))
			h.sync(t, v, s)
			now = begin.Add(time.Hour)
			second := put(t, v, noise(2, 1<<20))
			h.sync(t, v, s)
			now = begin.Add(3 * day)
			_, err := v.Delete(t.Context(), 0, first)
			ok(t, err)
			third := put(t, v, noise(3, 1<<20))
			h.sync(t, v, s)

			asOf := connect(t, p, mirror.Options{At: begin.Add(2 * day)})
			old := fetched(t, asOf)
			same(t, old, first, noise(1, 1<<20))
			same(t, old, second, noise(2, 1<<20))
			if ids(t, old)[third] {
				t.Error("what came later is in it")
			}
			checked, err := mirror.Check(t.Context(), asOf, testKey, time.Now, nil)
			ok(t, err)
			if checked.Backups != 2 {
				t.Errorf("%d backups were checked", checked.Backups)
			}
			if list := ids(t, fetched(t, s)); list[first] || !list[second] || !list[third] {
				t.Errorf("the copy as it is lists %v", list)
			}
			early := connect(t, p, mirror.Options{At: begin.Add(-time.Hour)})
			_, err = mirror.Fetch(t.Context(), early, filepath.Join(t.TempDir(), "v"), testKey, time.Now, nil)
			fails(t, err, backup.Unreachable, "is not kept")
			h.days(t, &now, 10, v, s)
			_, err = mirror.Fetch(t.Context(), asOf, filepath.Join(t.TempDir(), "v"), testKey, time.Now, nil)
			fails(t, err, backup.Unreachable, "is not kept")
		})
	}
}

// TestFetchOfTwoDaysIsNotMixed breaks a fetch of an earlier day off: that of another day refuses its folder.
func TestFetchOfTwoDaysIsNotMixed(t *testing.T) {
	t.Parallel()
	v, p := newVault(t), mirrortest.Folder(t)
	h := newHome(v)
	begin := time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC)
	now := begin
	h.Now = func() time.Time { return now }
	s := connect(t, p, mirror.Options{Create: true})
	put(t, v, noise(1, 1<<20))
	h.sync(t, v, s)
	now = begin.Add(day)
	put(t, v, noise(2, 1<<20))
	h.sync(t, v, s)
	o := options(t.TempDir())
	ctx, stop := contextWithCause(t)
	_, err := mirror.Fetch(ctx, connect(t, p, mirror.Options{At: begin}), o.Path, testKey, time.Now, func(int64, int64) { stop(nil) })
	if err == nil {
		t.Fatal("the fetch was not broken off")
	}
	_, err = mirror.Fetch(t.Context(), s, o.Path, testKey, time.Now, nil)
	fails(t, err, backup.Refused, "is not empty")
	_, err = mirror.Fetch(t.Context(), connect(t, p, mirror.Options{At: begin}), o.Path, testKey, time.Now, nil)
	ok(t, err)
	copied, err := vault.Open(t.Context(), o, testKey)
	ok(t, err)
	ok(t, copied.Close(t.Context()))
}
