package views

import (
	"strings"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
)

// Translated gives a sentence of the engine, or a part of one, in the language of the window.
func Translated(english string) string { return translated(english) }

// Message says what went wrong and what to do, as a message of the desktop has it.
func Message(err error) string {
	f := backup.FaultOf(err)
	said := sentence(translated(f.Text)) + "."
	if f.Hint != "" {
		said += " " + translated(f.Hint)
	}
	return short(said, longest)
}

// noteWords is the note of a backup: a person's own, what the schedule says about a late run, or what a backup was taken before.
func noteWords(k *backup.Backup) string {
	if from, ok := strings.CutPrefix(k.Note, "before restoring "); ok && k.Trigger == backup.PreRestore {
		return lang.L("before restoring {{.From}}", values{"From": plain(from)})
	}
	if k.Trigger != backup.Scheduled {
		return plain(k.Note)
	}
	parts := strings.Split(k.Note, "; ")
	for i, part := range parts {
		if reason, late := strings.CutPrefix(part, "was not begun at its time: "); late {
			parts[i] = lang.L("was not begun at its time") + ": " + skipWords(backup.SkipReason(reason))
		}
		if strings.HasPrefix(part, "catches up, ") {
			parts[i] = spoken(part)
		}
	}
	return plain(strings.Join(parts, "; "))
}

// viaWords says through what somebody asked.
func viaWords(o backup.Origin) string {
	switch {
	case o.Via == backup.ViaWindow:
		return lang.L("through the window")
	case o.Via == backup.ViaPlan:
		return lang.L("by plan")
	case o.Via == "":
		return ""
	case o.Parents == "":
		return lang.L("by a command")
	}
	return lang.L("by a command, from {{.Parents}}", values{"Parents": plain(o.Parents)})
}
