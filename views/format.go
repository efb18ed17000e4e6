package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// plain makes characters visible that a reader would not see, or that would move the others:
// names come from databases.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\t', unicode.In(r, unicode.Zl, unicode.Zp):
			b.WriteRune('␣')
		case r == '\u200d': // joins emoji
			b.WriteRune(r)
		case unicode.In(r, unicode.Cc, unicode.Cf):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// short cuts s to so many characters.
func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// values are the data of a translated template.
type values map[string]any

// size gives bytes in units that people read.
func size(n int64) string {
	const step = 1024
	units := []string{"B", "KB", "MB", "GB", "TB"}
	value, unit := float64(n), 0
	for (value >= step || unit > 0 && value >= 999.5) && unit < len(units)-1 { // 999 MB is the widest
		value /= step
		unit++
	}
	if unit == 0 || value >= 100 {
		return fmt.Sprintf("%.0f %s", value, units[unit])
	}
	return strings.Replace(fmt.Sprintf("%.1f %s", value, units[unit]), ".", lang.X("decimal point", "."), 1)
}

// count gives a number with thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + lang.X("separator of thousands", ",") + digits[i:]
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
	return wholeDay(t)
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
		return lang.L("{{.N}} min ago", values{"N": int(d.Minutes())})
	case d < 48*time.Hour:
		return lang.L("{{.N}} h ago", values{"N": int(d.Hours())})
	default:
		return lang.L("{{.N}} days ago", values{"N": int(d.Hours()) / 24})
	}
}

// soon says when something will be.
func soon(t, now time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	t, now = t.In(zone), now.In(zone)
	switch t.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return lang.L("today {{.Time}}", values{"Time": t.Format("15:04")})
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return lang.L("tomorrow {{.Time}}", values{"Time": t.Format("15:04")})
	}
	return nearDay(t)
}

// left says how long something will take.
func left(d time.Duration) string {
	if d < time.Minute {
		return lang.L("about {{.N}} s left", values{"N": int(d.Seconds()) + 1})
	}
	return lang.L("about {{.N}} min left", values{"N": int(d.Minutes() + 0.5)})
}

// rows and tables say how many there are.
func rows(n int64) string {
	return lang.N("{{.N}} rows", int(n), values{"N": count(n)})
}

func tables(n int) string {
	return lang.N("{{.N}} tables", n, values{"N": count(int64(n))})
}

// facts joins what is known, in one line.
func facts(known ...string) string {
	known = slices.DeleteFunc(known, func(s string) bool { return s == "" })
	return strings.Join(known, "  ·  ")
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

// statusWords, like verdictWords, are product words; the history has them in lower case.
func statusWords(s backup.Status) string {
	switch s {
	case backup.StatusRunning:
		return lang.L("running")
	case backup.StatusCompleted:
		return lang.L("completed")
	case backup.StatusFailed:
		return lang.L("failed")
	case backup.StatusInterrupted:
		return lang.L("interrupted")
	case backup.StatusCancelled:
		return lang.L("cancelled")
	case backup.StatusUndone:
		return lang.L("undone")
	case backup.StatusDeleted:
		return lang.L("deleted")
	default:
		return plain(string(s))
	}
}

// skipWords says why a run was not begun.
func skipWords(r backup.SkipReason) string {
	switch r {
	case backup.SkipPaused:
		return lang.L("backups are paused")
	case backup.SkipBattery:
		return lang.L("the computer runs on its battery")
	default:
		return plain(string(r))
	}
}

// waitWords is the same in as little room as a time has.
func waitWords(r backup.SkipReason) string {
	switch r {
	case backup.SkipPaused:
		return lang.L("waits: paused")
	case backup.SkipBattery:
		return lang.L("waits: on battery")
	default:
		return plain(string(r))
	}
}

func verdictWords(v backup.Verdict) string {
	switch v {
	case "":
		return "–"
	case backup.Proven:
		return lang.L("proven")
	case backup.Intact:
		return lang.L("intact")
	case backup.Unchecked:
		return lang.L("unchecked")
	case backup.Broken:
		return lang.L("broken")
	default:
		return plain(string(v))
	}
}

// verdictImportance colours a verdict.
func verdictImportance(v backup.Verdict) widget.Importance {
	switch v {
	case backup.Proven, backup.Intact:
		return widget.SuccessImportance
	case backup.Broken:
		return widget.DangerImportance
	default:
		return widget.MediumImportance
	}
}

// Size gives bytes in units that people read, as the window has them.
func Size(n int64) string { return size(n) }
