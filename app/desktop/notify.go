//go:build !headless

package desktop

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"holdfast/platform"
	"holdfast/views"
)

// notices shows messages: where a click can be heard, one opens what the message is about; else
// through Fyne, whose messages know no clicks.
type notices struct {
	w    *window
	mu   sync.Mutex
	with *platform.Notifier // nil: not there, or not tried yet
}

// show waits for the desktop's answer: not on Fyne's goroutine.
func (n *notices) show(ctx context.Context, title, text string, at views.Place) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.with == nil {
		n.with, _ = platform.OpenNotifier(ctx, "Holdfast") // the next message tries again
	}
	if n.with != nil {
		verb := lang.L("Open")
		if at.Folder != "" {
			verb = lang.L("Open the folder")
		}
		err := n.with.Show(ctx, title, text, verb, func() { n.w.loop.do(func() { n.w.open(at) }) })
		if err == nil {
			return
		}
		n.with = nil
	}
	n.w.loop.do(func() { n.w.app.SendNotification(fyne.NewNotification(title, text)) })
}

// open raises the window at a place, or opens a folder.
func (w *window) open(at views.Place) {
	if at.Folder != "" {
		w.control.OpenFolder(at.Folder)
		return
	}
	w.raise()
	w.shell.Visit(at)
}

// Notify tells the person something through the desktop.
func (w *window) Notify(title, text string) { w.NotifyAt(title, text, views.Place{}) }

// NotifyAt is Notify whose click opens a place.
func (w *window) NotifyAt(title, text string, at views.Place) {
	go w.notices.show(w.life, title, text, at)
}
