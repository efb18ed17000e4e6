package plan_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"pgregory.net/rapid"

	"holdfast/backup/plan"
)

// zones have their trouble each: a usual change, half an hour, a skipped day, a jump that ends
// at midnight, one that begins there, a return over midnight, and none.
var zones = []string{
	"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Nuuk",
	"Africa/Cairo", "America/St_Johns", "Asia/Kathmandu", "UTC",
}

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func parse(t interface{ Fatal(...any) }, text string) plan.Schedule {
	s, err := plan.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at reads "2026-03-29T03:00:00+02:00".
func at(t interface{ Fatal(...any) }, text string) time.Time {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestNextSlots(t *testing.T) {
	for _, c := range []struct {
		schedule, after string
		want            []string
	}{
		{"daily 02:00 UTC", "2026-04-08T01:59:59Z", []string{"2026-04-08T02:00:00Z", "2026-04-09T02:00:00Z"}},
		{"daily 02:00 UTC", "2026-04-08T02:00:00Z", []string{"2026-04-09T02:00:00Z"}},
		{"daily 02:00 UTC", "2026-12-31T12:00:00+14:00", []string{"2026-12-31T02:00:00Z"}},
		// Clocks go forward: a time that is jumped over is the end of the jump.
		{"daily 02:30 Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"daily 02:15 Australia/Lord_Howe", "2026-10-03T12:00:00Z", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"daily 00:00 Africa/Cairo", "2026-04-23T12:00:00Z", []string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"}},
		// Clocks go back: the first of two.
		{"daily 02:30 Europe/Berlin", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"daily 01:30 America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		{"daily 01:45 Australia/Lord_Howe", "2026-04-04T12:00:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		// After the first of two, the second is none.
		{"daily 02:30 Europe/Berlin", "2026-10-25T02:30:00+02:00", []string{"2026-10-26T02:30:00+01:00"}},
		{"daily 00:00 America/St_Johns", "2006-10-28T23:30:00-02:30", []string{"2006-10-29T00:00:00-02:30", "2006-10-30T00:00:00-03:30"}},
		{"daily 00:00 America/St_Johns", "2006-10-28T23:30:00-03:30", []string{"2006-10-30T00:00:00-03:30"}},
		// 30 December 2011 did not happen in Samoa.
		{"daily 02:00 Pacific/Apia", "2011-12-28T22:00:00-10:00", []string{"2011-12-29T02:00:00-10:00", "2011-12-31T02:00:00+14:00"}},
		// 29 March 2025 ended at 23:00 in Greenland.
		{"daily 23:30 America/Nuuk", "2025-03-29T12:00:00Z", []string{"2025-03-29T22:59:59-02:00", "2025-03-30T23:30:00-01:00"}},
		{"every 1h America/Nuuk", "2025-03-29T21:30:00-02:00", []string{"2025-03-29T22:00:00-02:00", "2025-03-30T00:00:00-01:00"}},
		{"every 6h UTC", "2026-04-08T05:00:00Z", []string{"2026-04-08T06:00:00Z", "2026-04-08T12:00:00Z", "2026-04-08T18:00:00Z", "2026-04-09T00:00:00Z"}},
		{"every 5h UTC", "2026-04-08T15:00:00Z", []string{"2026-04-08T20:00:00Z", "2026-04-09T00:00:00Z"}},
		{"every 1h Europe/Berlin", "2026-03-29T01:00:00+01:00", []string{"2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"}},
		{"weekly sun 03:00 UTC", "2026-04-08T00:00:00Z", []string{"2026-04-12T03:00:00Z", "2026-04-19T03:00:00Z"}},
		{"monthly 1 03:00 UTC", "2026-12-08T00:00:00Z", []string{"2027-01-01T03:00:00Z", "2027-02-01T03:00:00Z"}},
		{"monthly 31 03:00 UTC", "2028-01-31T12:00:00Z", []string{"2028-02-29T03:00:00Z", "2028-03-31T03:00:00Z", "2028-04-30T03:00:00Z"}},
		{"monthly 29 03:00 UTC", "2027-01-31T12:00:00Z", []string{"2027-02-28T03:00:00Z", "2027-03-29T03:00:00Z"}},
		{"@hourly UTC", "2026-04-08T05:30:00Z", []string{"2026-04-08T06:00:00Z"}},
		{"cron @weekly UTC", "2026-04-08T05:30:00Z", []string{"2026-04-12T00:00:00Z"}},
		{"cron @yearly UTC", "2026-04-08T05:30:00Z", []string{"2027-01-01T00:00:00Z"}},
		{"cron 0 0 13 * fri UTC", "2026-04-08T00:00:00Z", []string{"2026-04-10T00:00:00Z", "2026-04-13T00:00:00Z"}},
		{"cron 0 0 */2 * fri UTC", "2026-04-08T00:00:00Z", []string{"2026-04-17T00:00:00Z", "2026-05-01T00:00:00Z"}},
		{"cron 0 0 * * 5-7 UTC", "2026-04-12T00:00:00Z", []string{"2026-04-17T00:00:00Z", "2026-04-18T00:00:00Z", "2026-04-19T00:00:00Z"}},
		{"cron 0 0 29 2 */7 UTC", "2072-03-01T00:00:00Z", []string{"2088-02-29T00:00:00Z", "2128-02-29T00:00:00Z"}},
	} {
		s := parse(t, c.schedule)
		got := s.NextN(len(c.want), at(t, c.after))
		if len(got) != len(c.want) {
			t.Errorf("%s after %s: %v", c.schedule, c.after, got)
			continue
		}
		for i, want := range c.want {
			if got[i].Format(time.RFC3339) != want {
				t.Errorf("%s after %s: slot %d is %s, want %s", c.schedule, c.after, i, got[i].Format(time.RFC3339), want)
			}
		}
		if first := s.Next(at(t, c.after)); !first.Equal(got[0]) {
			t.Errorf("%s: Next gives %s, NextN %s", c.schedule, first, got[0])
		}
	}
}

func TestZeroScheduleIsTheDefault(t *testing.T) {
	var zero plan.Schedule
	berlin := zone(t, "Europe/Berlin")
	if zero.String() != "daily 02:00" || plan.Default().String() != "daily 02:00" || zero.Words() != "every day at 02:00" {
		t.Errorf("zero: %s, default: %s, words: %s", zero, plan.Default(), zero.Words())
	}
	want := at(t, "2026-04-09T02:00:00+02:00")
	for _, s := range []plan.Schedule{zero, plan.Default()} {
		if got := s.In(berlin).Next(at(t, "2026-04-08T12:00:00Z")); !got.Equal(want) {
			t.Errorf("next is %s", got)
		}
	}
	if zero.NextN(0, want) != nil || zero.NextN(-1, want) != nil {
		t.Error("no slots were asked for")
	}
}

func TestOwnZoneHolds(t *testing.T) {
	s := parse(t, "daily 02:00 Asia/Kathmandu").In(time.UTC)
	if s.Zone().String() != "Asia/Kathmandu" || plan.Default().Zone() != time.Local {
		t.Errorf("zones: %s, %s", s.Zone(), plan.Default().Zone())
	}
	if s := parse(t, "daily 02:00 Local").In(time.UTC); s.Zone() != time.UTC {
		t.Errorf("a local schedule stays in %s", s.Zone())
	}
}

// TestOneSlotPerLocalDay walks minute by minute over a change of clocks and looks for each
// day's slot in the plainest way.
func TestOneSlotPerLocalDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		start := time.Unix(rapid.Int64Range(1_100_000_000, 2_200_000_000).Draw(t, "near"), 0).In(loc)
		if _, end := start.ZoneBounds(); !end.IsZero() && rapid.IntRange(0, 9).Draw(t, "at a change") > 0 {
			start = end
		}
		year, month, day := start.Date()
		start = time.Date(year, month, day-3, 12, 0, 0, 0, loc)
		minute := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
		text := time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
		s := parse(t, "daily "+text).In(loc)
		want := map[string]time.Time{} // per local date, its first minute at or after the time of day, else its last minute
		for now := start; now.Before(start.Add(8 * 24 * time.Hour)); now = now.Add(time.Minute) {
			date := now.Format("2006-01-02")
			if was, ok := want[date]; !ok || was.Format("15:04") < text {
				want[date] = now
			}
		}
		got := map[string]int{}
		for _, slot := range s.NextN(7, start) {
			date := slot.Format("2006-01-02")
			got[date]++
			if near := slot.Sub(want[date]); near < 0 || near >= time.Minute {
				t.Fatalf("%s %s: slot %s, want %s", loc, text, slot, want[date])
			}
		}
		if len(got) != 7 {
			t.Fatalf("7 slots lie on %d days: %v", len(got), got)
		}
		next := start.Add(12 * time.Hour) // no day that exists is without one
		for ; next.Before(start.Add(6 * 24 * time.Hour)); next = next.Add(time.Hour) {
			if date := next.Format("2006-01-02"); got[date] != 1 {
				t.Fatalf("%s %s: %s has %d slots", loc, text, date, got[date])
			}
		}
	})
}

func TestNextRisesAndGoesOnFromAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		from := time.Unix(rapid.Int64Range(-2_000_000_000, 6_000_000_000).Draw(t, "from"), 0)
		slots := s.NextN(6, from)
		last := from
		for _, slot := range slots {
			if !slot.After(last) || !s.Next(last).Equal(slot) || !s.Next(slot.Add(-time.Second)).Equal(slot) {
				t.Fatalf("%s: %s follows %s; Next gives %s", s, slot, last, s.Next(last))
			}
			last = slot
		}
		if len(slots) != 6 {
			t.Fatalf("%s has %d slots", s, len(slots))
		}
	})
}

// TestFarAwayTimes only must end, and soon.
func TestFarAwayTimes(t *testing.T) {
	for _, text := range []string{"daily 02:00", "cron 0 0 29 2 */7"} {
		for _, name := range zones {
			s := parse(t, text).In(zone(t, name))
			for _, now := range []time.Time{{}, time.Unix(-1<<40, 0), time.Unix(1<<40, 0)} {
				s.NextN(2, now)
				s.Due(now.AddDate(-30, 0, 0), time.Time{}, now)
			}
		}
	}
}

// TestZonesFarAheadEnd is for a period of the zone database that ends where it was asked about.
func TestZonesFarAheadEnd(t *testing.T) {
	for _, name := range zones {
		s := parse(t, "monthly 31 14:59").In(zone(t, name))
		if slots := s.NextN(12*40, at(t, "2030-01-01T00:00:00Z")); len(slots) != 12*40 || slots[12*40-1].Year() != 2069 {
			t.Errorf("%s: %d slots", name, len(slots))
		}
	}
}
