package views

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// wizardFiles is the list from which single files of a backup's folders are chosen.
type wizardFiles struct {
	w      *wizard
	root   fyne.CanvasObject
	filter *entry
	all    *tick
	list   *list
	said   *widget.Label

	problem *problem // of reading them
	shown   []File
	chosen  map[File]bool
}

func newWizardFiles(w *wizard, k *keys) *wizardFiles {
	p := &wizardFiles{w: w, said: caption(""), chosen: map[File]bool{}}
	p.filter = k.entry(lang.L("Filter by folder and name"))
	p.filter.OnChanged = func(text string) {
		if w.open {
			w.do.ListFiles(w.sandbox, w.id, strings.TrimSpace(text))
		}
	}
	p.filter.OnSubmitted = func(string) { w.forward() }
	p.all = k.tick(lang.L("Select all shown"), func(on bool) {
		for _, f := range p.shown {
			p.choose(f, on)
		}
		w.refresh(w.state, w.shown)
	})
	p.list = k.list(func() int { return len(p.shown) }, newPickRow, func(i widget.ListItemID, o fyne.CanvasObject) {
		drawTick(o, p.chosen[p.shown[i]], plain(p.shown[i].Folder+"/"+p.shown[i].Path), size(p.shown[i].Size))
	})
	p.list.enter = w.forward
	p.list.OnSelected = func(i widget.ListItemID) {
		p.list.UnselectAll()
		p.choose(p.shown[i], !p.chosen[p.shown[i]])
		w.refresh(w.state, w.shown)
	}
	p.problem = newProblem(k, func(details string) { w.shell.clipboard(details) })
	p.root = over(container.NewVBox(container.NewBorder(nil, nil, nil, p.all, p.filter), p.problem.panel), container.NewBorder(nil, p.said, nil, nil, p.list))
	return p
}

// newPickRow is a row of a list of files that are ticked.
func newPickRow() fyne.CanvasObject {
	row := newTickRow().(*fyne.Container)
	row.Layout = columns{{width: 36}, {width: 220, grow: 1}, {width: 100}}
	row.Objects = row.Objects[:3]
	row.Objects[1] = newPathLabel()
	return row
}

func (p *wizardFiles) choose(f File, on bool) {
	if !on {
		delete(p.chosen, f)
		return
	}
	p.chosen[f] = true
}

func (p *wizardFiles) reset() {
	p.filter.SetText("")
	p.shown, p.chosen = nil, map[File]bool{}
}

// names are the chosen files, in order.
func (p *wizardFiles) names() []File {
	var all []File
	for f := range p.chosen {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Folder+"/"+a.Path, b.Folder+"/"+b.Path) })
	return all
}

// has says whether a file of a folder was chosen.
func (p *wizardFiles) has(folder, path string) bool {
	for f := range p.chosen {
		if f.Folder == folder && f.Path == path {
			return true
		}
	}
	return false
}

// refresh shows what was found, and asks for it where that was not done yet.
func (p *wizardFiles) refresh() (wait string) {
	found := p.w.shown.Files
	if found == nil || found.Backup != p.w.id {
		p.shown = nil
		p.problem.refresh(nil)
		p.list.Refresh()
		return lang.L("Reading the backup…")
	}
	p.shown = found.Files
	p.problem.refresh(found.Problem)
	ticked, bytes := 0, int64(0)
	for _, f := range p.shown {
		if p.chosen[f] {
			ticked++
		}
	}
	for f := range p.chosen {
		bytes += f.Size
	}
	p.all.set(ticked > 0 && ticked == len(p.shown))
	more := ""
	if hidden := found.All - int64(len(found.Files)); hidden > 0 {
		more = lang.N("{{.N}} more; type to find them", int(hidden), values{"N": count(hidden)})
	}
	p.said.SetText(facts(lang.L("Chosen: {{.What}}", values{"What": facts(files(int64(len(p.chosen))), size(bytes))}), more))
	p.list.Refresh()
	switch {
	case found.Problem != nil:
		return ""
	case len(p.shown) == 0 && found.Reading:
		return lang.L("Reading the backup…")
	case len(p.shown) == 0:
		return lang.L("No file matches the filter.")
	}
	return ""
}

// mediaPattern is a pattern for one file of a folder and no other: --media-path takes patterns. Where
// there are several folders, it names the one.
func mediaPattern(f File, several bool) string {
	of := ""
	if several {
		of = f.Folder + ":"
	}
	return of + "/" + strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(f.Path)
}

// MediaPatterns gives patterns for files of a backup and no others, as restores take them; several says
// whether the backup has more folders than one.
func MediaPatterns(chosen []File, several bool) []string {
	var all []string
	for _, f := range chosen {
		all = append(all, mediaPattern(f, several))
	}
	return all
}

// holdsFolders says whether a scope has the folders in it.
func holdsFolders(what backup.Scope) bool {
	return what == backup.ScopeMedia || what == backup.ScopeBoth
}
