package plan_test

import "testing"

func TestOverdueAt(t *testing.T) {
	const none = "0001-01-01T00:00:00Z"
	for _, c := range []struct{ name, schedule, last, added, want string }{
		{"daily", "daily 02:00 UTC", "2026-04-08T02:00:03Z", none, "2026-04-09T08:00:00Z"},
		{"daily, run late", "daily 02:00 UTC", "2026-04-08T09:12:00Z", none, "2026-04-09T08:00:00Z"},
		{"every hour", "every 1h UTC", "2026-04-08T09:00:03Z", none, "2026-04-08T10:30:00Z"},
		{"weekly", "weekly mon 03:00 UTC", "2026-04-06T03:00:03Z", none, "2026-04-13T15:00:00Z"},
		{"never run", "daily 02:00 UTC", none, "2026-04-08T14:00:00Z", "2026-04-08T17:00:00Z"},
		{"added again", "daily 02:00 UTC", "2026-01-01T02:00:03Z", "2026-04-08T14:00:00Z", "2026-04-09T08:00:00Z"},
		{"nothing known", "daily 02:00 UTC", none, none, none},
	} {
		if got := parse(t, c.schedule).OverdueAt(at(t, c.last), at(t, c.added)); !got.Equal(at(t, c.want)) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
