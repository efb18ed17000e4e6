package mirror_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup/tally"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestClockLeapsWhileACopyIsBroughtUpToDate sets the clock ahead, or back, while the copy keeps what the vault
// removed: none of it is given up, and how the copy was on each day can still be seen. Once the clock is right
// again, or where it stays as it is, what was kept for long enough gives its space back.
func TestClockLeapsWhileACopyIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "off-site: the clock leaps while a copy is brought up to date")
	for what, leaps := range map[string][]time.Duration{
		"ahead, and stays":               {10 * 365 * day},
		"ahead by a week, and stays":     {mirror.DefaultLag},
		"ahead, and right again":         {10 * 365 * day, -10 * 365 * day},
		"ahead, right, and ahead":        {400 * day, -400 * day, 400 * day},
		"back, and right again":          {-30 * 365 * day, 30 * 365 * day},
		"further and further ahead":      {30 * day, 300 * day, 3000 * day},
		"ahead, and then a little later": {30 * day, time.Minute, time.Hour},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			row.Try(what)
			v, p := newVault(t), mirrortest.Folder(t)
			h := newHome(v)
			now := time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC)
			h.Now = func() time.Time { return now }
			s := connect(t, p, mirror.Options{Create: true})
			gone, kept := noise(1, 1<<20), noise(2, 1<<20)
			first, second := put(t, v, gone), put(t, v, kept)
			h.sync(t, v, s)
			before := now
			now = now.Add(day)
			_, err := v.Delete(t.Context(), 0, first)
			ok(t, err)
			h.sync(t, v, s)
			for _, leap := range leaps {
				now = now.Add(leap)
				put(t, v, noise(byte(now.Unix()), 100))
				if r := h.sync(t, v, s); r.Removed > 0 || r.Kept == 0 {
					row.Lost("after a leap by %s %d files are given up, %d kept", leap, r.Removed, r.Kept)
				}
			}
			if !strings.HasPrefix(what, "back") { // else how it was is of the future, and forgotten
				same(t, fetched(t, connect(t, p, mirror.Options{At: before})), first, gone)
			}
			if h.days(t, &now, 10, v, s) == 0 {
				t.Error("nothing is ever given up")
			}
			copied := fetched(t, s)
			same(t, copied, second, kept)
			if ids(t, copied)[first] {
				t.Error("the copy lists what was deleted")
			}
		})
	}
}

// TestLagPassesWhileTheVaultIsWrittenTo: a copy that is only seldom in reach gives up what was removed long
// ago, where the vault's own files say that the days did pass.
func TestLagPassesWhileTheVaultIsWrittenTo(t *testing.T) {
	t.Parallel()
	v, p := newVault(t), mirrortest.Folder(t)
	h := newHome(v)
	now := time.Now()
	h.Now = func() time.Time { return now }
	gone := put(t, v, noise(1, 1<<20))
	s := connect(t, p, mirror.Options{Create: true})
	put(t, v, noise(2, 1<<20))
	h.sync(t, v, s)
	_, err := v.Delete(t.Context(), 0, gone)
	ok(t, err)
	h.sync(t, v, s)
	for i := range byte(8) {
		now = now.Add(day)
		for _, path := range written(t, v, func() { put(t, v, noise(10+i, 1000)) }) {
			ok(t, os.Chtimes(path, now, now))
		}
	}
	if r := h.sync(t, v, s); r.Removed == 0 {
		t.Errorf("after eight days with a backup each: %+v", r)
	}
}

// written gives the vault's files that are new after do.
func written(t *testing.T, v *vault.Vault, do func()) (paths []string) {
	t.Helper()
	pattern := filepath.Join(v.Path(), "*", "*.f")
	before, err := filepath.Glob(pattern)
	ok(t, err)
	had := map[string]bool{}
	for _, path := range before {
		had[path] = true
	}
	do()
	after, err := filepath.Glob(pattern)
	ok(t, err)
	for _, path := range after {
		if !had[path] {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		t.Fatalf("nothing was written below %s", v.Path())
	}
	return paths
}
