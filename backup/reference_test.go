package backup_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"holdfast/backup"
)

func TestResolve(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 4, d, 2, 0, 0, 0, time.UTC) }
	all := []backup.Backup{
		{ID: "aa11000000000000", Sandbox: "shop", Status: backup.StatusCompleted, Trigger: backup.Manual, Started: day(1)},
		{ID: "aa22000000000000", Sandbox: "shop", Status: backup.StatusCompleted, Trigger: backup.Scheduled, Started: day(3)},
		{ID: "bb33000000000000", Sandbox: "shop", Status: backup.StatusFailed, Trigger: backup.Manual, Started: day(4)},
		{ID: "cc44000000000000", Sandbox: "shop", Status: backup.StatusCompleted, Trigger: backup.PreRestore, Started: day(5)},
		{ID: "dd55000000000000", Sandbox: "blog", Status: backup.StatusCompleted, Trigger: backup.Manual, Started: day(2)},
	}
	for ref, want := range map[string]string{
		"latest": "aa22", "latest:shop": "aa22", "latest:blog": "dd55", "aa1": "aa11", "BB": "bb33", "cc44000000000000": "cc44",
		"aa": "", "": "", "ee": "", "latest:nobody": "", "latest:": "",
	} {
		got, err := backup.Resolve(day(6), ref, all, "")
		switch {
		case want == "" && backup.KindOf(err) != backup.Usage:
			t.Errorf("%q: got %v, %v; want a usage error", ref, got, err)
		case want != "" && (err != nil || !strings.HasPrefix(string(got.ID), want)):
			t.Errorf("%q: got %v, %v; want %s", ref, got, err, want)
		}
	}
}

// TestLatestOfAWrongClock: a backup, and a restore, that a clock which was ahead dated after now is not the
// latest, unless there is no other.
func TestLatestOfAWrongClock(t *testing.T) {
	now := time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)
	ahead := []backup.Backup{
		{ID: "far", Sandbox: "shop", Status: backup.StatusCompleted, Started: now.AddDate(10, 0, 0)},
		{ID: "year", Sandbox: "shop", Status: backup.StatusCompleted, Started: now.AddDate(1, 0, 0)},
	}
	today := backup.Backup{ID: "today", Sandbox: "shop", Status: backup.StatusCompleted, Started: now.Add(-time.Hour)}
	stepped := backup.Backup{ID: "stepped", Sandbox: "shop", Status: backup.StatusCompleted, Started: now.Add(time.Second)}
	for _, c := range []struct {
		want backup.ID
		all  []backup.Backup
	}{
		{"far", ahead},
		{"today", append([]backup.Backup{today}, ahead...)},
		{"today", append(slices.Clone(ahead), today)},
		{"stepped", append([]backup.Backup{stepped, today}, ahead...)},
	} {
		got, err := backup.Resolve(now, "latest:shop", c.all, "")
		if err != nil || got.ID != c.want {
			t.Errorf("got %v, %v; want %s", got, err, c.want)
		}
		var restores []backup.Restore
		for _, b := range c.all {
			restores = append(restores, backup.Restore{ID: b.ID, Sandbox: b.Sandbox, Status: b.Status, Started: b.Started})
		}
		rec, err := backup.ResolveRestore(now, "latest", restores)
		if err != nil || rec.ID != c.want {
			t.Errorf("of the restores got %v, %v; want %s", rec, err, c.want)
		}
	}
}

func TestCutNameFitsAndStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringN(1, 80, 200).Draw(t, "base")
		got := backup.CutName(base, "_before_20260408_143000_000")
		if len(got) > backup.MaxName || !utf8.ValidString(got) || !strings.HasSuffix(got, "_before_20260408_143000_000") {
			t.Fatalf("%q gives %q (%d bytes)", base, got, len(got))
		}
	})
}

func TestNamesThatAreRefused(t *testing.T) {
	for _, bad := range []string{"", strings.Repeat("ü", 32), "a\nb", "a/b", "latest:x", "-x", ".hidden", "a\x7f"} {
		if err := backup.ValidateSandboxName(bad); backup.KindOf(err) != backup.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"shop", "größe", strings.Repeat("x", 63), "a b"} {
		if err := backup.ValidateSandboxName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}
