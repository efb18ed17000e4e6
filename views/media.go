package views

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// mediaActions is all that Settings › Media may ask of the program.
type mediaActions interface {
	BackUpOf(sandbox string, what backup.Scope, note string)
	SetMedia(sandbox string, folders, exclude []string)
	SetTakes(sandbox string, what backup.Scope)
	CompareFolders(sandbox string, id backup.ID, target string)
}

// media is the section sandbox › Settings › Media: its folders, what is left out of them, what
// scheduled backups take, and what the newest backup of them holds.
type media struct {
	do      mediaActions
	keys    *keys
	window  fyne.Window
	restore func(id backup.ID)
	shown   Sandbox
	state   State
	was     string // what the form and the rows were made from

	root        fyne.CanvasObject
	folders     *fyne.Container
	empty       *widget.Label
	add         *entry
	exclude     *entry
	ticks       []*tick
	save        *button
	takes       []*choice
	takesNote   *widget.Label
	newest      *mediaNewest
	now         *button
	secrets     *widget.Label
	withFolders []fyne.CanvasObject // shown only where there are folders
	together    *widget.Label       // about folders beside a database
	daily       fyne.CanvasObject   // what of both scheduled backups take
}

// commonExclusions are patterns that are offered as ticks.
func commonExclusions() []string {
	return []string{"node_modules/", "__pycache__/", ".cache/", ".git/", "*.log", "*.tmp"}
}

// scopes are what a backup can take, in the order in which it is offered.
func scopes() []backup.Scope {
	return []backup.Scope{backup.ScopeBoth, backup.ScopeDatabase, backup.ScopeMedia}
}

func scopeWords(what backup.Scope) string {
	switch what {
	case backup.ScopeDatabase:
		return lang.L("Database")
	case backup.ScopeMedia:
		return lang.L("Folders")
	default:
		return lang.L("Database and folders")
	}
}

func newMedia(do mediaActions, k *keys, window fyne.Window, restore func(backup.ID), secrets func()) *media {
	p := &media{do: do, keys: k, window: window, restore: restore, folders: container.NewVBox(), empty: text(""), secrets: text(""), takesNote: text("")}
	p.add = k.entry("/srv/shop/uploads")
	p.add.OnSubmitted = func(string) { p.addTyped() }
	p.exclude = k.entry("node_modules/, *.tmp")
	p.exclude.OnChanged = func(string) { p.judge() }
	p.exclude.OnSubmitted = func(string) { p.submit() }
	p.save = k.primary(lang.L("Save"), p.submit)
	p.now = k.button(lang.L("Back up the folders now"), nil, func() { p.do.BackUpOf(p.shown.Name, backup.ScopeMedia, "") })
	p.newest = newMediaNewest(p, k)
	p.takesNote.Importance = widget.WarningImportance
	wizard := k.button(lang.L("Secret files…"), nil, secrets)
	choose := k.button(lang.L("Choose…"), theme.FolderOpenIcon(), func() {
		chooseFolder(p.window, lang.L("Add this folder"), p.add.Text, func(path string) { p.put(path) })
	})
	addIt := k.button(lang.L("Add"), theme.ContentAddIcon(), p.addTyped)
	ticks := container.New(layout.NewRowWrapLayout())
	for _, pattern := range commonExclusions() {
		t := k.tick(pattern, func(on bool) { p.turn(pattern, on) })
		p.ticks = append(p.ticks, t)
		ticks.Add(t)
	}
	takes := container.NewVBox()
	for _, what := range scopes() {
		c := k.choice(scopeWords(what), "", func() { p.do.SetTakes(p.shown.Name, what) })
		p.takes = append(p.takes, c)
		takes.Add(c.pressable)
	}
	out := container.NewVBox(subheading(lang.L("What is left out")), text(lang.L("Names with * and ?, at any depth; a slash at the end means folders only.")), ticks,
		container.NewBorder(nil, nil, nil, p.save, p.exclude))
	p.daily = container.NewVBox(subheading(lang.L("Scheduled backups take")), takes, p.takesNote)
	p.withFolders = []fyne.CanvasObject{out, p.daily, p.newest.root}
	p.together = text(lang.L("Files that belong to it, such as uploads. In one backup database and folders can differ by the seconds between them; commands before and after it (Connection) make them belong together."))
	p.root = scrolled(760, container.NewVBox(
		subheading(lang.L("Folders of this sandbox")),
		p.together, p.empty, p.folders, container.NewBorder(nil, nil, nil, container.NewHBox(choose, addIt), p.add),
		p.newest.root, out, p.daily,
		subheading(lang.L("Secret files")), container.NewBorder(nil, nil, nil, container.NewCenter(wizard), p.secrets),
	))
	return p
}

func (p *media) addTyped() {
	if path := strings.TrimSpace(p.add.Text); path != "" {
		p.put(path)
	}
}

// put adds a folder; the first one brings the usual exclusions.
func (p *media) put(path string) {
	m := p.shown.Media
	if m == nil {
		return
	}
	exclude := m.Exclude
	if len(m.Folders) == 0 && len(exclude) == 0 {
		exclude = backup.DefaultExclusion()
	}
	p.add.SetText("")
	p.do.SetMedia(p.shown.Name, append(slices.Clone(m.Folders), path), exclude)
}

func (p *media) take(path string) {
	p.do.SetMedia(p.shown.Name, slices.DeleteFunc(slices.Clone(p.shown.Media.Folders), func(f string) bool { return f == path }), p.shown.Media.Exclude)
}

// turn leaves a common pattern out, or takes it in again.
func (p *media) turn(pattern string, on bool) {
	all := slices.DeleteFunc(patterns(p.exclude.Text), func(s string) bool { return s == pattern })
	if on {
		all = append(all, pattern)
	}
	p.exclude.SetText(strings.Join(all, ", "))
}

func (p *media) submit() {
	if p.shown.Media != nil && !p.save.Disabled() {
		p.do.SetMedia(p.shown.Name, p.shown.Media.Folders, patterns(p.exclude.Text))
	}
}

// judge shows which of the ticks are in force, and whether there is something to save.
func (p *media) judge() {
	now := patterns(p.exclude.Text)
	for _, t := range p.ticks {
		t.set(slices.Contains(now, t.Text))
	}
	enable(p.save, p.shown.Media != nil && !slices.Equal(now, p.shown.Media.Exclude))
}

func (p *media) refresh(s State, shown Sandbox) {
	p.state, p.shown = s, shown
	m := shown.Media
	if m == nil {
		p.empty.SetText(lang.L("Reading the history…"))
		return
	}
	p.empty.SetText(lang.L("It has no folders yet. Its backups hold the database."))
	show(p.empty, len(m.Folders) == 0)
	for _, o := range p.withFolders {
		show(o, len(m.Folders) > 0 || o == p.newest.root && m.Newest != nil)
	}
	show(p.together, !shown.FoldersOnly)
	if shown.FoldersOnly {
		p.daily.Hide()
	}
	if was := fmt.Sprint(shown.Name, m.Folders, m.Exclude, mediaID(m)); was != p.was {
		p.was = was
		p.exclude.SetText(strings.Join(m.Exclude, ", "))
		p.drawFolders()
	}
	p.judge()
	for i, what := range scopes() {
		p.takes[i].choose(m.Takes == what)
	}
	p.takesNote.SetText(lang.L("The database is backed up only by hand then."))
	show(p.takesNote, m.Takes == backup.ScopeMedia)
	enable(p.now, shown.Busy == nil && len(m.Folders) > 0)
	p.secrets.SetText(lang.L("No backup holds the .env files of its code folders. Export them into a password manager, or sealed into a file."))
	p.newest.refresh(s, shown)
	p.root.Refresh()
}

func mediaID(m *Media) backup.ID {
	if m.Newest == nil {
		return ""
	}
	return m.Newest.ID
}

// drawFolders lists the folders, each with what the newest backup has of it.
func (p *media) drawFolders() {
	m := p.shown.Media
	p.folders.Objects = nil
	for _, path := range m.Folders {
		held := lang.L("not backed up yet")
		if m.Newest != nil {
			for i := range m.Newest.Media {
				if f := &m.Newest.Media[i]; f.Path == path {
					held = folderWords(f)
				}
			}
		}
		remove := p.keys.quiet(lang.L("Remove"), nil, func() { p.take(path) })
		p.folders.Add(newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(remove), tight(line(plain(path)), smallText(held)))))
	}
	p.folders.Refresh()
}

// folderWords says what a backup has of a folder.
func folderWords(f *backup.MediaFolder) string {
	left, skipped := "", ""
	if f.Excluded > 0 {
		left = lang.N("{{.N}} left out by patterns", int(f.Excluded), values{"N": count(f.Excluded)})
	}
	if f.Skipped > 0 {
		skipped = lang.N("{{.N}} skipped or not read", int(f.Skipped), values{"N": count(f.Skipped)})
	}
	return facts(files(f.Files), size(f.Bytes), left, skipped)
}

// files says how many there are.
func files(n int64) string { return lang.N("{{.N}} files", int(n), values{"N": count(n)}) }
