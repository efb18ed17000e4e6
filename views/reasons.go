package views

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
)

// reasonWords says why retention keeps a backup or not, in the language of the window. A reason
// that is not known here is shown as it is.
func reasonWords(f *backup.Fate, s State) string {
	started, n, rule := f.Backup.Started.In(s.zone()), 0, ""
	if of, ok := strings.CutPrefix(f.Reason, "the newest of "); ok && of != "its kind" {
		return lang.L("the newest of {{.Period}}", values{"Period": periodWords(of, values{"Day": started.Day(), "Month": month(started), "Year": started.Year()})})
	}
	if _, err := fmt.Sscanf(f.Reason, "one of the %d newest", &n); err == nil {
		return lang.N("one of the {{.N}} newest", n, values{"N": n})
	}
	if _, err := fmt.Sscanf(f.Reason, "younger than %d", &n); err == nil {
		return lang.N("younger than {{.N}} days", n, values{"N": n})
	}
	if _, err := fmt.Sscanf(f.Reason, "the rule %q", &rule); err == nil {
		return lang.L("the rule “{{.Rule}}” does not keep it", values{"Rule": ruleWords(rule)})
	}
	switch f.Reason {
	case "still running":
		return lang.L("still running")
	case "pinned":
		return lang.L("pinned")
	case "everything is kept":
		return lang.L("everything is kept")
	case "the newest of its kind":
		return lang.L("the newest of its kind")
	case "the newest backup":
		return lang.L("the newest backup")
	case "the newest backup that can be restored":
		return lang.L("the newest backup that can be restored")
	case "its date is in the future or missing, so its age is not known":
		return lang.L("its date is not known")
	default:
		return plain(f.Reason)
	}
}

// periodWords gives the day, week or month of a tier: "2026-04-08", "week 15 of 2026", "April 2026".
func periodWords(of string, date values) string {
	week, year := 0, 0
	if _, err := fmt.Sscanf(of, "week %d of %d", &week, &year); err == nil {
		return lang.L("week {{.N}} of {{.Year}}", values{"N": week, "Year": year})
	}
	if strings.Count(of, "-") == 2 {
		return lang.L("{{.Day}} {{.Month}}", date)
	}
	return lang.L("{{.Month}} {{.Year}}", date)
}
