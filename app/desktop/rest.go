//go:build !headless

package desktop

import (
	"runtime"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"

	"holdfast/app/schedule"
)

// loop is Fyne's goroutine, which draws and takes events. It asks for events sixty times a second,
// window or not, which costs more than everything else here: while the window is hidden it waits
// for them instead. What it then does not see is work that Fyne queues for itself; everything of
// ours comes through do, which wakes it.
type loop struct {
	waiting atomic.Int32 // what is queued and not begun
	mu      sync.Mutex   // kept while waking, so that a wait does not end the library beneath it
	asleep  bool
}

// do queues f for Fyne's goroutine, and wakes it.
func (l *loop) do(f func()) {
	l.waiting.Add(1)
	fyne.Do(func() {
		l.waiting.Add(-1)
		f()
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asleep {
		glfw.PostEmptyEvent()
	}
}

// wait waits on Fyne's goroutine for an event or for do, at most for one interval of the schedule.
func (l *loop) wait() {
	l.sleep(true)
	defer l.sleep(false)
	if l.waiting.Load() == 0 {
		glfw.WaitEventsTimeout(schedule.Interval.Seconds())
	}
}

func (l *loop) sleep(asleep bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asleep = asleep
}

// hide takes the window off the screen; the program goes on in the tray.
func (w *window) hide() {
	w.win.Hide()
	w.rest()
}

// rest lets Fyne's goroutine wait for events while the window is hidden. Only where the tray does
// not need that goroutine itself.
func (w *window) rest() {
	if w.hidden.Swap(true) || runtime.GOOS != "linux" {
		return
	}
	go func() {
		for w.hidden.Load() && w.life.Err() == nil {
			fyne.DoAndWait(func() {
				if w.hidden.Load() && w.life.Err() == nil {
					w.loop.wait()
				}
			})
		}
	}()
}

// raise brings the window to the front, as things are now. Call it on Fyne's goroutine.
func (w *window) raise() {
	if w.hidden.Swap(false) {
		w.shell.Refresh(w.shown)
	}
	w.win.Show()
	w.win.RequestFocus()
}
