package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// heading is a page's title.
func heading(text string) *widget.Label {
	l := line(text)
	l.TextStyle.Bold = true
	l.SizeName = theme.SizeNameHeadingText
	return l
}

// text is a label that breaks its lines.
func text(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// line is a label of one line that is cut when there is no room.
func line(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// bold is a line that stands out.
func bold(s string) *widget.Label {
	l := line(s)
	l.TextStyle.Bold = true
	return l
}

// caption is a small line that stands back.
func caption(s string) *widget.Label {
	l := line(s)
	l.Importance = widget.LowImportance
	l.SizeName = theme.SizeNameCaptionText
	return l
}

// smallText is a caption that breaks its lines.
func smallText(s string) *widget.Label {
	l := caption(s)
	l.Truncation = fyne.TextTruncateOff
	l.Wrapping = fyne.TextWrapWord
	return l
}

// enable switches something by a condition.
func enable(b fyne.Disableable, yes bool) {
	if yes {
		b.Enable()
		return
	}
	b.Disable()
}

// show shows or hides something by a condition.
func show(o fyne.CanvasObject, yes bool) {
	if yes == o.Visible() {
		return
	}
	if yes {
		o.Show()
		return
	}
	o.Hide()
}

// longest is how many characters of an error are drawn; Copy details has the rest.
const longest = 600

// problemActions is all that a problem of a sandbox may ask of the program.
type problemActions interface {
	Dismiss(sandbox string)
	GoUnsaved(sandbox string)
	GoReplacing(sandbox string, makeRoles bool)
}

// problem says what went wrong: cause, remedy, and a way to copy both.
type problem struct {
	*panel
	fault       *backup.Fault
	cause, hint *widget.Label
	remedy      func(hint string) string // the hint as it is shown
	copyIt      *button
	buttons     *fyne.Container
	under       *fyne.Container // the buttons below each other, all as wide as the widest
	unsaved     *fyne.Container // only on the page of a sandbox
	lacking     *fyne.Container // the same
	sandbox     string
}

func newProblem(k *keys, clipboard func(string)) *problem {
	p := &problem{cause: text(""), hint: text(""), remedy: translated}
	p.cause.Importance = widget.DangerImportance
	p.cause.TextStyle.Bold = true
	p.copyIt = k.button(lang.L("Copy details"), theme.ContentCopyIcon(), func() { clipboard(faultText(p.fault)) })
	p.under = container.NewVBox(p.copyIt)
	if k.log != nil {
		p.under.Add(k.button(lang.L("Open the log"), theme.DocumentIcon(), k.log))
	}
	p.buttons = container.NewHBox(container.NewCenter(p.under))
	p.panel = newPanel(theme.ColorNameError, container.NewBorder(nil, nil, nil, container.NewCenter(p.buttons), tight(p.cause, p.hint)))
	p.Hide()
	return p
}

// offers adds what can be done about a problem of a sandbox.
func (p *problem) offers(do problemActions, k *keys) {
	p.unsaved = container.NewHBox(k.button(lang.L("Go on without saving, and keep the replaced database…"), nil, func() { do.GoUnsaved(p.sandbox) }))
	p.unsaved.Hide()
	away := k.quiet("", theme.CancelIcon(), func() { do.Dismiss(p.sandbox) })
	p.buttons.Add(container.NewCenter(away))
	p.lacking = container.NewHBox(
		k.button(lang.L("Make the missing roles…"), nil, func() { do.GoReplacing(p.sandbox, true) }),
		k.button(lang.L("Give what is theirs to this user…"), nil, func() { do.GoReplacing(p.sandbox, false) }))
	p.lacking.Hide()
	content := p.content
	p.content = container.NewVBox(content, p.unsaved, p.lacking)
}

// offer shows what can be done now.
func (p *problem) offer(b Sandbox) {
	p.sandbox = b.Name
	show(p.unsaved, b.CanGoUnsaved)
	show(p.lacking, b.Lacking)
	p.Refresh()
}

// faultText is a fault as it is copied: whole, and as it was.
func faultText(f *backup.Fault) string {
	if f == nil {
		return ""
	}
	return f.Text + "\n" + f.Hint
}

func (p *problem) refresh(f *backup.Fault) {
	p.fault = f
	show(p.panel, f != nil)
	if f == nil {
		return
	}
	p.cause.SetText(short(sentence(translated(f.Text)), longest))
	p.hint.SetText(short(p.remedy(f.Hint), longest))
	show(p.hint, f.Hint != "")
	p.Refresh()
}

// healthImportance colours a health.
func healthImportance(h Health) widget.Importance {
	switch h {
	case Protected:
		return widget.SuccessImportance
	case NeedsAttention:
		return widget.WarningImportance
	default:
		return widget.DangerImportance
	}
}

// healthColour is the same as a colour's name.
func healthColour(h Health) fyne.ThemeColorName {
	switch h {
	case Protected:
		return theme.ColorNameSuccess
	case NeedsAttention:
		return theme.ColorNameWarning
	default:
		return theme.ColorNameError
	}
}

// healthMark tells the healths apart without colour too.
func healthMark(h Health) string {
	switch h {
	case Protected:
		return "●"
	case NeedsAttention:
		return "▲"
	default:
		return "○"
	}
}

// healthMarks are all of them: they are not equally wide.
func healthMarks() []string {
	return []string{healthMark(Protected), healthMark(NeedsAttention), healthMark(NotYet)}
}

// subheading is the title of a part of a page.
func subheading(text string) *widget.Label {
	l := bold(text)
	l.SizeName = theme.SizeNameSubHeadingText
	return l
}
