package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/assets"
)

// helpPages shows the pages of the help over the window.
type helpPages struct {
	window fyne.Window
	keys   *keys
	open   *widget.PopUp

	log, bundle func() // open the log; write what who is to help needs
	closed      func() // is called once it is
}

func newHelp(window fyne.Window, log, bundle, closed func()) *helpPages {
	h := &helpPages{window: window, log: log, bundle: bundle, closed: closed}
	h.keys = &keys{escape: h.close, refresh: func() {}, help: func() {}, shortcut: ours}
	return h
}

// show opens the help; once more does nothing.
func (h *helpPages) show() {
	if h.open != nil {
		return
	}
	pages := assets.Help(lang.X("language code", "en"))
	text := widget.NewRichTextFromMarkdown("")
	text.Wrapping = fyne.TextWrapWord
	scroll := container.NewVScroll(text)
	h.keys.page = func(down bool) { turn(scroll, down) }
	titles := h.keys.list(func() int { return len(pages) }, func() fyne.CanvasObject { return line("") },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(pages[i].Title) })
	titles.OnSelected = func(i widget.ListItemID) {
		text.ParseMarkdown("# " + pages[i].Title + "\n\n" + pages[i].Text)
		scroll.ScrollToTop()
	}
	titles.OnHighlighted = titles.Select // the arrows turn the pages
	shut := h.keys.primary(lang.L("Close"), h.close)
	left := container.NewStack(widthOf(helpTitles), titles)
	ours := container.NewHBox(
		h.keys.quiet(lang.L("Open the log"), theme.DocumentIcon(), h.log),
		h.keys.quiet(lang.L("Write a diagnostics bundle"), theme.DocumentSaveIcon(), h.bundle),
		layout.NewSpacer(), shut)
	body := container.NewBorder(nil, ours, left, nil, container.NewPadded(scroll))
	h.open = newModal(lang.L("Help"), body, h.window, h.window.Canvas().Size().Subtract(fyne.NewSquareSize(helpMargin)))
	h.open.Show()
	titles.Select(0)
	h.window.Canvas().Focus(titles)
}

// turn scrolls by what is seen, less a line.
func turn(scroll *container.Scroll, down bool) {
	step := scroll.Size().Height - lineHeight
	if down {
		step = -step
	}
	scroll.Refresh() // another page may not be laid out yet
	scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, step)})
}

// lineHeight is about that of a line of text.
const lineHeight = 20

// helpTitles is the width of the list of pages, helpMargin what the help leaves of the window.
const (
	helpTitles = 210
	helpMargin = 60
)

func (h *helpPages) close() {
	if h.open != nil {
		h.open.Hide()
		h.open = nil
		h.closed()
	}
}
