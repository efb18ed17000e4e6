package views

import (
	"strings"

	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// keepWords says as what retention keeps a backup, or that it goes.
func keepWords(f *backup.Fate, s State) string {
	switch {
	case f == nil || f.Backup.Status == backup.StatusRunning:
		return ""
	case !f.Keep:
		return lang.L("goes at the next prune: {{.Why}}", values{"Why": reasonWords(f, s)})
	case f.Tier == backup.TierDaily || f.Tier == backup.TierWeekly || f.Tier == backup.TierMonthly:
		return lang.L("kept as {{.Tier}} backup: {{.Why}}", values{"Tier": tierWords(f.Tier), "Why": reasonWords(f, s)})
	}
	return lang.L("kept: {{.Rule}}", values{"Rule": reasonWords(f, s)})
}

// tierWords names what a backup is kept as.
func tierWords(t backup.Tier) string {
	switch t {
	case backup.TierMonthly:
		return lang.L("monthly")
	case backup.TierWeekly:
		return lang.L("weekly")
	default:
		return lang.L("daily")
	}
}

// keptWord says in one word why a backup is kept, or that it goes; details have the sentence.
func keptWord(f *backup.Fate) (word string, stands widget.Importance) {
	switch {
	case f == nil || f.Backup.Status == backup.StatusRunning:
		return "", widget.MediumImportance
	case !f.Keep:
		return lang.L("Goes"), widget.WarningImportance
	case f.Backup.Pinned:
		return lang.L("Pinned"), widget.MediumImportance
	case f.Tier == backup.TierDaily:
		return lang.L("Daily"), widget.MediumImportance
	case f.Tier == backup.TierWeekly:
		return lang.L("Weekly"), widget.MediumImportance
	case f.Tier == backup.TierMonthly:
		return lang.L("Monthly"), widget.MediumImportance
	case f.Tier == backup.TierOnDemand:
		return lang.L("Manual"), widget.MediumImportance
	case strings.HasPrefix(f.Reason, "one of the") || strings.HasPrefix(f.Reason, "the newest"):
		return lang.L("Newest"), widget.MediumImportance
	case strings.HasPrefix(f.Reason, "younger than"):
		return lang.L("By age"), widget.MediumImportance
	}
	return lang.L("Kept"), widget.MediumImportance
}

// widestKept is the width of the longest of those words.
func widestKept() float32 {
	return widest(lang.L("Goes"), lang.L("Pinned"), lang.L("Daily"), lang.L("Weekly"), lang.L("Monthly"), lang.L("Manual"), lang.L("Newest"), lang.L("By age"), lang.L("Kept"))
}
