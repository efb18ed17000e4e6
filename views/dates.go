package views

import (
	"time"

	"fyne.io/fyne/v2/lang"
)

func month(t time.Time) string {
	return []string{
		lang.L("January"), lang.L("February"), lang.L("March"), lang.L("April"), lang.L("May"), lang.L("June"),
		lang.L("July"), lang.L("August"), lang.L("September"), lang.L("October"), lang.L("November"), lang.L("December"),
	}[t.Month()-1]
}

func weekday(d time.Weekday) string {
	return []string{
		lang.L("Sunday"), lang.L("Monday"), lang.L("Tuesday"), lang.L("Wednesday"), lang.L("Thursday"), lang.L("Friday"), lang.L("Saturday"),
	}[d]
}

func shortWeekday(d time.Weekday) string {
	return []string{lang.L("Sun"), lang.L("Mon"), lang.L("Tue"), lang.L("Wed"), lang.L("Thu"), lang.L("Fri"), lang.L("Sat")}[d]
}

// dated are the parts of a moment for a translated template.
func dated(t time.Time) values {
	return values{"Weekday": weekday(t.Weekday()), "Wd": shortWeekday(t.Weekday()), "Day": t.Day(), "Month": month(t), "Year": t.Year(), "Time": t.Format("15:04")}
}

// Moment is a day of this year and a time: "2 January 15:04".
func Moment(t time.Time) string { return lang.L("{{.Day}} {{.Month}} {{.Time}}", dated(t)) }

// wholeMoment is a moment with all that one may ask about it: in its zone, and exactly in UTC.
func wholeMoment(t time.Time) string {
	whole := lang.L("{{.Wd}} {{.Day}} {{.Month}} {{.Year}}", dated(t)) + t.Format(" 15:04:05 MST")
	if _, offset := t.Zone(); offset != 0 {
		whole += t.UTC().Format(" (2006-01-02 15:04:05 UTC)")
	}
	return whole
}

// wholeDay is a day with its year: "Monday, 2 January 2006".
func wholeDay(t time.Time) string {
	return lang.L("{{.Weekday}}, {{.Day}} {{.Month}} {{.Year}}", dated(t))
}

// nearDay is a moment within days: "Mon 2 January 15:04".
func nearDay(t time.Time) string { return lang.L("{{.Wd}} {{.Day}} {{.Month}} {{.Time}}", dated(t)) }

// stamp is a moment as a column of them has it.
func stamp(t time.Time) string {
	return t.Format(lang.X("form of a moment in a list", "2006-01-02 15:04"))
}

// When is a moment that is near: "today 15:04", "tomorrow 02:00", "Mon 2 January 15:04".
func When(t, now time.Time, zone *time.Location) string { return soon(t, now, zone) }
