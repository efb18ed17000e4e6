package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pathLabel is a line that is cut in its middle where there is no room: the end of a path tells the
// most, and its beginning the next most.
type pathLabel struct {
	widget.BaseWidget
	whole string
	label *widget.Label
}

func newPathLabel() *pathLabel {
	p := &pathLabel{label: line("")}
	p.ExtendBaseWidget(p)
	return p
}

// SetText shows a path, or any other text.
func (p *pathLabel) SetText(whole string) {
	p.whole = whole
	p.cut()
}

// Resize is Fyne's callback.
func (p *pathLabel) Resize(size fyne.Size) {
	p.BaseWidget.Resize(size)
	p.cut()
}

func (p *pathLabel) cut() {
	const slack = 3 // a text that fits exactly may be cut by a rounding
	room := p.Size().Width - 2*theme.Size(theme.SizeNameInnerPadding) - slack
	if text := cutMiddle(p.whole, room); text != p.label.Text {
		p.label.SetText(text)
	}
}

// CreateRenderer is Fyne's callback.
func (p *pathLabel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.label) }

// cutMiddle leaves out of the middle of a path what has no room in a width. The last step has most of
// it, and the beginning some.
func cutMiddle(path string, width float32) string {
	fits := func(s string) bool { return fyne.MeasureText(s, theme.TextSize(), fyne.TextStyle{}).Width <= width }
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

// namedText is a text that breaks its lines, and that names something with a long name: that is cut in its
// middle rather than broken, for half a number reads as another one.
type namedText struct {
	widget.BaseWidget
	name  string
	words func(name string) string
	label *widget.Label
}

func newNamedText() *namedText {
	n := &namedText{label: text(""), words: func(string) string { return "" }}
	n.ExtendBaseWidget(n)
	return n
}

// say shows what words make of the name.
func (n *namedText) say(name string, words func(name string) string) {
	n.name, n.words = name, words
	n.cut()
}

// Resize is Fyne's callback.
func (n *namedText) Resize(size fyne.Size) {
	n.BaseWidget.Resize(size)
	n.cut()
}

func (n *namedText) cut() {
	const slack = 3 // a text that fits exactly may be broken by a rounding
	name := n.name
	if room := n.Size().Width - 2*theme.Size(theme.SizeNameInnerPadding) - slack; room > 0 {
		name = cutMiddle(name, room)
	}
	if said := n.words(name); said != n.label.Text {
		n.label.SetText(said)
	}
}

// CreateRenderer is Fyne's callback.
func (n *namedText) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(n.label) }

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
