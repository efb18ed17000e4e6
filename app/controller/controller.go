package controller

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
	"holdfast/views"
)

// UI is what the controller tells the window and the tray.
type UI interface {
	Show(s views.State)
	Ask(q *views.Question)
	Attempt(a views.Attempt)
	Added(sandbox string)
	Notify(title, text string)
	NotifyAt(title, text string, at views.Place) // a click on it opens that place
	OpenFolder(path string) error
	Say(f *backup.Fault) // in front of everything
}

// Controller implements views.Actions.
type Controller struct {
	version string
	writeTo string // folder that is proposed for downloads
	ui      UI
	now     backup.Clock
	life    context.Context // ends with the program

	asking  chan struct{} // held by the one job whose prompt is open
	reading sync.Mutex    // one reload at a time, so that the last one begun is the last one shown
	duty    sync.Mutex    // held by the one that runs what is due
	showing sync.Mutex    // what is made later is shown later
	running sync.WaitGroup

	mu          sync.Mutex
	state       views.State // as last read, without what is below
	place       views.Place // what the window shows
	jobs        map[string]*job
	problems    map[string]*backup.Fault
	chosen      map[string]backup.ID
	compared    map[string]*views.Compared // by the sandbox whose database it was
	unsaved     map[string]views.Restoring // what stopped because the present state could not be saved
	lacking     map[string]views.Restoring // what stopped because the server lacks roles or tablespaces
	drafts      map[string]*views.Draft
	previews    map[string]*views.Preview
	seen        map[backup.ID]bool           // restores that the person wants to hear no more of
	sizes       map[backup.ID]int64          // of the databases that restores replaced
	told        map[string]string            // what was notified last, by what it was about
	files       map[string]*views.MediaFiles // by sandbox, as they were asked for last
	courses     map[ranOf]course             // of the last completed runs that were watched
	recalled    bool                         // those of earlier starts are among them
	lasts       map[ranOf]spent              // the same, as they are on record
	downloads   []*download                  // since the start, newest first
	downloaded  int                          // how many there were
	secrets     *views.Secrets
	setup       views.Setup
	opening     views.Opening
	asked       views.KeyAsked
	lent        backup.RecoveryKey // that a person typed; "" for none
	adding      bool               // a place of an off-site copy is tried
	added       bool               // it was kept, and the window does not know yet
	held        string             // the sample's server that runs for us; "" for none
	found       []engine.Discovered
	folders     []string // that a person wants to be searched for databases
	discovering bool
	unset       *backup.Fault // why the last change of the preferences failed
	bundle      string        // the last diagnostics bundle
	answer      chan reply    // of the gate's open prompt; nil when there is none
}

var _ views.Actions = (*Controller)(nil)

// job is a run in progress.
type job struct {
	stop context.CancelFunc
	busy views.Busy
	kind runKind
	pace *pace
}

// New makes a controller whose jobs end with ctx.
func New(ctx context.Context, version string, ui UI, now backup.Clock) *Controller {
	return &Controller{
		version: version, writeTo: platform.DownloadFolder(), ui: ui, now: now, life: ctx, asking: make(chan struct{}, 1),
		jobs: map[string]*job{}, problems: map[string]*backup.Fault{}, chosen: map[string]backup.ID{},
		compared: map[string]*views.Compared{}, unsaved: map[string]views.Restoring{}, lacking: map[string]views.Restoring{},
		drafts: map[string]*views.Draft{}, previews: map[string]*views.Preview{},
		seen: map[backup.ID]bool{}, sizes: map[backup.ID]int64{}, files: map[string]*views.MediaFiles{}, told: map[string]string{},
		courses: map[ranOf]course{},
	}
}

// Wait returns when every job has ended.
func (c *Controller) Wait() { c.running.Wait() }

// Busy says how many jobs run.
func (c *Controller) Busy() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.jobs)
}

// voice is how an engine speaks to a person; the zero value is nobody.
type voice struct {
	report  func(backup.Progress)
	warn    func(string)
	approve backup.Approver
}

// with opens an engine for one piece of work.
func (c *Controller) with(ctx context.Context, v voice, do func(*engine.Engine) error) error {
	e, err := engine.Open(ctx, engine.Options{Version: c.version, Now: c.now, Zone: time.Local, Report: v.report, Warn: v.warn, Approve: v.approve, Via: backup.ViaWindow, Lent: c.lendKey})
	if err != nil {
		return err
	}
	err = do(e)
	if closeErr := e.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	return err
}

// start begins a job for a sandbox and gives a channel that is closed when it has ended; nil
// when another one runs, and this one is not begun.
func (c *Controller) start(sandbox, title string, work func(ctx context.Context, report func(backup.Progress)) error) <-chan struct{} {
	return c.startOf(runOther, sandbox, title, work)
}

// startOf is start for a run of a kind, whose last run tells how long this one will take.
func (c *Controller) startOf(kind runKind, sandbox, title string, work func(ctx context.Context, report func(backup.Progress)) error) <-chan struct{} {
	ctx, stop := context.WithCancel(c.life)
	c.mu.Lock()
	if c.jobs[sandbox] != nil {
		c.mu.Unlock()
		stop()
		return nil
	}
	ended := make(chan struct{})
	j := &job{stop: stop, busy: views.Busy{Title: title}, kind: kind, pace: &pace{last: c.expect(kind, sandbox)}}
	c.jobs[sandbox] = j
	delete(c.problems, sandbox)
	delete(c.unsaved, sandbox)
	delete(c.lacking, sandbox)
	c.running.Add(1)
	c.mu.Unlock()
	c.show()
	go c.beat(j, ended)
	go func() {
		defer c.running.Done()
		defer close(ended)
		defer stop()
		err := work(ctx, func(p backup.Progress) { c.progress(j, p) })
		c.end(sandbox, title, err)
	}()
	return ended
}

// end takes a job off the list and shows what came of it.
func (c *Controller) end(sandbox, title string, err error) {
	kind := backup.KindOf(err)
	failed := err != nil && kind != backup.Cancelled
	engine.LogFault(err)
	var went *engine.Course
	c.mu.Lock()
	if err == nil {
		went = c.remember(sandbox, c.jobs[sandbox])
	}
	delete(c.jobs, sandbox)
	if failed {
		c.problems[sandbox] = backup.FaultOf(err)
	}
	c.mu.Unlock()
	c.record(went)
	c.reload()
	if !failed {
		err = nil
	}
	c.tell(sandbox, lang.L("{{.What}}: failed", values{"What": title}), placeOf(sandbox), err)
}

// values are the data of a translated template.
type values map[string]any

// tell notifies of an error once: not again while what it is about goes on to fail for the same
// cause. A nil error ends that. A click opens at.
func (c *Controller) tell(about, title string, at views.Place, err error) {
	text := ""
	if err != nil {
		text = backup.AsError(err).Error()
	}
	c.mu.Lock()
	again := c.told[about] == text
	c.told[about] = text
	c.mu.Unlock()
	if text != "" && !again && c.life.Err() == nil {
		c.ui.NotifyAt(title, views.Message(err), at)
	}
}

// progress keeps how far a job is and shows it now and then.
func (c *Controller) progress(j *job, p backup.Progress) {
	c.mu.Lock()
	c.follow(j, p)
	c.mu.Unlock()
	c.show()
}

// follow works out what p means. The caller holds c.mu.
func (c *Controller) follow(j *job, p backup.Progress) {
	r := j.pace.see(p, c.now())
	j.busy.Progress, j.busy.Rate = p, r.rate
	j.busy.Fraction, j.busy.Left, j.busy.Step, j.busy.Longer = r.fraction, r.left, r.step, r.longer
}

// beat shows that time passes in a job that reports nothing, until it has ended.
func (c *Controller) beat(j *job, ended <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			c.mu.Lock()
			before := j.busy
			if before.Progress.Stage != "" {
				c.follow(j, before.Progress)
			}
			changed := j.busy != before
			c.mu.Unlock()
			if changed {
				c.show()
			}
		}
	}
}
