//go:build !headless

package desktop

import (
	"runtime"
	"time"

	"fyne.io/fyne/v2"
)

// nap is how long Fyne's loop rests at a time while no window shows: the longest that a click in
// the tray's menu has to wait.
const nap = 250 * time.Millisecond

// hide takes the window off the screen; the program goes on in the tray.
func (w *window) hide() {
	w.win.Hide()
	w.rest()
}

// rest makes Fyne's loop nap while the window is hidden. It asks for events sixty times a second
// otherwise, window or not, which costs more than everything else here. Only where the tray does
// not need the loop itself.
func (w *window) rest() {
	if w.hidden.Swap(true) || runtime.GOOS != "linux" {
		return
	}
	go func() {
		for w.hidden.Load() && w.life.Err() == nil {
			fyne.DoAndWait(w.nap)
		}
	}()
}

func (w *window) nap() {
	if !w.hidden.Load() {
		return
	}
	over := time.NewTimer(nap)
	defer over.Stop()
	select {
	case <-over.C:
	case <-w.life.Done():
	}
}

// raise brings the window to the front, as things are now. Call it on Fyne's goroutine.
func (w *window) raise() {
	if w.hidden.Swap(false) {
		w.shell.Refresh(w.shown)
	}
	w.win.Show()
	w.win.RequestFocus()
}
