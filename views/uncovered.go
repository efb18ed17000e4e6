package views

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// uncovered is what the backups of a sandbox do not hold, each with what to do about it.
type uncovered struct {
	keys      *keys
	clipboard func(string)
	ways      map[uncoveredWay]func()
	root      fyne.CanvasObject
	rows      *fyne.Container
	reading   *widget.Label
	drawn     string // what is shown: it is made anew only when that changes, so that the focus stays
}

// uncoveredWay is a place of the window where something can be done about a gap.
type uncoveredWay int

// The ways.
const (
	wayNone uncoveredWay = iota
	wayFolders
	waySelection
	waySandbox
	waySecrets
)

func newUncovered(k *keys, clipboard func(string), ways map[uncoveredWay]func()) *uncovered {
	p := &uncovered{keys: k, clipboard: clipboard, ways: ways, rows: container.NewVBox(), reading: text("")}
	about := text(lang.L("What the backups of this sandbox do not hold, as far as Holdfast knows from its settings, its code folders and its server. What is here is yours to keep."))
	p.root = scrolled(760, container.NewVBox(about, p.reading, p.rows))
	return p
}

func (p *uncovered) refresh(shown Sandbox) {
	p.reading.SetText(lang.L("Looking at its folders and its server…"))
	show(p.reading, shown.Gaps == nil)
	if drawn := fmt.Sprint(shown.Name, shown.Gaps); drawn != p.drawn {
		p.drawn, p.rows.Objects = drawn, nil
		for _, g := range shown.Gaps {
			p.rows.Add(p.row(shown.Name, g))
		}
	}
	p.root.Refresh()
}

// mostGapNames is how many things a row names.
const mostGapNames = 8

func (p *uncovered) row(sandbox string, g backup.Gap) fyne.CanvasObject {
	w := gapWordsOf(sandbox, g)
	named := text(plain(strings.Join(gapNames(g)[:min(len(g.Names), mostGapNames)], ", ")))
	if more := len(g.Names) - mostGapNames; more > 0 {
		named.SetText(lang.L("{{.Names}} and {{.N}} more", values{"Names": named.Text, "N": more}))
	}
	show(named, len(g.Names) > 0)
	command := text(plain(w.command))
	command.TextStyle.Monospace = true
	show(command, w.command != "")
	buttons := container.NewHBox()
	if w.way != wayNone {
		buttons.Add(p.keys.button(w.verb, nil, p.ways[w.way]))
	}
	if w.command != "" {
		buttons.Add(p.keys.quiet(lang.L("Copy the command"), theme.ContentCopyIcon(), func() { p.clipboard(w.command) }))
	}
	show(buttons, len(buttons.Objects) > 0)
	return newPanel(theme.ColorNameSeparator, container.NewVBox(tight(bold(w.title), named, text(w.remedy), command), buttons))
}

// gapNames are the things of a gap, as the window calls them.
func gapNames(g backup.Gap) []string {
	if g.Kind != backup.GapStorage && g.Kind != backup.GapServers {
		return g.Names
	}
	names := make([]string, 0, len(g.Names))
	for _, name := range g.Names {
		names = append(names, ThingWords(name))
	}
	return names
}

// gapWords is what is said of a gap.
type gapWords struct {
	title, remedy string
	command       string // that helps; "" for none
	verb          string // of the button that leads there
	way           uncoveredWay
}

func gapWordsOf(sandbox string, g backup.Gap) gapWords {
	switch g.Kind {
	case backup.GapFolders, backup.GapUploads, backup.GapPatterns:
		return folderGapWords(g.Kind)
	case backup.GapTables:
		return gapWords{title: lang.L("Rows of these tables"), remedy: lang.L("They are left out on purpose: their definitions come back, their rows do not."), verb: lang.L("What is left out…"), way: waySelection}
	case backup.GapSchemas:
		return gapWords{title: lang.L("All schemas but these"), remedy: lang.L("Only the named ones are backed up."), verb: lang.L("What is left out…"), way: waySelection}
	case backup.GapDatabases:
		return gapWords{title: lang.L("Other databases on the same server"), remedy: lang.L("Each is backed up once it is a sandbox of its own."), verb: lang.L("Add a sandbox"), way: waySandbox}
	case backup.GapRoles:
		return gapWords{title: lang.L("Passwords of roles, other roles, settings of the server"), remedy: lang.L("The roles that the database refers to are kept, without their passwords. A superuser writes all of them into a file:"), command: "pg_dumpall --globals-only > roles.sql"}
	case backup.GapStorage:
		return gapWords{title: lang.L("Object storage"), remedy: lang.L("Turn on versioning there, or copy it on a schedule of its own, such as with rclone sync.")}
	case backup.GapServers:
		return gapWords{title: lang.L("Other stores of data"), remedy: lang.L("Back each of them up with its own tool: mysqldump, mongodump, redis-cli --rdb, sqlite3 .backup, or the like.")}
	case backup.GapSecrets:
		return gapWords{title: lang.L("Secret files"), remedy: lang.L("No backup holds the .env files of its code folders. Export them into a password manager, or sealed into a file."), verb: lang.L("Secret files…"), way: waySecrets}
	default:
		return codeGapWords(sandbox, g)
	}
}

func folderGapWords(kind backup.GapKind) gapWords {
	w := gapWords{verb: lang.L("Folders…"), way: wayFolders}
	switch kind {
	case backup.GapFolders:
		w.title, w.remedy = lang.L("Files beside the database"), lang.L("No folder is backed up with it. If the application keeps uploads or other files, add their folders.")
	case backup.GapUploads:
		w.title, w.remedy = lang.L("Folders that look like uploads"), lang.L("They were seen in its code folders, and are not among its own. Add them if people’s files are in them.")
	default:
		w.title, w.remedy = lang.L("Files that patterns leave out"), lang.L("They are in no backup of its folders.")
	}
	return w
}

func codeGapWords(sandbox string, g backup.Gap) gapWords {
	w := gapWords{title: lang.L("Code"), remedy: lang.L("A restore does not rewind it. Commit it and push it to git; the reminders say what is nowhere else.")}
	if len(g.Names) == 0 {
		w.remedy = lang.L("A restore does not rewind it: git keeps it. Name its folders, so that reminders can say what is not pushed, and which files hold secrets:")
		w.command = "holdfast sandbox edit " + shellWord(sandbox) + " --code FOLDER"
	}
	return w
}
