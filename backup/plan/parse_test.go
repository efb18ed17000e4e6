package plan_test

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/backup"
	"holdfast/backup/plan"
)

var (
	_ encoding.TextMarshaler   = plan.Schedule{}
	_ encoding.TextUnmarshaler = (*plan.Schedule)(nil)
)

func TestParseAndString(t *testing.T) {
	for text, want := range map[string]string{
		"daily 02:00":               "daily 02:00",
		"  Daily\t2:05 ":            "daily 02:05",
		"daily 23:59 Europe/Berlin": "daily 23:59 Europe/Berlin",
		"daily 02:00 Local":         "daily 02:00",
		"daily 02:00 UTC":           "daily 02:00 UTC",
		"every 6h":                  "every 6h",
		"every 12":                  "every 12h",
		"weekly mon 03:00":          "weekly mon 03:00",
		"weekly Sunday 03:00":       "weekly sun 03:00",
		"weekly saturday 3:00":      "weekly sat 03:00",
		"monthly 1 03:00":           "monthly 1 03:00",
		"monthly 31 03:00 UTC":      "monthly 31 03:00 UTC",
		"cron 0 2 * * *":            "cron 0 2 * * *",
		"0  2 * *  MON-fri":         "cron 0 2 * * mon-fri",
		"*/5 * * * *":               "cron */5 * * * *",
		"@Daily":                    "cron @daily",
		"cron @weekly UTC":          "cron @weekly UTC",
		"cron 0 2 * jan,7 fri-sun":  "cron 0 2 * jan,7 fri-sun",
	} {
		s, err := plan.Parse(text)
		if err != nil || s.String() != want {
			t.Errorf("%q is read as %q, %v; want %q", text, s, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, says, hint string }{
		{"", "empty", "daily 02:00"},
		{strings.Repeat("x", 500), "longer than", "daily"},
		{"sometimes", "no schedule", "daily 02:00"},
		{"daily", "no whole schedule", "daily 02:00"},
		{"daily 24:00", "no time of day", "23:59"},
		{"daily 2:5", "no time of day", "02:00"},
		{"daily -2:00", "no time of day", "02:00"},
		{"daily 002:00", "no time of day", "02:00"},
		{"daily 02:00 Berlin", "no time zone", "Europe/Berlin"},
		{"daily 02:00 ../passwd", "no time zone", "Europe/Berlin"},
		{"daily 02:00 Europe/Berlin or so", "no whole schedule", "daily"},
		{"every 0h", "hours from 1 to 24", "every 6h"},
		{"every 25h", "hours from 1 to 24", "daily"},
		{"every day", "hours from 1 to 24", "every 6h"},
		{"weekly 03:00", "no whole schedule", "weekly mon 03:00"},
		{"weekly someday 03:00", "no day of the week", "mon"},
		{"weekly mon 3", "no time of day", "02:00"},
		{"monthly 0 03:00", "no day of the month", "31"},
		{"monthly 32 03:00", "no day of the month", "31"},
		{"monthly 1 99:00", "no time of day", "02:00"},
		{"cron", "has 0", "minute, hour"},
		{"cron 0 2 * *", "has 4", "minute, hour"},
		{"cron 0 0 2 * * *", "no time zone", "none for seconds"},
		{"cron 60 2 * * *", "minute", "minute, hour"},
		{"cron 0 24 * * *", "hour", "minute, hour"},
		{"cron 0 2 0 * *", "day of the month", "minute, hour"},
		{"cron 0 2 * 13 *", "month", "minute, hour"},
		{"cron 0 2 * * 8", "day of the week", "minute, hour"},
		{"cron 0 2 * * friday", "day of the week", "mon-fri"},
		{"cron 30-10 2 * * *", "backwards", "smaller"},
		{"cron 5/10 2 * * *", "needs a range", "5-59"},
		{"cron */0 2 * * *", "step", "minute"},
		{"cron */+5 2 * * *", "step", "minute"},
		{"cron 1,,2 2 * * *", "from 0 to 59", "minute"},
		{"cron 0 0 30 2 *", "never comes", "month has"},
		{"cron 0 0 31 apr,jun *", "never comes", "month has"},
		{"cron @reboot", "no name of a cron schedule", "@daily"},
	} {
		s, err := plan.Parse(c.text)
		if backup.KindOf(err) != backup.Usage {
			t.Errorf("%q is read as %q, %v", c.text, s, err)
			continue
		}
		e := backup.AsError(err)
		if !strings.Contains(e.Text, c.says) || !strings.Contains(e.Hint, c.hint) || len(e.Text) > 500 {
			t.Errorf("%q: %s (%s)", c.text, e.Text, e.Hint)
		}
		if s.String() != plan.Default().String() {
			t.Errorf("%q: an error comes with %q", c.text, s)
		}
	}
}

func TestUnmarshalKeepsTheOldOnError(t *testing.T) {
	s := parse(t, "weekly mon 03:00")
	if err := s.UnmarshalText([]byte("nonsense")); err == nil || s.String() != "weekly mon 03:00" {
		t.Errorf("%s, %v", s, err)
	}
	if err := s.UnmarshalText([]byte("every 6h")); err != nil || s.String() != "every 6h" {
		t.Errorf("%s, %v", s, err)
	}
	if text, err := s.MarshalText(); err != nil || string(text) != "every 6h" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"daily 02:00":               "every day at 02:00",
		"daily 02:00 Europe/Berlin": "every day at 02:00, Europe/Berlin time",
		"every 1h":                  "every hour",
		"every 3h":                  "every 3 hours from midnight",
		"every 6h":                  "every 6 hours at 00:00, 06:00, 12:00 and 18:00",
		"every 5h":                  "every 5 hours at 00:00, 05:00, 10:00, 15:00 and 20:00",
		"every 24h":                 "every day at 00:00",
		"weekly mon 03:00":          "every Monday at 03:00",
		"monthly 1 03:00":           "on the 1st of every month at 03:00",
		"monthly 31 03:00":          "on the 31st of every month (on the last day of a shorter month) at 03:00",
		"monthly 12 03:00":          "on the 12th of every month at 03:00",
		"@daily":                    "every day at 00:00",
		"@hourly":                   "every hour",
		"@yearly":                   "on the 1st of January at 00:00",
		"0 9,17 * * mon-fri":        "every Monday to Friday at 09:00 and 17:00",
		"*/15 * * * *":              "every 15 minutes",
		"*/7 * * * *":               "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour",
		"* * * * *":                 "every minute",
		"* 3 * * *":                 "every minute of the hours 3",
		"30 * * * sat,sun":          "at minute 30 of every hour, every Sunday and Saturday",
		"5 8-17 * * *":              "at minute 5 of the hours 8 to 17",
		"*/20 8-17 * * 1":           "every 20 minutes of the hours 8 to 17, every Monday",
		"0 2 1,15 * *":              "on the 1st and 15th of every month at 02:00",
		"0 2 1-3,22 jan,feb *":      "on the 1st to 3rd and 22nd of January and February at 02:00",
		"0 2 * 6-8 *":               "every day in June to August at 02:00",
		"0 2 * 12 fri":              "every Friday in December at 02:00",
		"0 2 13 * fri":              "on the 13th of every month and on every Friday at 02:00",
		"0 2 13 5 fri":              "on the 13th of May and on every Friday in May at 02:00",
		"0 2 */15 * mon,tue":        "on the 1st, 16th and 31st of every month, but only on a Monday or Tuesday at 02:00",
	} {
		if got := parse(t, text).Words(); got != want {
			t.Errorf("%q in words is %q, want %q", text, got, want)
		}
	}
}

// anySchedule draws one of every form.
func anySchedule(t *rapid.T) plan.Schedule {
	time := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
	})
	form := rapid.OneOf(
		rapid.Map(time, func(at string) string { return "daily " + at }),
		rapid.Map(rapid.IntRange(1, 24), func(n int) string { return fmt.Sprintf("every %dh", n) }),
		rapid.Map(time, func(at string) string { return "weekly sun " + at }),
		rapid.Map(time, func(at string) string { return "monthly 31 " + at }),
		rapid.SampledFrom([]string{"cron @daily", "cron 0,30 */2 * * *", "cron 15 3 1-7 * mon", "cron 0 2 * * mon-fri"}),
	).Draw(t, "form")
	return parse(t, form+" "+rapid.SampledFrom(zones).Draw(t, "zone"))
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, anySchedule(t)) })
}

func roundTrip(t interface{ Fatalf(string, ...any) }, s plan.Schedule) {
	again, err := plan.Parse(s.String())
	if err != nil || again.String() != s.String() || again.Words() != s.Words() {
		t.Fatalf("%q is read back as %q, %v", s, again, err)
	}
	from := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	if a, b := s.NextN(3, from), again.NextN(3, from); !slices.EqualFunc(a, b, time.Time.Equal) || len(a) != 3 {
		t.Fatalf("%q gives %v, read back %v", s, a, b)
	}
}

// TestCronAgainstEveryMinute compares the parser and Next with a plain walk over the minutes.
func TestCronAgainstEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var words []string
		var sets [5][]int
		for i, f := range [][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}} {
			word, set := cronField(t, f[0], f[1])
			words, sets[i] = append(words, word), set
		}
		matches := func(now time.Time) bool {
			date, weekday := slices.Contains(sets[2], now.Day()), slices.Contains(sets[4], int(now.Weekday()))
			days := date && weekday
			if words[2][0] != '*' && words[4][0] != '*' {
				days = date || weekday
			}
			return days && slices.Contains(sets[0], now.Minute()) && slices.Contains(sets[1], now.Hour()) && slices.Contains(sets[3], int(now.Month()))
		}
		s, err := plan.Parse("cron " + strings.Join(words, " ") + " UTC")
		if err != nil && strings.Contains(err.Error(), "never comes") {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2027, 12, 25, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 500).Draw(t, "day"))
		next := s.Next(now)
		for range 3000 {
			if now = now.Add(time.Minute); matches(now) != now.Equal(next) {
				t.Fatalf("%s at %s: matches %v, Next says %s", s, now, matches(now), next)
			}
			if now.Equal(next) {
				next = s.Next(now)
			}
		}
	})
}

// cronField draws a field and what it stands for.
func cronField(t *rapid.T, lowest, highest int) (word string, set []int) {
	add := func(from, to, step int) {
		for n := from; n <= to; n += step {
			set = append(set, n)
		}
	}
	step := rapid.IntRange(1, 6).Draw(t, "step")
	from := rapid.IntRange(lowest, highest).Draw(t, "from")
	to := rapid.IntRange(from, highest).Draw(t, "to")
	switch rapid.IntRange(0, 5).Draw(t, "how") {
	case 0:
		add(from, from, 1)
		return fmt.Sprint(from), set
	case 1:
		add(from, to, step)
		return fmt.Sprintf("%d-%d/%d", from, to, step), set
	case 2:
		add(lowest, highest, step)
		return fmt.Sprintf("*/%d", step), set
	case 3:
		add(from, from, 1)
		add(to, to, 1)
		return fmt.Sprintf("%d,%d", from, to), set
	}
	add(lowest, highest, 1)
	return "*", set
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"daily 02:00", "every 6h UTC", "weekly mon 03:00", "monthly 31 23:59 Pacific/Apia", "cron 0 2 * * *",
		"@daily", "*/5 1-3,7 1-31/2 jan-mar fri-sun", "cron 0 0 29 2 *", "daily 2:00 Local", "cron 0 0 0 0 0 0", "\xff 0",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := plan.Parse(text)
		if err != nil {
			if e := backup.AsError(err); e.Kind != backup.Usage || e.Text == "" || e.Hint == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		roundTrip(t, s)
		if s.Words() == "" {
			t.Fatalf("%q has no words", text)
		}
	})
}
