package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pathLabel is a label with a long name in it, which is cut in its middle where there is no room: the
// end of a path tells the most, and its beginning the next most; half a number at the end of a line
// reads as another one.
type pathLabel struct {
	widget.BaseWidget
	name  string
	words func(name string) string // what is said with it
	one   bool                     // all of it has one line
	label *widget.Label
}

// newPathLabel is one of a single line.
func newPathLabel() *pathLabel { return newNamed(line("")) }

// newNamedLine is one whose words have one line too: the name is cut until they have room with it.
func newNamedLine() *pathLabel {
	p := newPathLabel()
	p.one = true
	return p
}

// newNamedText is one whose words break into lines; the name stays in one.
func newNamedText() *pathLabel { return newNamed(text("")) }

func newNamed(label *widget.Label) *pathLabel {
	p := &pathLabel{label: label, words: func(name string) string { return name }}
	p.ExtendBaseWidget(p)
	return p
}

// SetText shows a path, or any other text.
func (p *pathLabel) SetText(whole string) {
	p.name = whole
	p.cut()
}

// say shows what words make of the name.
func (p *pathLabel) say(name string, words func(name string) string) {
	p.words = words
	p.SetText(name)
}

// Resize is Fyne's callback.
func (p *pathLabel) Resize(size fyne.Size) {
	p.BaseWidget.Resize(size)
	p.cut()
}

func (p *pathLabel) cut() {
	const slack = 3 // a text that fits exactly may be cut or broken by a rounding
	name := p.name
	if room := p.Size().Width - 2*theme.Size(theme.SizeNameInnerPadding) - slack; room > 0 {
		if p.one && name != "" {
			room = max(room-widthOfText(p.words("")), 1)
		}
		name = cutMiddle(name, room)
	}
	if said := p.words(name); said != p.label.Text {
		p.label.SetText(said)
	}
}

// CreateRenderer is Fyne's callback.
func (p *pathLabel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.label) }

func widthOfText(s string) float32 {
	return fyne.MeasureText(s, theme.TextSize(), fyne.TextStyle{}).Width
}

// cutMiddle leaves out of the middle of a path what has no room in a width. The last step has most of
// it, and the beginning some.
func cutMiddle(path string, width float32) string {
	fits := func(s string) bool { return widthOfText(s) <= width }
	if path == "" || fits(path) {
		return path
	}
	all := []rune(path)
	last := 0 // the length of the last step and the slash before it
	if slash := strings.LastIndex(path, "/"); slash >= 0 {
		last = len([]rune(path[slash:]))
	}
	shortened := func(kept int) string {
		tail := min(max(last, kept-kept/3), kept-kept/6)
		return string(all[:kept-tail]) + "…" + string(all[len(all)-tail:])
	}
	least, most := 0, len(all)-1
	for least < most {
		if middle := (least + most + 1) / 2; fits(shortened(middle)) {
			least = middle
		} else {
			most = middle - 1
		}
	}
	return shortened(least)
}

// texter is a label of either kind.
type texter interface{ SetText(string) }

// wholeLine says below a list what the line with the focus holds, uncut.
type wholeLine struct{ *widget.Label }

func newWholeLine(l *list, of func(i int) string) wholeLine {
	w := wholeLine{smallText("")}
	l.OnHighlighted = func(i widget.ListItemID) { w.SetText(of(i)) }
	w.clear()
	return w
}

// clear says how a line is read whole.
func (w wholeLine) clear() { w.SetText(lang.L("Choose a line to read all of its name.")) }
