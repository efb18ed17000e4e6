package views

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"holdfast/backup"
)

// command joins words for a POSIX shell.
func command(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellWord(w)
	}
	return strings.Join(append([]string{"holdfast"}, quoted...), " ")
}

// commandFor is what does, or shows, the same as a section of a sandbox. No secret is in it.
func commandFor(at Section, b *Sandbox) string {
	switch at {
	case SectionSchedule:
		if b.Schedule != nil {
			return command(append([]string{"schedule", "set", b.Name}, strings.Fields(b.Schedule.Text)...)...)
		}
		return command("schedule", "next", b.Name)
	case SectionRetention:
		return commandForRetention(b)
	case SectionPermissions:
		return command("gate", "policy", b.Name)
	case SectionConnection:
		return commandForConnection(b)
	case SectionMedia:
		return commandForMedia(b)
	case SectionDownloads:
		return commandForDownloads(b)
	case SectionBackups:
		if b.Details != nil {
			return command("backup", "show", string(b.Details.ID))
		}
		return command("backup", "list", b.Name)
	default:
		return command("sandbox", "show", b.Name)
	}
}

func commandForRetention(b *Sandbox) string {
	if b.Retention == nil {
		return command("retention", "show", b.Name)
	}
	r := b.Retention.Rules
	if b.Retention.Preview != nil {
		r = b.Retention.Preview.Rules
	}
	return command("retention", "set", b.Name, "--scheduled", r.Scheduled.String(), "--on-demand", r.OnDemand.String(), "--pre-restore", r.PreRestore.String())
}

// commandForConnection leaves out the commands around a backup: a person may have written secrets
// into them.
func commandForConnection(b *Sandbox) string {
	words := []string{"sandbox", "edit", b.Name}
	if b.Connection == nil {
		return command("sandbox", "show", b.Name)
	}
	s := b.Connection.Sandbox
	for _, pattern := range s.ExcludeTables {
		words = append(words, "--exclude-table", pattern)
	}
	for _, pattern := range s.Schemas {
		words = append(words, "--schema", pattern)
	}
	if s.LossLimit != 0 {
		words = append(words, "--loss-limit="+strconv.Itoa(s.LossLimit))
	}
	if len(words) == 3 {
		return command("sandbox", "show", b.Name)
	}
	return command(words...)
}

func commandForMedia(b *Sandbox) string {
	m := b.Media
	if m == nil || len(m.Folders) == 0 {
		return command("sandbox", "show", b.Name)
	}
	words := []string{"sandbox", "edit", b.Name}
	for _, folder := range m.Folders {
		words = append(words, "--media", folder)
	}
	for _, pattern := range m.Exclude {
		words = append(words, "--media-exclude", pattern)
	}
	return command(append(words, "--scheduled-what", string(m.Takes))...)
}

func commandForDownloads(b *Sandbox) string {
	d := b.Writes
	if d == nil || !d.On {
		return command("sandbox", "show", b.Name)
	}
	words := []string{"sandbox", "edit", b.Name, "--downloads-to", d.Folder, "--downloads-format", d.Format, "--downloads-keep", strconv.Itoa(d.Keep), "--downloads-every", shortTime(d.Every)}
	if d.AllTables {
		words = append(words, "--downloads-all-tables")
	}
	return command(words...)
}

// shortTime writes a time as the commands read it.
func shortTime(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// backUpCommand is what the button does.
func backUpCommand(sandbox string, what backup.Scope, note string) string {
	words := []string{"backup", "create", sandbox}
	if what != "" {
		words = append(words, "--what", string(what))
	}
	if note != "" {
		words = append(words, "--note", note)
	}
	return command(words...)
}

// commands are those that do, or show, what is on the screen.
func (s *Shell) commands() []string {
	switch s.page {
	case pageOverview:
		return []string{command("sandbox", "list"), command("backup", "list")}
	case pageActivity:
		if s.activity.section == SectionAudit {
			return []string{command("audit")}
		}
		return []string{command("backup", "list")}
	case pageReminders:
		return []string{command("remind")}
	case pageOffsite:
		return []string{command("offsite", "list"), command("offsite", "sync")}
	case pagePrefs:
		return []string{command("config", "list")}
	case pageAdd:
		return []string{command("sandbox", "discover")}
	case pageSecrets:
		return []string{command("secrets", "list", s.secrets.sandbox), s.secrets.command()}
	}
	b := sandboxOf(s.state, s.page)
	if b == nil {
		return nil
	}
	if w := s.sandbox.wizard; w.open {
		return []string{command("backup", "compare", string(w.id)), w.command()}
	}
	all := []string{commandFor(s.sandbox.section, b)}
	if s.sandbox.section == SectionBackups {
		all = append(all, s.sandbox.backups.command())
		if b.Details != nil {
			all = append(all, command("restore", string(b.Details.ID)), command("backup", "download", string(b.Details.ID), "--format", formatsOf(b.Details)[0], "--out", s.state.WriteTo))
		}
	}
	return all
}

// command is what Back up now does.
func (b *backups) command() string {
	what := backup.Scope("")
	if b.shown.choosesParts() {
		what = scopes()[b.taken]
	}
	return backUpCommand(b.shown.Name, what, b.note.Text)
}

// askCommands shows the commands for what is on the screen, each to be copied.
func (s *Shell) askCommands(clipboard func(string)) {
	if s.state.Setup != nil {
		return
	}
	rows := container.NewVBox()
	var first *button
	for _, words := range s.commands() {
		l := text(plain(words))
		l.TextStyle.Monospace = true
		copyIt := s.question.keys.button(lang.L("Copy"), theme.ContentCopyIcon(), func() {
			clipboard(words)
			s.closeAsk()
		})
		if first == nil {
			first = copyIt
		}
		rows.Add(newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(copyIt), l)))
	}
	rows.Add(text(lang.L("The same without a window, for scripts. What needs approval asks for it there too.")))
	all := s.question.keys.quiet(lang.L("Help"), theme.HelpIcon(), func() {
		s.closeAsk()
		s.help.show()
	})
	s.ask(lang.L("As a command"), container.NewStack(widthOf(440), rows), all, first)
}
