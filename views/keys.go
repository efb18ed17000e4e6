package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// keys is what a key does wherever the focus is. Fyne gives a key to the focused widget only,
// and entries keep shortcuts to themselves, so every focusable widget here asks keys first.
type keys struct {
	escape   func()
	refresh  func()
	help     func()
	log      func() // opens the log; nil where that cannot be asked for
	shortcut func(fyne.Shortcut) bool
	page     func(down bool) // Page Up and Page Down; nil leaves them to the widget
	reveal   func(fyne.CanvasObject)
}

// focused is called by what got the focus: it is scrolled into view.
func (k *keys) focused(o fyne.CanvasObject) {
	if k.reveal != nil {
		k.reveal(o)
	}
}

// typed does what a key means everywhere, and says whether it means anything.
func (k *keys) typed(e *fyne.KeyEvent) bool {
	paging := k.page != nil && (e.Name == fyne.KeyPageUp || e.Name == fyne.KeyPageDown)
	switch {
	case e.Name == fyne.KeyEscape:
		k.escape()
	case e.Name == fyne.KeyF5:
		k.refresh()
	case e.Name == fyne.KeyF1:
		k.help()
	case paging:
		k.page(e.Name == fyne.KeyPageDown)
	default:
		return false
	}
	return true
}

// button takes Enter, which Fyne's leaves to Space.
type button struct {
	widget.Button
	keys    *keys
	focused bool
}

func (k *keys) button(label string, icon fyne.Resource, tapped func()) *button {
	b := &button{keys: k}
	b.Text, b.Icon, b.OnTapped = label, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// primary is the button of the thing to do.
func (k *keys) primary(label string, tapped func()) *button {
	b := k.button(label, nil, tapped)
	b.Importance = widget.HighImportance
	return b
}

// quiet is a button that stands back.
func (k *keys) quiet(label string, icon fyne.Resource, tapped func()) *button {
	b := k.button(label, icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// TypedKey is Fyne's callback for keys. Fyne's own button lets go of the focus when it is pressed, so that
// the next Tab begins at the top.
func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name != fyne.KeyReturn && e.Name != fyne.KeyEnter && e.Name != fyne.KeySpace:
		b.keys.typed(e)
	case !b.Disabled() && b.OnTapped != nil:
		b.OnTapped()
	}
}

// entry lets the window's keys and shortcuts through.
type entry struct {
	widget.Entry
	keys    *keys
	focused bool
}

func (k *keys) entry(hint string) *entry {
	e := &entry{keys: k}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip) // as widget.NewEntry has it
	e.PlaceHolder = hint
	e.ExtendBaseWidget(e)
	return e
}

func (k *keys) secret(hint string) *entry {
	e := k.entry(hint)
	e.Password = true
	return e
}

// TypedKey is Fyne's callback for keys.
func (e *entry) TypedKey(event *fyne.KeyEvent) {
	if !e.keys.typed(event) {
		e.Entry.TypedKey(event)
	}
}

// TypedShortcut is Fyne's callback for shortcuts.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if !e.keys.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// list selects with Enter too, and has keys for what is done with a row.
type list struct {
	widget.List
	keys   *keys
	remove func()     // Delete
	menu   func()     // the menu key, or Shift and F10
	enter  func()     // Enter; nil selects
	typed  func(rune) // a letter

	at      widget.ListItemID // the row that keys move from
	focused bool
	moving  bool // at is being moved
}

func (k *keys) list(length func() int, create func() fyne.CanvasObject, update func(widget.ListItemID, fyne.CanvasObject)) *list {
	l := &list{keys: k, remove: func() {}, menu: func() {}, typed: func(rune) {}}
	l.Length = length
	l.CreateItem = func() fyne.CanvasObject { return newRingedRow(create()) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		row := o.(*fyne.Container)
		update(i, row.Objects[0])
		ringRow(row, l.focused && i == l.at)
	}
	l.ExtendBaseWidget(l)
	return l
}

// TypedRune is Fyne's callback for letters.
func (l *list) TypedRune(r rune) { l.typed(r) }

// TypedKey is Fyne's callback for keys.
func (l *list) TypedKey(e *fyne.KeyEvent) {
	enter := e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter
	switch {
	case enter && l.enter != nil:
		l.enter()
	case enter:
		l.List.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	case e.Name == fyne.KeyDelete:
		l.remove()
	case e.Name == desktop.KeyMenu || e.Name == fyne.KeyF10:
		l.menu()
	case !l.keys.typed(e):
		l.move(func() { l.List.TypedKey(e) })
	}
}

// tick is a check box that takes Enter too.
type tick struct {
	widget.Check
	keys             *keys
	setting, focused bool // setting: by the program; no person did it
}

func (k *keys) tick(label string, changed func(bool)) *tick {
	t := &tick{keys: k}
	t.Text = label
	t.OnChanged = func(on bool) {
		if !t.setting {
			changed(on)
		}
	}
	t.ExtendBaseWidget(t)
	return t
}

// set shows a state, without telling that it changed.
func (t *tick) set(on bool) {
	t.setting = true
	t.SetChecked(on)
	t.setting = false
}

// TypedKey is Fyne's callback for keys.
func (t *tick) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		t.SetChecked(!t.Checked)
		return
	}
	t.keys.typed(e)
}

// pick is a drop-down list that lets the window's keys through.
type pick struct {
	widget.Select
	keys             *keys
	setting, focused bool
}

func (k *keys) pick(changed func(index int)) *pick {
	p := &pick{keys: k}
	p.PlaceHolder = " " // until it is known what is chosen; Fyne's own is English
	p.OnChanged = func(string) {
		if !p.setting {
			changed(p.SelectedIndex())
		}
	}
	p.ExtendBaseWidget(p)
	return p
}

// set shows options and the chosen one, without telling that it changed.
func (p *pick) set(options []string, at int) {
	p.setting = true
	p.SetOptions(options)
	p.SetSelectedIndex(at)
	p.setting = false
}

// TypedKey is Fyne's callback for keys.
func (p *pick) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter:
		p.Tapped(nil)
	case !p.keys.typed(e):
		p.Select.TypedKey(e)
	}
}
