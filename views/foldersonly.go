package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// choosesParts says whether a backup of b can take the database, the folders or both.
func (b Sandbox) choosesParts() bool { return b.HasMedia && !b.FoldersOnly }

// sectionName is what a section of b is called. Without a database there is no connection; the
// commands around a backup and the end of the sandbox are left.
func sectionName(b Sandbox, at Section) string {
	if b.FoldersOnly && at == SectionConnection {
		return lang.L("Commands")
	}
	if at == SectionUncovered {
		return lang.L("Not covered")
	}
	return sectionNames()[slices.Index(sandboxSections(), at)]
}

// showAll shows or hides all of some objects.
func showAll(all []fyne.CanvasObject, yes bool) {
	for _, o := range all {
		show(o, yes)
	}
}
