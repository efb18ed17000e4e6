//go:build !headless

// Package desktop is the window's life: start, one instance, tray, notifications, the daily run,
// and the end. It is the one package that imports fyne/app; with the build tag headless it is
// left out, and the program has its commands only.
package desktop

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"holdfast/app/config"
	"holdfast/app/controller"
	"holdfast/app/engine"
	"holdfast/app/schedule"
	"holdfast/assets"
	"holdfast/backup"
	"holdfast/platform"
	"holdfast/views"
)

// appID names the program to the desktop; it is the ID in FyneApp.toml.
const appID = "app.holdfast.Holdfast"

// words that one start says to the running one
const raise = "raise"

// Run shows the window, or with background only the tray, until the person quits. A second
// start raises the first one's window and ends.
func Run(ctx context.Context, version string, background bool) error {
	if !platform.HasDisplay() {
		return backup.Errorf(backup.NoDisplay, "Start it from a desktop session, or use the commands: holdfast --help", "there is no display to open a window on")
	}
	socket, looks, err := home(ctx, version)
	if err != nil {
		showFailure(version, err)
		return err
	}
	instance, err := claim(ctx, socket, background)
	if instance == nil {
		return err
	}
	if err := setScale(looks.Scale); err != nil {
		return errors.Join(err, instance.Close())
	}
	w := newWindow(ctx, version, instance, looks)
	w.run(background)
	return <-w.released
}

// showFailure shows why the program cannot start, until the person has read it: who starts it from a
// desktop's menu sees nothing else.
func showFailure(version string, err error) {
	a := newApp(version)
	a.Settings().SetTheme(views.Theme{})
	if err := views.Speak(""); err != nil {
		fyne.LogError("The texts cannot be read", err) // those in the program are shown instead
	}
	win := a.NewWindow("Holdfast")
	win.Resize(fyne.NewSize(640, 260))
	win.CenterOnScreen()
	win.Show()
	openLog := func(said func(*backup.Fault)) {
		go func() {
			if f := controller.OpenLog(context.Background()); f != nil {
				fyne.Do(func() { said(f) })
			}
		}()
	}
	a.Lifecycle().SetOnStarted(func() {
		views.ShowFailure(win, backup.FaultOf(err), a.Clipboard().SetContent, openLog, a.Quit)
	})
	a.Run()
}

// home finds where the one window of this home listens, and how it looks.
func home(ctx context.Context, version string) (socket string, looks config.Desktop, err error) {
	e, err := engine.Open(ctx, engine.Options{Version: version, Now: time.Now})
	if err != nil {
		return "", looks, err
	}
	return e.InstanceSocket(), e.Desktop(), e.Close(ctx)
}

// scaleEnv is where Fyne looks for the size of texts; what is there already stands.
const scaleEnv = "FYNE_SCALE"

func setScale(scale float32) error {
	if _, set := os.LookupEnv(scaleEnv); set || scale == 0 {
		return nil
	}
	return os.Setenv(scaleEnv, strconv.FormatFloat(float64(scale), 'g', -1, 32))
}

// claim makes this process the one window of its home; nil when another is, which was told so. One
// that is ending answers no more and lets go in a moment.
func claim(ctx context.Context, socket string, background bool) (*platform.Instance, error) {
	ctx, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	for {
		instance, err := platform.Claim(socket)
		if err == nil || !errors.Is(err, platform.ErrTaken) {
			return instance, err
		}
		if background {
			return nil, nil // it runs: that is all that was asked for
		}
		if err = platform.Tell(ctx, socket, raise); err == nil {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, &backup.Error{Kind: backup.Busy, Text: "Holdfast runs already, but its window does not answer", Hint: "Quit it from the tray, or end its process, and start again.", Err: err}
		case <-time.After(frame):
		}
	}
}

// window is the running program.
type window struct {
	app     fyne.App
	win     fyne.Window
	shell   *views.Shell
	control *controller.Controller
	tray    *tray
	notices *notices
	theme   views.Theme
	shown   views.State // the newest
	loop    loop
	hidden  atomic.Bool // the window is; it is drawn when it shows again
	life    context.Context
	end     context.CancelFunc

	released chan error // gets what came of letting go of the claim, when life ends
}

func newApp(version string) fyne.App {
	fyneapp.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Holdfast", Version: version, Icon: icon("holdfast")})
	return fyneapp.NewWithID(appID)
}

func newWindow(ctx context.Context, version string, instance *platform.Instance, looks config.Desktop) *window {
	w := &window{app: newApp(version), released: make(chan error, 1)}
	w.notices = &notices{w: w}
	w.life, w.end = context.WithCancel(ctx)
	if err := views.Speak(looks.Language); err != nil {
		fyne.LogError("The texts cannot be read", err) // those in the program are shown instead
	}
	w.dress(looks.Theme)
	w.app.SetIcon(icon("holdfast"))
	w.win = w.app.NewWindow("Holdfast")
	w.control = controller.New(w.life, version, w, time.Now)
	w.shell = views.NewShell(w.win, w.control, w.app.Clipboard().SetContent)
	w.win.Resize(fyne.NewSize(1040, 680))
	w.win.CenterOnScreen()
	w.tray = newTray(w)
	w.win.SetCloseIntercept(w.closed)
	go w.listen(instance)
	go func() { // the next start need not wait for what still ends
		<-w.life.Done()
		w.released <- instance.Close()
	}()
	return w
}

func icon(name string) fyne.Resource { return fyne.NewStaticResource(name+".svg", assets.Icon(name)) }

// run is the program's life on Fyne's goroutine.
func (w *window) run(background bool) {
	w.app.Lifecycle().SetOnStarted(func() {
		w.tray.open()
		go w.rest()
		go w.control.Refresh()
		go func() {
			if err := schedule.Run(w.life, w.look); err != nil {
				w.Notify("Holdfast", views.Message(err))
			}
		}()
	})
	if background && w.tray.hosted(w.life) {
		w.hidden.Store(true)
	} else {
		w.win.Show()
	}
	go func() { // a signal ends the program in order
		<-w.life.Done()
		w.control.Wait()
		w.loop.do(w.app.Quit)
	}()
	w.app.Run()
	w.tray.close()
	w.end()
	w.control.Wait()
}

// look is what the scheduler calls: run what is due, then show the time that passed. The memory that
// this and what was done since have needed is given back, for nothing may happen for hours.
func (w *window) look(ctx context.Context) {
	w.control.RunDue(ctx)
	w.control.Refresh()
	debug.FreeOSMemory()
}

// listen does what other starts say.
func (w *window) listen(instance *platform.Instance) {
	for message := range instance.Messages() {
		if message == raise {
			w.loop.do(w.raise)
		}
		if sandbox, note, ok := engine.ParseBackUpOrder(message); ok {
			w.control.BackUp(sandbox, note)
		}
	}
}

// Show brings a State to Fyne's goroutine.
func (w *window) Show(s views.State) {
	w.loop.do(func() {
		if s.Theme != w.theme.Only && s.Vault != "" {
			w.dress(s.Theme)
		}
		w.shown = s
		if !w.hidden.Load() {
			w.shell.Refresh(s)
		}
		w.tray.refresh(s)
	})
}

// dress gives the window its colours.
func (w *window) dress(theme string) {
	w.theme.Only = theme
	w.app.Settings().SetTheme(w.theme)
}

// OpenFolder shows a folder in the desktop's file manager.
func (w *window) OpenFolder(path string) error {
	return w.app.OpenURL(&url.URL{Scheme: "file", Path: filepath.ToSlash(path)})
}

// Say tells what could not be done.
func (w *window) Say(f *backup.Fault) { w.loop.do(func() { w.shell.Say(f) }) }

// Ask shows or closes the gate's prompt.
func (w *window) Ask(q *views.Question) {
	w.loop.do(func() {
		if q != nil {
			w.raise()
		}
		w.shell.Ask(q)
	})
}

// Attempt shows what came of trying a connection.
func (w *window) Attempt(a views.Attempt) { w.loop.do(func() { w.shell.ShowAttempt(a) }) }

// Added shows the page of a new sandbox.
func (w *window) Added(sandbox string) { w.loop.do(func() { w.shell.Added(sandbox) }) }
