package plan

import (
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
)

// field is one of the five fields of a cron expression.
type field struct {
	name     string
	min, max int
	names    []string // of min, min+1, …
}

var (
	dayNames   = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

	fields = [5]field{
		{name: "minute", max: 59},
		{name: "hour", max: 23},
		{name: "day of the month", min: 1, max: 31},
		{name: "month", min: 1, max: 12, names: monthNames},
		{name: "day of the week", max: 7, names: dayNames}, // 7 is Sunday again
	}
	nicknames = map[string]string{
		"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
		"@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
	}
)

const cronHint = `Write minute, hour, day of the month, month and day of the week, like "cron 0 2 * * *" or "cron 30 8-18/2 * * mon-fri".`

// parseCron reads five fields in lower case, or one nickname. As in crontab(5), a day matches
// when either of its two fields does, unless one of them begins with a star: then both must.
func parseCron(words []string) (rule, error) {
	if len(words) == 1 && strings.HasPrefix(words[0], "@") {
		full, ok := nicknames[words[0]]
		if !ok {
			return rule{}, backup.Errorf(backup.Usage, "Use @hourly, @daily, @weekly, @monthly or @yearly.", "%q is no name of a cron schedule", words[0])
		}
		words = strings.Fields(full)
	}
	if len(words) != len(fields) {
		return rule{}, backup.Errorf(backup.Usage, cronHint, "a cron expression has 5 fields, this one has %d", len(words))
	}
	var sets [5]uint64
	for i, f := range fields {
		set, err := f.parse(words[i])
		if err != nil {
			return rule{}, err
		}
		sets[i] = set
	}
	r := rule{
		minutes: sets[0], hours: sets[1], days: sets[2], months: sets[3],
		weekdays: (sets[4] | sets[4]>>7) & rangeOf(0, 6, 1),
		anyDay:   strings.HasPrefix(words[2], "*"), anyWeekday: strings.HasPrefix(words[4], "*"),
	}
	if !r.everComes() {
		return rule{}, backup.Errorf(backup.Usage, "Choose a day that the month has.", "the cron expression names a day that never comes")
	}
	return r, nil
}

// everComes is false when no month of the rule has any of its days, as with 30 February.
func (r rule) everComes() bool {
	if !r.anyDay && !r.anyWeekday {
		return true // a weekday is enough
	}
	for month, length := range []int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31} {
		if has(r.months, month+1) && r.days&rangeOf(1, length, 1) != 0 {
			return true
		}
	}
	return false
}

// parse reads a comma-separated list of values, ranges and steps.
func (f field) parse(text string) (set uint64, err error) {
	for item := range strings.SplitSeq(text, ",") {
		more, err := f.parseItem(item)
		if err != nil {
			return 0, err
		}
		set |= more
	}
	return set, nil
}

func (f field) parseItem(item string) (uint64, error) {
	span, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		n, ok := number(stepText)
		if !ok || n < 1 || n > f.max {
			return 0, backup.Errorf(backup.Usage, cronHint, "%q in the cron field %q: the step must be a number from 1 to %d", item, f.name, f.max)
		}
		step = n
	}
	if span == "*" {
		return rangeOf(f.min, f.max, step), nil
	}
	fromText, toText, ranged := strings.Cut(span, "-")
	if stepped && !ranged {
		return 0, backup.Errorf(backup.Usage, "Write a range before the step, like 5-59/15 or */15.", "%q in the cron field %q: a step needs a range", item, f.name)
	}
	from, err := f.value(fromText)
	if err != nil {
		return 0, err
	}
	to := from
	if ranged {
		if to, err = f.value(toText); err != nil {
			return 0, err
		}
	}
	if to == 0 && f.max == 7 && from > 0 {
		to = 7 // fri-sun
	}
	if to < from {
		return 0, backup.Errorf(backup.Usage, "Write the smaller value first.", "%q in the cron field %q runs backwards", item, f.name)
	}
	return rangeOf(from, to, step), nil
}

func (f field) value(text string) (int, error) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.min + i, nil
	}
	n, ok := number(text)
	if !ok || n < f.min || n > f.max {
		return 0, backup.Errorf(backup.Usage, cronHint, "%q in the cron field %q: it must be from %d to %d", text, f.name, f.min, f.max)
	}
	return n, nil
}

// number reads digits and nothing else; Atoi alone takes signs.
func number(text string) (int, bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
