package controller

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// snoozeTime is for how long the window's button keeps a reminder away.
const snoozeTime = 7 * 24 * time.Hour

func (c *Controller) reminders(e *engine.Engine) ([]views.Reminder, error) {
	due, err := e.Reminders(c.life)
	var list []views.Reminder
	for _, r := range due {
		v := views.Reminder{Key: r.ID, Title: reminderTitle(r), Text: reminderText(r), Since: r.Since, Command: r.Command, Folder: r.Folder, There: reminderPlace(r)}
		if r.Kind == backup.RemindSecrets {
			v.Secrets = r.Sandbox
		}
		list = append(list, v)
	}
	return list, err
}

// reminderPlace is where the window can do what is to be done; zero where it cannot.
func reminderPlace(r backup.Reminder) views.Place {
	switch r.Kind {
	case backup.RemindKit:
		return views.Place{Section: views.SectionPreferences}
	case backup.RemindSameDisk, backup.RemindOffsite:
		return views.Place{Section: views.SectionOffsite}
	case backup.RemindUncovered:
		return views.Place{Sandbox: r.Sandbox, Section: views.SectionUncovered}
	case backup.RemindBackup, backup.RemindDrill, backup.RemindDrillFailed, backup.RemindExport:
		return views.Place{Sandbox: r.Sandbox, Section: views.SectionBackups}
	default:
		return views.Place{}
	}
}

// reminderTitle says in a few words what is to be done.
func reminderTitle(r backup.Reminder) string {
	switch r.Kind {
	case backup.RemindBackup:
		return lang.L("Back up {{.Name}}", values{"Name": r.Sandbox})
	case backup.RemindDrillFailed, backup.RemindDrill:
		return lang.L("Try a restore of {{.Name}}", values{"Name": r.Sandbox})
	case backup.RemindKit:
		return lang.L("Save the recovery kit")
	case backup.RemindSpace:
		return lang.L("Make room for the vault")
	case backup.RemindSameDisk, backup.RemindOffsite:
		return lang.L("Copy the vault to another place")
	case backup.RemindUnpushed:
		return lang.L("Push your code to git")
	case backup.RemindUncommitted:
		return lang.L("Commit your changes")
	case backup.RemindSecrets:
		return lang.L("Keep secrets in a password manager")
	case backup.RemindExport:
		return lang.L("Export the data of {{.Name}}", values{"Name": r.Sandbox})
	default:
		return lang.L("Not covered by the backups of {{.Name}}", values{"Name": r.Sandbox})
	}
}

// reminderText says what is wrong, in the person's language.
func reminderText(r backup.Reminder) string {
	name := values{"Name": r.Sandbox}
	switch r.Kind {
	case backup.RemindBackup:
		if r.Never {
			return lang.L("{{.Name}} was never backed up", name)
		}
		return lang.L("{{.Name}} has no completed backup since then", name)
	case backup.RemindDrill:
		return lang.L("No restore of {{.Name}} was tried for more than a month", name)
	case backup.RemindKit:
		if r.Void {
			return lang.L("The recovery kit is void: the key was changed, and no kit was saved since")
		}
		return lang.L("The recovery kit was not saved: without the key nobody can open the vault")
	case backup.RemindSameDisk:
		return lang.L("Every copy is on the disk of this machine: a lost disk loses the data and its backups together")
	case backup.RemindOffsite:
		return lang.L("The vault has no copy anywhere else")
	case backup.RemindExport:
		return lang.L("Your own export of {{.Name}} is overdue", name)
	case backup.RemindDrillFailed:
		return lang.L("The last trial restore of {{.Name}} proved nothing: {{.Why}}", values{"Name": r.Sandbox, "Why": views.Translated(r.About.Fault)})
	case backup.RemindSpace:
		return lang.L("The disk of the vault has only {{.Size}} left", values{"Size": views.Size(r.About.Free)})
	case backup.RemindSecrets:
		if r.About.AllNew {
			return lang.L("Secrets were never exported: {{.Files}}", values{"Files": named(r.About.Names)})
		}
		return lang.L("Secrets changed since they were exported: {{.Files}}", values{"Files": named(r.About.Names)})
	case backup.RemindUncovered:
		return lang.L("No backup of {{.Name}} holds {{.What}}", values{"Name": r.Sandbox, "What": named(things(r.About.Names))})
	case backup.RemindUnpushed, backup.RemindUncommitted:
		return folderWords(r.About.Folder)
	default:
		return r.Text
	}
}

// things are what no backup holds, in the language of the window.
func things(english []string) []string {
	words := make([]string, 0, len(english))
	for _, thing := range english {
		words = append(words, views.ThingWords(thing))
	}
	return words
}

// mostNamed is how many things a reminder names.
const mostNamed = 3

// named names the first of some things, and how many more there are.
func named(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return lang.L("{{.Names}} and {{.N}} more", values{"Names": strings.Join(names[:mostNamed], ", "), "N": len(names) - mostNamed})
}

// folderWords says what a git work tree has that is nowhere else.
func folderWords(f *backup.FolderStanding) string {
	if f.Problem != "" {
		return lang.L("{{.Folder}} could not be looked at: {{.Why}}", values{"Folder": f.Path, "Why": views.Translated(f.Problem)})
	}
	var parts []string
	if f.Changed > 0 {
		parts = append(parts, lang.N("{{.N}} changed or new files in no commit", f.Changed, values{"N": f.Changed}))
	}
	if f.Exposed != "" {
		parts = append(parts, lang.L("of which {{.File}} should be ignored, for it holds secrets", values{"File": f.Exposed}))
	}
	if f.Unpushed > 0 {
		text := lang.N("{{.N}} commits on no remote", f.Unpushed, values{"N": f.Unpushed})
		if len(f.Branches) > 0 {
			text += " (" + named(f.Branches) + ")"
		}
		parts = append(parts, text)
	}
	if f.Loose > 0 {
		parts = append(parts, lang.L("{{.N}} of them on no branch", values{"N": f.Loose}))
	}
	if f.Stashes > 0 {
		parts = append(parts, lang.N("{{.N}} stashes", f.Stashes, values{"N": f.Stashes}))
	}
	if !f.HasRemote {
		parts = append(parts, lang.L("no remote"))
	}
	return f.Path + ": " + strings.Join(parts, ", ")
}

// Snooze keeps a reminder away for a week.
func (c *Controller) Snooze(reminder string) {
	c.answerReminder(func(e *engine.Engine) error {
		_, err := e.Snooze(c.life, reminder, snoozeTime)
		return err
	})
}

// DismissReminder keeps a reminder away until what it says changes.
func (c *Controller) DismissReminder(reminder string) {
	c.answerReminder(func(e *engine.Engine) error {
		_, err := e.Dismiss(c.life, reminder)
		return err
	})
}

func (c *Controller) answerReminder(do func(*engine.Engine) error) {
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		if err := c.with(c.life, voice{}, do); err != nil {
			c.ui.Notify(lang.L("The reminder stays"), views.Message(err))
		}
		c.reload()
	}()
}

// scan looks through the code folders while the reminders are shown.
func (c *Controller) scan() {
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			_, err := e.Scan(c.life)
			return err
		})
		if err == nil {
			c.reload()
		}
	}()
}

// lookAround looks for what the backups of a sandbox do not hold, while that is shown.
func (c *Controller) lookAround(sandbox string) {
	c.running.Go(func() {
		err := c.with(c.life, voice{}, func(e *engine.Engine) error { return e.LookAround(c.life, sandbox) })
		engine.LogFault(err) // what was seen before is shown
		c.reload()
	})
}

// remind looks through the code folders when that is due, and notifies of what needs doing, at
// most once a day.
func (c *Controller) remind(ctx context.Context, e *engine.Engine) error {
	if !e.HasVault() {
		return nil
	}
	list, err := e.Attend(ctx)
	if len(list) > 0 {
		c.ui.Notify(lang.N("{{.N}} things to do", len(list), values{"N": len(list)}), reminderTitle(list[0])+": "+reminderText(list[0]))
	}
	return err
}
