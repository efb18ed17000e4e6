//go:build !headless

package desktop

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"

	"holdfast/app/schedule"
)

// loop is Fyne's goroutine, which draws and takes events. It asks for events sixty times a second,
// window or not, which costs more than everything else here: while nothing happens it waits for
// them instead. What it then does not see is work that Fyne queues for itself, and time that passes
// in an animation; everything of ours comes through do, which wakes it.
type loop struct {
	waiting atomic.Int32 // what is queued and not begun
	mu      sync.Mutex   // kept while waking, so that a wait does not end the library beneath it
	asleep  bool
	stirred time.Time // when something happened last
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
	l.stirred = time.Now()
	if l.asleep {
		glfw.PostEmptyEvent()
	}
}

// wait waits on Fyne's goroutine for an event or for do, at most for so long.
func (l *loop) wait(most time.Duration) {
	l.sleep(true)
	begun := time.Now()
	if l.waiting.Load() == 0 {
		glfw.WaitEventsTimeout(most.Seconds())
	}
	l.sleep(false)
	if time.Since(begun) < most-frame { // something came
		l.stir()
	}
}

func (l *loop) sleep(asleep bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asleep = asleep
}

func (l *loop) stir() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stirred = time.Now()
}

// quietFor says how long nothing happened.
func (l *loop) quietFor() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.stirred)
}

const (
	calm  = time.Second            // of nothing, until the window that is shown dozes: animations have ended
	doze  = 500 * time.Millisecond // at a time while it is shown
	blink = 100 * time.Millisecond // at a time while the cursor blinks in a field
	frame = 20 * time.Millisecond  // between two of these, for Fyne to draw and to animate
)

// hide takes the window off the screen; the program goes on in the tray.
func (w *window) hide() {
	w.win.Hide()
	w.hidden.Store(true)
	w.loop.do(func() {}) // the window may be dozing: the long wait is to begin
}

// rest lets Fyne's goroutine wait for events: until one comes while the window is hidden, and in
// short pieces while it is shown and nothing happens. Only where the tray does not need that
// goroutine itself.
func (w *window) rest() {
	if runtime.GOOS != "linux" {
		return
	}
	for w.life.Err() == nil {
		pause := frame
		fyne.DoAndWait(func() {
			switch quiet := w.loop.quietFor(); {
			case w.life.Err() != nil:
			case w.hidden.Load():
				pause = 0
				w.loop.wait(schedule.Interval)
			case w.shown.Moving():
				pause = calm
			case quiet < calm:
				pause = calm - quiet
			case w.win.Canvas().Focused() != nil:
				w.loop.wait(blink)
			default:
				w.loop.wait(doze)
			}
		})
		if pause > 0 && !w.hidden.Load() {
			time.Sleep(pause)
		}
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
