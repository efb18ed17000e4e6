package plan

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// fewTimes is up to how many times of day are named one by one.
const fewTimes = 6

// Words says in plain English what the schedule means: "every day at 02:00".
func (s Schedule) Words() string {
	s = s.orDefault()
	times, often := s.rule.timeWords()
	days := s.rule.dayWords()
	text := days + " " + times
	switch {
	case often && days == "every day":
		text = times
	case often:
		text = times + ", " + days
	}
	if s.zone != nil && s.zone != time.Local {
		text += ", " + s.zone.String() + " time"
	}
	return text
}

// timeWords says at which times of a day; often when that reads as a frequency, which days
// follow instead of precede.
func (r rule) timeWords() (words string, often bool) {
	var named []string
	for minute := range r.times() {
		named = append(named, clock(minute))
	}
	hours, onTheHour := stepOf(r.hours, 24), r.minutes == 1
	switch {
	case len(named) == 1:
		return "at " + named[0], false
	case hours == 1 && onTheHour:
		return "every hour", true
	case hours > 0 && onTheHour && len(named) <= fewTimes:
		return "every " + strconv.Itoa(hours) + " hours at " + list(named), true
	case hours > 0 && onTheHour:
		return "every " + strconv.Itoa(hours) + " hours from midnight", true
	case len(named) <= fewTimes:
		return "at " + list(named), false
	case hours == 1:
		return r.minuteWords(" of every hour"), true
	}
	return r.minuteWords(" of the hours " + list(spans(r.hours, strconv.Itoa))), true
}

// minuteWords says at which minutes, and of which hours unless that is plain.
func (r rule) minuteWords(ofHours string) string {
	step := stepOf(r.minutes, 60)
	everyHour := ofHours == " of every hour"
	switch {
	case step == 1 && everyHour:
		return "every minute"
	case step == 1:
		return "every minute" + ofHours
	case step > 0 && 60%step == 0 && everyHour:
		return "every " + strconv.Itoa(step) + " minutes"
	case step > 0 && 60%step == 0:
		return "every " + strconv.Itoa(step) + " minutes" + ofHours
	case bits.OnesCount64(r.minutes) == 1:
		return "at minute " + list(spans(r.minutes, strconv.Itoa)) + ofHours
	}
	return "at minutes " + list(spans(r.minutes, strconv.Itoa)) + ofHours
}

// dayWords says on which days.
func (r rule) dayWords() string {
	allDates, allWeekdays := r.days == everyDay.days, r.weekdays == everyDay.weekdays
	of, in := " of every month", ""
	if r.months != everyDay.months {
		names := list(spans(r.months, monthName))
		of, in = " of "+names, " in "+names
	}
	dates := "on the " + list(spans(r.days, ordinal)) + of
	if r.lastDay && r.days>>29 != 0 {
		dates += " (on the last day of a shorter month)"
	}
	weekdays := list(spans(r.weekdays, weekdayName))
	if !r.anyDay && !r.anyWeekday {
		return dates + " and on every " + weekdays + in
	}
	switch {
	case allDates && allWeekdays:
		return "every day" + in
	case allDates:
		return "every " + weekdays + in
	case allWeekdays:
		return dates
	}
	return dates + ", but only on a " + strings.Replace(weekdays, " and ", " or ", 1)
}

// stepOf gives n when set is 0, n, 2n, … below end and has more than one member, else 0.
func stepOf(set uint64, end int) int {
	for n := 1; n < end; n++ {
		if set == rangeOf(0, end-1, n) {
			return n
		}
	}
	return 0
}

// spans names the members of set; three or more in a row become "A to B".
func spans(set uint64, name func(int) string) (words []string) {
	for n := 0; n < 64; n++ {
		if !has(set, n) {
			continue
		}
		end := n + bits.TrailingZeros64(^(set >> n)) - 1
		if end-n < 2 {
			words = append(words, name(n))
			continue
		}
		words = append(words, name(n)+" to "+name(end))
		n = end
	}
	return words
}

// list joins words as a sentence does.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func weekdayName(n int) string { return time.Weekday(n).String() }
func monthName(n int) string   { return time.Month(n).String() }

func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
