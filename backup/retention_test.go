package backup_test

import (
	"encoding"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"holdfast/backup"
)

var (
	_ encoding.TextMarshaler   = backup.Retention{}
	_ encoding.TextUnmarshaler = (*backup.Retention)(nil)
)

// reviewed is the now of the tables: a Wednesday, week 15.
var reviewed = time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)

// line makes a backup from "2026-04-08T02:00" or "3d" (days before reviewed), and words like
// manual, pre-restore, pinned, running, failed, broken, media, both.
func line(t *testing.T, text string) backup.Backup {
	t.Helper()
	words := strings.Fields(text)
	b := backup.Backup{ID: backup.ID(words[0]), Sandbox: "shop", What: backup.ScopeDatabase, Trigger: backup.Scheduled, Status: backup.StatusCompleted}
	var days int
	if n, _ := fmt.Sscanf(words[0], "%dd", &days); n == 1 && strings.HasSuffix(words[0], "d") {
		b.Started = reviewed.AddDate(0, 0, -days)
	} else if at, err := time.Parse("2006-01-02T15:04", words[0]); err == nil {
		b.Started = at
	} else if words[0] != "undated" {
		t.Fatal(err)
	}
	for _, word := range words[1:] {
		switch word {
		case "manual", "pre-restore", "unheard-of":
			b.Trigger = backup.Trigger(word)
		case "running", "failed", "interrupted", "cancelled", "deleted":
			b.Status = backup.Status(word)
		case "media", "both":
			b.What = backup.Scope(word)
		case "pinned":
			b.Pinned = true
		case "broken":
			b.Verdict = backup.Broken
		case "elsewhere":
			b.Sandbox = "other"
		default:
			t.Fatalf("what is %q?", word)
		}
	}
	return b
}

func TestReview(t *testing.T) {
	few := backup.Retention{Newest: 3, Days: 30}
	gfs := backup.Retention{Daily: 7, Weekly: 4, Monthly: 12}
	for _, c := range []struct {
		name  string
		rule  backup.Retention
		zone  string
		lines map[string]string // line: "" when left out, "prune", or tier and reason
	}{
		{"seven days that have one", backup.Retention{Daily: 7}, "UTC", map[string]string{
			"0d": "daily: the newest of 2026-04-08", "1d": "daily: the newest of 2026-04-07", "2d": "daily: the newest of 2026-04-06",
			"5d": "daily: the newest of 2026-04-03", "6d": "daily: the newest of 2026-04-02", "20d": "daily: the newest of 2026-03-19",
			"90d": "daily: the newest of 2026-01-08", "91d": "prune",
		}},
		{"newest of the local day", backup.Retention{Daily: 7}, "America/New_York", map[string]string{
			"2026-04-08T04:30": "daily: the newest of 2026-04-08", "2026-04-08T03:30": "daily: the newest of 2026-04-07",
			"2026-04-07T04:30": "prune", "2026-04-07T03:59": "daily: the newest of 2026-04-06",
		}},
		{"a day of 25 hours is one", backup.Retention{Daily: 2}, "Europe/Berlin", map[string]string{
			"2025-10-26T22:30": "daily: the newest of 2025-10-26", "2025-10-25T22:30": "prune", "2025-10-25T21:30": "daily: the newest of 2025-10-25",
		}},
		{"the day that Samoa skipped", backup.Retention{Daily: 2}, "Pacific/Apia", map[string]string{
			"2011-12-30T10:30": "daily: the newest of 2011-12-31", "2011-12-30T09:30": "daily: the newest of 2011-12-29", "2011-12-29T09:30": "prune",
		}},
		{"grandfather, father, son", gfs, "UTC", map[string]string{
			"0d": "daily: the newest of 2026-04-08", "1d": "daily: the newest of 2026-04-07", "2d": "daily: the newest of 2026-04-06",
			"3d": "daily: the newest of 2026-04-05", "4d": "daily: the newest of 2026-04-04", "5d": "daily: the newest of 2026-04-03",
			"6d": "daily: the newest of 2026-04-02", "7d": "prune", "8d": "monthly: the newest of March 2026",
			"10d": "weekly: the newest of week 13 of 2026", "11d": "prune", "17d": "weekly: the newest of week 12 of 2026", "24d": "prune",
			"70d": "monthly: the newest of January 2026",
		}},
		{"by age", backup.Retention{Days: 30}, "UTC", map[string]string{
			"0d": ": younger than 30 days", "29d": ": younger than 30 days", "30d": "prune", "300d": "prune",
		}},
		{"by count", backup.Retention{Newest: 2}, "UTC", map[string]string{
			"0d": ": one of the 2 newest", "2026-04-08T11:59": ": one of the 2 newest", "1d": "prune",
		}},
		{"everything", backup.Retention{}, "UTC", map[string]string{"0d": ": everything is kept", "3000d": ": everything is kept"}},
		{"on demand", few, "UTC", map[string]string{
			"40d manual": "on-demand: one of the 3 newest", "20d manual": "on-demand: one of the 3 newest", "10d manual": "on-demand: one of the 3 newest",
			"41d manual": "prune on-demand", "0d": ": one of the 3 newest",
		}},
		{"on demand, the rest", few, "UTC", map[string]string{
			"1d manual": "on-demand: one of the 3 newest", "2d manual": "on-demand: one of the 3 newest", "3d manual": "on-demand: one of the 3 newest",
			"4d manual": "on-demand: younger than 30 days", "29d manual": "on-demand: younger than 30 days", "31d manual": "prune on-demand",
		}},
		{"rules apart", backup.Retention{Newest: 1}, "UTC", map[string]string{
			"1d": ": the newest of its kind", "2d manual": "on-demand: the newest of its kind", "3d pre-restore": "pre-restore: the newest of its kind",
			"4d": "prune", "5d manual": "prune on-demand", "6d pre-restore": "prune pre-restore",
		}},
		{"what is never pruned", backup.Retention{Days: 1}, "UTC", map[string]string{
			"9d pinned": ": pinned", "8d running": ": still running", "7d": ": the newest backup", "10d": "prune",
			"undated": ": its date is in the future or missing, so its age is not known", "70d unheard-of": ": its trigger is not known to this program",
		}},
		{"the newest of all triggers", backup.Retention{Days: 1}, "UTC", map[string]string{"7d manual": "on-demand: the newest backup", "8d": "prune"}},
		{"not contents", backup.Retention{Daily: 1}, "UTC", map[string]string{
			"0d failed": "", "1d interrupted": "", "2d cancelled": "", "3d deleted": "", "4d elsewhere": "",
			"5d": "daily: the newest of 2026-04-03", "6d": "prune",
		}},
		{"the future", backup.Retention{Daily: 1}, "UTC", map[string]string{
			"-3650d": ": its date is in the future or missing, so its age is not known", "0d": "daily: the newest of 2026-04-08", "1d": "prune",
		}},
		{"a broken one takes no place", backup.Retention{Daily: 2}, "UTC", map[string]string{
			"0d broken": "daily: the newest of 2026-04-08", "2026-04-08T02:00": "daily: the newest of 2026-04-08",
			"1d broken": "daily: the newest of 2026-04-07", "2d": "daily: the newest of 2026-04-06", "3d": "prune", "4d broken": "prune",
		}},
		{"the newest that restores", backup.Retention{Days: 1}, "UTC", map[string]string{
			"7d broken": ": the newest backup", "8d": ": the newest backup that can be restored", "9d": "prune",
		}},
		{"media take no place of databases", backup.Retention{Daily: 1}, "UTC", map[string]string{
			"0d media": "daily: the newest of 2026-04-08", "1d": "daily: the newest of 2026-04-07", "2d both": "prune",
		}},
		{"both are both", backup.Retention{Daily: 1}, "UTC", map[string]string{
			"0d both": "daily: the newest of 2026-04-08", "1d": "prune", "2d media": "prune",
		}},
		{"ten years without a backup age nothing", few, "UTC", map[string]string{
			"0d manual": "on-demand: one of the 3 newest", "3650d manual": "on-demand: one of the 3 newest", "3651d manual": "on-demand: one of the 3 newest",
			"3679d manual": "on-demand: younger than 30 days", "3681d manual": "prune on-demand",
		}},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		var all []backup.Backup
		for text := range c.lines { // in any order
			all = append(all, line(t, text))
			all[len(all)-1].ID = backup.ID(text)
		}
		got := map[string]string{}
		for _, f := range (backup.RetentionRules{Scheduled: c.rule, OnDemand: c.rule, PreRestore: c.rule}).Review("shop", all, loc, reviewed) {
			if got[string(f.Backup.ID)] = string(f.Tier) + ": " + f.Reason; !f.Keep {
				got[string(f.Backup.ID)] = strings.TrimSpace("prune " + string(f.Tier))
			}
		}
		for text, want := range c.lines {
			if got[text] != want {
				t.Errorf("%s: %s: %q, want %q", c.name, text, got[text], want)
			}
		}
	}
}

func TestDefaultRetention(t *testing.T) {
	d := backup.DefaultRetention()
	if s := fmt.Sprintf("%s / %s / %s", d.Scheduled, d.OnDemand, d.PreRestore); s != "7 daily / 3 newest, 30 days / 3 newest, 30 days" {
		t.Error(s)
	}
	old := []backup.Backup{line(t, "400d"), line(t, "399d")}
	for _, f := range (backup.RetentionRules{}).Review("shop", old, nil, reviewed) {
		if !f.Keep {
			t.Error("no rules at all prune")
		}
	}
	old = append(old, line(t, "0d"), line(t, "1d"), line(t, "2d"), line(t, "3d"), line(t, "4d"), line(t, "5d"))
	fates := d.Review("shop", old, time.UTC, reviewed)
	last := fates[len(fates)-1]
	if len(fates) != 8 || last.Keep || last.Backup != &old[0] || last.Reason != `the rule "7 daily" does not keep it` {
		t.Errorf("%d fates, the last %+v", len(fates), last)
	}
}

func TestEachTriggerHasItsOwnRule(t *testing.T) {
	rules := backup.RetentionRules{Scheduled: backup.Retention{Newest: 1}, OnDemand: backup.Retention{Newest: 2}, PreRestore: backup.Retention{Newest: 3}}
	var all []backup.Backup
	for day := range 5 {
		for _, trigger := range []string{"", " manual", " pre-restore"} {
			all = append(all, line(t, fmt.Sprintf("%dd%s", day, trigger)))
		}
	}
	kept := map[backup.Trigger]int{}
	for _, f := range rules.Review("shop", all, time.UTC, reviewed) {
		if f.Keep {
			kept[f.Backup.Trigger]++
		}
	}
	if kept[backup.Scheduled] != 1 || kept[backup.Manual] != 2 || kept[backup.PreRestore] != 3 {
		t.Errorf("kept: %v", kept)
	}
}
