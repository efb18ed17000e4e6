package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"holdfast/backup"
)

// maxText is the longest text of a schedule in bytes.
const maxText = 400

const formsHint = `Write it like "daily 02:00", "every 6h", "weekly mon 03:00", "monthly 1 03:00" or "cron 0 2 * * *", with a time zone behind it if it is not the local one.`

// Parse reads the text of a schedule, as a configuration file holds it:
//
//	daily 02:00
//	every 6h            at 00:00, 06:00, 12:00 and 18:00; 1 to 24 hours, from each midnight anew
//	weekly mon 03:00
//	monthly 31 03:00    on the last day of a month that has no such day
//	cron 0 2 * * *      five fields, or one of @hourly, @daily, @weekly, @monthly, @yearly
//
// Each may be followed by the name of a time zone, like Europe/Berlin; without one the local
// zone holds. The word cron may be left out. Errors are Usage.
func Parse(text string) (Schedule, error) {
	if len(text) > maxText {
		return Schedule{}, backup.Errorf(backup.Usage, formsHint, "the schedule is longer than %d characters", maxText)
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return Schedule{}, backup.Errorf(backup.Usage, formsHint, "the schedule is empty")
	}
	form := strings.ToLower(words[0])
	if strings.ContainsRune("@*0123456789", rune(form[0])) {
		form, words = "cron", append([]string{"cron"}, words...)
	}
	words = words[1:]
	sizes := map[string]int{"daily": 1, "every": 1, "weekly": 2, "monthly": 2, "cron": 5}
	size := sizes[form]
	if size == 0 {
		hint := backup.Meant(form, slices.Sorted(maps.Keys(sizes)), formsHint)
		return Schedule{}, backup.Errorf(backup.Usage, hint, "%q is no schedule: it begins with %q", text, form)
	}
	if form == "cron" && len(words) > 0 && strings.HasPrefix(words[0], "@") {
		size = 1
	}
	words, zone, err := cutZone(words, size)
	if err != nil {
		return Schedule{}, err
	}
	s, err := parseForm(form, words, size)
	if err != nil {
		return Schedule{}, err
	}
	s.zone = zone
	return s, nil
}

// cutZone takes the zone off the end of the words, where there is one more than the form needs.
func cutZone(words []string, size int) ([]string, *time.Location, error) {
	if len(words) != size+1 {
		return words, nil, nil
	}
	name := words[size]
	zone, err := time.LoadLocation(name)
	if err != nil {
		hint := "Name the zone like Europe/Berlin or UTC, or leave it out to use the local one."
		if size == len(fields) {
			hint = "Cron has 5 fields, none for seconds; behind them only a time zone may stand, like Europe/Berlin."
		}
		return nil, nil, backup.Errorf(backup.Usage, hint, "%q is no time zone that this machine knows", name)
	}
	if zone == time.Local {
		zone = nil
	}
	return words[:size], zone, nil
}

func parseForm(form string, words []string, size int) (Schedule, error) {
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	if form == "cron" {
		r, err := parseCron(words)
		if err != nil {
			return Schedule{}, err
		}
		return Schedule{text: "cron " + strings.Join(words, " "), rule: r}, nil
	}
	if len(words) != size {
		return Schedule{}, backup.Errorf(backup.Usage, formsHint, "%q is no whole schedule", strings.Join(append([]string{form}, words...), " "))
	}
	switch form {
	case "every":
		return every(words[0])
	case "weekly":
		return weekly(words[0], words[1])
	case "monthly":
		return monthly(words[0], words[1])
	default:
		return daily(words[0])
	}
}

func daily(at string) (Schedule, error) {
	minute, err := parseTime(at)
	if err != nil {
		return Schedule{}, err
	}
	return Schedule{text: "daily " + clock(minute), rule: dailyRule(minute)}, nil
}

func every(text string) (Schedule, error) {
	n, ok := number(strings.TrimSuffix(text, "h"))
	if !ok || n < 1 || n > 24 {
		return Schedule{}, backup.Errorf(backup.Usage, `Write a number of hours from 1 to 24, like "every 6h"; for longer pauses use daily, weekly or monthly.`, "%q is no number of hours from 1 to 24", text)
	}
	r := dailyRule(0)
	r.hours = rangeOf(0, 23, n)
	return Schedule{text: fmt.Sprintf("every %dh", n), rule: r}, nil
}

func weekly(day, at string) (Schedule, error) {
	minute, err := parseTime(at)
	if err != nil {
		return Schedule{}, err
	}
	n := slices.Index(dayNames, day)
	for full := time.Sunday; n < 0 && full <= time.Saturday; full++ {
		if day == strings.ToLower(full.String()) {
			n = int(full)
		}
	}
	if n < 0 {
		return Schedule{}, backup.Errorf(backup.Usage, "Use mon, tue, wed, thu, fri, sat or sun.", "%q is no day of the week", day)
	}
	r := dailyRule(minute)
	r.weekdays, r.anyWeekday = 1<<n, false
	return Schedule{text: "weekly " + dayNames[n] + " " + clock(minute), rule: r}, nil
}

func monthly(day, at string) (Schedule, error) {
	minute, err := parseTime(at)
	if err != nil {
		return Schedule{}, err
	}
	n, ok := number(day)
	if !ok || n < 1 || n > 31 {
		return Schedule{}, backup.Errorf(backup.Usage, "Use a number from 1 to 31; 31 is always the last day.", "%q is no day of the month", day)
	}
	r := dailyRule(minute)
	r.days, r.anyDay, r.lastDay = 1<<n, false, true
	return Schedule{text: fmt.Sprintf("monthly %d %s", n, clock(minute)), rule: r}, nil
}

// parseTime reads H:MM or HH:MM and gives the minute of the day.
func parseTime(text string) (int, error) {
	hourText, minuteText, _ := strings.Cut(text, ":")
	hour, okHour := number(hourText)
	minute, okMinute := number(minuteText)
	if !okHour || !okMinute || hour > 23 || minute > 59 || len(hourText) > 2 || len(minuteText) != 2 {
		return 0, backup.Errorf(backup.Usage, "Write the time from 00:00 to 23:59, like 02:00.", "%q is no time of day", text)
	}
	return hour*60 + minute, nil
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// String gives the text that Parse reads back as the same schedule.
func (s Schedule) String() string {
	s = s.orDefault()
	if s.zone == nil || s.zone == time.Local {
		return s.text
	}
	return s.text + " " + s.zone.String()
}

// MarshalText is String, for configuration files.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is Parse, for configuration files.
func (s *Schedule) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}
