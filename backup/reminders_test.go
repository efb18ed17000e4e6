package backup_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/backup"
)

var today = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return today.AddDate(0, 0, -days) }

// well is a standing about which nothing is to be said.
func well() backup.Standing {
	return backup.Standing{
		Vault: backup.VaultStanding{Path: "/vault", KitKept: true, Copies: 1, SameDisk: true, Free: 50 << 30, Need: 1 << 20, Since: ago(90)},
		Sandboxes: []backup.SandboxStanding{{
			Name: "shop", Added: ago(90), Last: ago(1), Gap: 24 * time.Hour, Drills: true, Drilled: ago(10), ExportEvery: 30 * 24 * time.Hour, Exported: ago(5),
			Folders: []backup.FolderStanding{{Path: "/src/shop", HasRemote: true, Digest: "d"}},
		}},
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	if list := backup.Reminders(well(), today); len(list) != 0 {
		t.Errorf("all is well, and yet: %+v", list)
	}
	type sandbox = backup.SandboxStanding
	on := func(change func(*sandbox)) func(*backup.Standing) {
		return func(s *backup.Standing) { change(&s.Sandboxes[0]) }
	}
	git := func(change func(*backup.FolderStanding)) func(*backup.Standing) {
		return on(func(b *sandbox) { change(&b.Folders[0]) })
	}
	for _, c := range []struct {
		name   string
		change func(*backup.Standing)
		want   string // ID kind since command
		text   string
	}{
		{"no kit", func(s *backup.Standing) { s.Vault.KitKept = false }, "kit kit 90 holdfast vault kit --out recovery-kit.pdf", "without the key"},
		{"void kit", func(s *backup.Standing) { s.Vault.KitVoid = ago(3) }, "kit kit 3 holdfast vault kit --out recovery-kit.pdf", "the key was changed"},
		{"little space", func(s *backup.Standing) { s.Vault.Free = 900 << 20 }, "space space - holdfast retention prune", "900 MiB"},
		{"little space for large backups", func(s *backup.Standing) { s.Vault.Need = 20 << 30 }, "space space - holdfast retention prune", "left"},
		{"space not known", func(s *backup.Standing) { s.Vault.Free = -1 }, "", ""},
		{"one disk", func(s *backup.Standing) { s.Vault.Copies = 0 }, "same-disk same-disk 90 holdfast offsite add disk folder --path /media/OTHER-DISK/holdfast", "a lost disk"},
		{"no copy", func(s *backup.Standing) { s.Vault.Copies, s.Vault.SameDisk = 0, false }, "offsite offsite 90 holdfast offsite add disk folder --path /media/OTHER-DISK/holdfast", "no copy"},
		{"no backup", on(func(b *sandbox) { b.Last = ago(4) }), "backup:shop backup 4 holdfast backup create shop", "no completed backup"},
		{"no backup by a weekly schedule", on(func(b *sandbox) { b.Last, b.Gap = ago(10), 7*24*time.Hour }), "", ""},
		{"never", on(func(b *sandbox) { b.Last, b.Added = time.Time{}, ago(2) }), "backup:shop backup 2 holdfast backup create shop", "never"},
		{"new", on(func(b *sandbox) { b.Last, b.Added = time.Time{}, today.Add(-time.Hour) }), "", ""},
		{"drill failed", on(func(b *sandbox) { b.DrillFault = "rows differ" }), "drill:shop drill-failed 10 holdfast backup verify latest:shop --drill", "rows differ"},
		{"drill overdue", on(func(b *sandbox) { b.Drilled = ago(50) }), "drill:shop drill 50 holdfast backup verify latest:shop --drill", "more than a month"},
		{"drill overdue, off", on(func(b *sandbox) { b.Drilled, b.Drills = ago(50), false }), "", ""},
		{"export overdue", on(func(b *sandbox) { b.Exported = ago(31) }), "export:shop export 31 holdfast backup download latest:shop --format dump --out .", "overdue"},
		{"export never", on(func(b *sandbox) { b.Exported = time.Time{} }), "export:shop export 90 holdfast backup download latest:shop --format dump --out .", "overdue"},
		{"secrets never exported", on(func(b *sandbox) { b.Secrets = []backup.SecretStanding{{Path: "/a", New: true, Modified: ago(3)}} }), "secrets:shop secrets 3 holdfast secrets export shop --format age --out shop-secrets.tar.age", "never exported: /a"},
		{"secrets changed", on(func(b *sandbox) {
			b.Secrets = []backup.SecretStanding{{Path: "/a", Modified: ago(3)}, {Path: "/b", New: true, Modified: ago(7)}}
		}), "secrets:shop secrets 7 holdfast secrets export shop --format age --out shop-secrets.tar.age", "changed since they were exported: /a, /b"},
		{"not covered", on(func(b *sandbox) { b.Uncovered = []string{"a", "b", "c", "d"} }), "not-covered:shop not-covered - holdfast sandbox show shop", "a, b, c and 1 more"},
		{"changes", git(func(f *backup.FolderStanding) { f.Changed, f.ChangedAt = 2, ago(3) }), "git:3cb8c763 uncommitted 3 git -C /src/shop commit -a", "2 changed"},
		{"new files", git(func(f *backup.FolderStanding) { f.Changed, f.New, f.ChangedAt = 2, true, ago(3) }), "git:3cb8c763 uncommitted 3 git -C /src/shop add --interactive && git -C /src/shop commit", "2 changed"},
		{"a secret that is not ignored", git(func(f *backup.FolderStanding) { f.Changed, f.New, f.Exposed, f.ChangedAt = 2, true, "api/.env", ago(3) }), "git:3cb8c763 uncommitted 3 echo /api/.env >> /src/shop/.gitignore", "api/.env should be ignored"},
		{"commits", git(func(f *backup.FolderStanding) {
			f.Unpushed, f.UnpushedAt, f.Branches, f.HasUpstream = 2, ago(3), []string{"main"}, true
		}), "git:3cb8c763 unpushed 3 git -C /src/shop push origin --all", "2 commits on no remote (main)"},
		{"commits without upstream", git(func(f *backup.FolderStanding) { f.Unpushed, f.UnpushedAt = 2, ago(3) }), "git:3cb8c763 unpushed 3 git -C /src/shop push -u origin --all", "2 commits"},
		{"no remote", git(func(f *backup.FolderStanding) { f.Unpushed, f.UnpushedAt, f.HasRemote = 2, ago(3), false }), "git:3cb8c763 unpushed 3 git -C /src/shop remote add origin URL && git -C /src/shop push -u origin --all", "no remote"},
		{"on no branch", git(func(f *backup.FolderStanding) { f.Unpushed, f.Loose, f.UnpushedAt = 1, 1, ago(3) }), "git:3cb8c763 unpushed 3 git -C /src/shop switch -c NAME", "on no branch"},
		{"stashes", git(func(f *backup.FolderStanding) { f.Stashes, f.StashedAt = 1, ago(3) }), "git:3cb8c763 uncommitted 3 git -C /src/shop stash list", "1 stash"},
		{"unreadable", git(func(f *backup.FolderStanding) { f.Problem = "not ours" }), "git:3cb8c763 uncommitted - git -C /src/shop status", "not ours"},
	} {
		s := well()
		c.change(&s)
		var got, text string
		for _, r := range backup.Reminders(s, today) {
			since := "-"
			if !r.Since.IsZero() {
				since = strings.TrimSuffix(today.Sub(r.Since).String(), "h0m0s")
				since = map[string]string{"48": "2", "72": "3", "96": "4", "168": "7", "240": "10", "744": "31", "1200": "50", "2160": "90"}[since]
			}
			got += r.ID + " " + string(r.Kind) + " " + since + " " + r.Command
			text += r.Text
			if r.Never != (c.name == "never") {
				t.Errorf("%s: never is %v", c.name, r.Never)
			}
			if r.Facts == "" {
				t.Errorf("%s: no facts: a dismissal would hide it for ever", c.name)
			}
		}
		if got != c.want || !strings.Contains(text, c.text) {
			t.Errorf("%s:\ngot  %s\nwant %s\ntext %s", c.name, got, c.want, text)
		}
	}
}

func TestRemindersAreInTheOrderOfHarm(t *testing.T) {
	t.Parallel()
	s := well()
	s.Vault.KitKept, s.Vault.Free, s.Vault.Copies = false, 0, 0
	b := &s.Sandboxes[0]
	b.Last, b.DrillFault, b.Exported, b.Uncovered = ago(5), "x", time.Time{}, []string{"Redis"}
	b.Secrets = []backup.SecretStanding{{Path: "/a", Modified: ago(1)}}
	b.Folders = []backup.FolderStanding{
		{Path: "/c", Changed: 1, ChangedAt: ago(1)}, {Path: "/b", Unpushed: 1, UnpushedAt: ago(1)}, {Path: "/a", Unpushed: 1, UnpushedAt: ago(2)},
	}
	var kinds []string
	for _, r := range backup.Reminders(s, today) {
		kinds = append(kinds, string(r.Kind)+r.Folder)
	}
	want := []string{"backup", "drill-failed", "kit", "space", "same-disk", "unpushed/a", "unpushed/b", "uncommitted/c", "secrets", "export", "not-covered"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRemindersTellOfASharedFolderOnce(t *testing.T) {
	t.Parallel()
	s := well()
	s.Sandboxes[0].Folders[0].Changed = 1
	s.Sandboxes = append(s.Sandboxes, s.Sandboxes[0])
	s.Sandboxes[1].Name = "blog"
	if list := backup.Reminders(s, today); len(list) != 1 || list[0].Sandbox != "shop" {
		t.Errorf("got %+v", list)
	}
}

func TestReminderMarks(t *testing.T) {
	t.Parallel()
	r := backup.Reminder{Facts: "one"}
	for _, c := range []struct {
		mark backup.ReminderMark
		want bool
	}{
		{backup.ReminderMark{}, false},
		{backup.ReminderMark{Snoozed: today.Add(time.Minute)}, true},
		{backup.ReminderMark{Snoozed: today}, false},
		{backup.ReminderMark{Snoozed: today.Add(2 * backup.LongestSnooze)}, false}, // by a clock that was wrong
		{backup.ReminderMark{Dismissed: "one"}, true},
		{backup.ReminderMark{Dismissed: "two"}, false},
	} {
		if c.mark.Hides(r, today) != c.want {
			t.Errorf("%+v: %v", c.mark, !c.want)
		}
	}
}

func TestNoticeDueOnceADay(t *testing.T) {
	t.Parallel()
	list := []backup.Reminder{{ID: "kit"}, {ID: "git:1", Folder: "/a", Since: today.Add(-time.Hour)}, {ID: "git:2", Folder: "/b", Since: ago(2)}}
	for _, c := range []struct {
		last time.Time
		want int
	}{{time.Time{}, 2}, {today.Add(-23 * time.Hour), 0}, {today.Add(-24 * time.Hour), 2}, {today.AddDate(3, 0, 0), 2}} {
		if got := backup.NoticeDue(list, c.last, today); len(got) != c.want {
			t.Errorf("last %v: %d of them, want %d", c.last, len(got), c.want)
		}
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"/a/b-c": "/a/b-c", "a b": "'a b'", "it's; rm": `'it'\''s; rm'`, "": "''"} {
		if got := backup.ShellWord(word); got != want {
			t.Errorf("%q: %s", word, got)
		}
	}
}
