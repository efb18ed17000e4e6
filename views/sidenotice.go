package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// sideNotice says at the foot of the sidebar, on every page, what is wrong with all of it. When it comes and goes
// nothing moves: the list above it is as long as it needs to be, the buttons below it stand at the window's edge.
type sideNotice struct {
	*panel
	around *fyne.Container // the sidebar
}

func newSideNotice(k *keys, words, verb string, do func()) *sideNotice {
	said := bold(words)
	said.Importance = widget.DangerImportance
	n := &sideNotice{panel: newPanel(theme.ColorNameError, snug(container.NewVBox(said, k.button(verb, nil, do))))}
	n.Hide()
	return n
}

func (n *sideNotice) say(yes bool) {
	if yes != n.Visible() {
		show(n.panel, yes)
		n.around.Refresh() // the list makes room
	}
}

// unread says that what is shown is what was last read. Where nothing was read yet it has the whole page.
type unread struct {
	side  *sideNotice
	whole *problem
	fault *backup.Fault
}

func newUnread(s *Shell, clipboard func(string)) *unread {
	p := &unread{whole: newProblem(s.keys, clipboard)}
	p.whole.under.Add(s.keys.button(lang.L("Try again"), theme.ViewRefreshIcon(), s.do.Refresh))
	p.side = newSideNotice(s.keys, lang.L("May be out of date"), lang.L("More…"), func() {
		s.tell(p.fault, s.question.keys.button(lang.L("Try again"), theme.ViewRefreshIcon(), func() {
			s.closeAsk()
			s.do.Refresh()
		}))
	})
	return p
}

// refresh says it; nothing says that there is nothing else to show.
func (p *unread) refresh(f *backup.Fault, nothing bool) {
	p.fault = f
	p.side.say(f != nil && !nothing)
	if !nothing {
		f = nil
	}
	p.whole.refresh(f)
}
