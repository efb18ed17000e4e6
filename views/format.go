package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
)

// plain makes control characters and direction marks visible: names come from databases.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\t':
			b.WriteRune('␣')
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// size gives bytes in units that people read.
func size(n int64) string {
	const step = 1024
	units := []string{"B", "KB", "MB", "GB", "TB"}
	value, unit := float64(n), 0
	for value >= step && unit < len(units)-1 {
		value /= step
		unit++
	}
	if unit == 0 || value >= 100 {
		return fmt.Sprintf("%.0f %s", value, units[unit])
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}

// count gives a number with thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// day gives the heading of a day.
func day(t, now time.Time) string {
	switch d := t.Format(time.DateOnly); d {
	case now.Format(time.DateOnly):
		return lang.L("Today")
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return lang.L("Yesterday")
	}
	return t.Format("Monday, 2 January 2006")
}

// ago says how long a moment is past.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return lang.L("never")
	}
	switch d := now.Sub(t); {
	case d < time.Minute:
		return lang.L("just now")
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours())/24)
	}
}

// soon says when something will be.
func soon(t, now time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	t, now = t.In(zone), now.In(zone)
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return lang.L("today") + " " + t.Format("15:04")
	}
	if t.Format(time.DateOnly) == now.AddDate(0, 0, 1).Format(time.DateOnly) {
		return lang.L("tomorrow") + " " + t.Format("15:04")
	}
	return t.Format("Mon 2 Jan 15:04")
}

// left says how long something will take.
func left(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Minute:
		return fmt.Sprintf("about %d s left", int(d.Seconds())+1)
	default:
		return fmt.Sprintf("about %d min left", int(d.Minutes()+0.5))
	}
}

func healthWords(h Health) string {
	switch h {
	case Protected:
		return lang.L("Protected")
	case NeedsAttention:
		return lang.L("Needs attention")
	default:
		return lang.L("Not protected yet")
	}
}

func triggerWords(t backup.Trigger) string {
	switch t {
	case backup.Scheduled:
		return lang.L("Scheduled")
	case backup.PreRestore:
		return lang.L("Before restore")
	default:
		return lang.L("Manual")
	}
}
