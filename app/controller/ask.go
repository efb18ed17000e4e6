package controller

import (
	"context"
	"errors"
	"sync"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/views"
)

// job is work that a person asked for and that the gate may ask about. One at a time runs for a
// sandbox; a second one is not begun, and the person is told.
func (c *Controller) job(sandbox, title, verb string, work func(context.Context, *engine.Engine) error) {
	c.jobOf(runOther, sandbox, title, verb, work)
}

// jobOf is job for a run of a kind.
func (c *Controller) jobOf(kind runKind, sandbox, title, verb string, work func(context.Context, *engine.Engine) error) {
	begun := c.startOf(kind, sandbox, title, func(ctx context.Context, report func(backup.Progress)) error {
		return c.approved(ctx, verb, report, work)
	})
	if begun == nil {
		c.sayBusy(sandbox, title)
	}
}

// sayBusy tells that something was not begun because another job runs.
func (c *Controller) sayBusy(sandbox, title string) {
	c.mu.Lock()
	if j := c.jobs[sandbox]; j != nil {
		c.problems[sandbox] = &backup.Fault{
			Kind: backup.Busy,
			Text: lang.L("{{.What}} was not begun: another run is going on ({{.Other}})", values{"What": title, "Other": j.busy.Title}),
			Hint: lang.L("Wait until it has ended, or cancel it."),
		}
	}
	c.mu.Unlock()
	c.show()
}

// edit is a quick change that goes on beside whatever runs.
func (c *Controller) edit(sandbox, verb string, work func(context.Context, *engine.Engine) error) {
	c.editThen(sandbox, verb, work, func() {})
}

// editThen is edit that calls done at its end, whatever came of it.
func (c *Controller) editThen(sandbox, verb string, work func(context.Context, *engine.Engine) error, done func()) {
	c.mu.Lock()
	delete(c.problems, sandbox)
	c.mu.Unlock()
	c.show()
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		err := c.approved(c.life, verb, nil, work)
		if err != nil && backup.KindOf(err) != backup.Cancelled {
			engine.LogFault(err)
			c.mu.Lock()
			c.problems[sandbox] = backup.FaultOf(err)
			c.mu.Unlock()
		}
		done()
		c.reload()
	}()
}

// approved does work on an engine whose gate asks the person; a wrong passphrase may be typed
// again, and then the work begins anew: until it is approved it touches nothing.
func (c *Controller) approved(ctx context.Context, verb string, report func(backup.Progress), work func(context.Context, *engine.Engine) error) error {
	if report == nil {
		report = func(backup.Progress) {}
	}
	p := &prompt{c: c, verb: verb, report: report}
	defer p.close()
	v := voice{approve: p.ask, report: func(at backup.Progress) {
		p.close()
		report(at)
	}}
	for {
		err := c.with(ctx, v, func(e *engine.Engine) error { return work(ctx, e) })
		if !errors.Is(err, secret.ErrWrong) {
			return err
		}
		p.trouble = lang.L("That is not the approval passphrase. Try again.")
	}
}

// prompt is one job's turn in front of the person. It begins when the gate asks, and ends when
// the answer was taken; until then no other prompt is shown, and no other job closes this one.
type prompt struct {
	c             *Controller
	verb, trouble string
	report        func(backup.Progress)

	mu   sync.Mutex
	held bool
}

// ask waits for the turn, shows the prompt and waits for the answer.
func (p *prompt) ask(ctx context.Context, asked backup.Prompt) (string, error) {
	if err := p.hold(ctx); err != nil {
		return "", err
	}
	answer := make(chan reply, 1)
	p.c.mu.Lock()
	p.c.answer = answer
	p.c.mu.Unlock()
	p.report(backup.Progress{Stage: views.StageApproval})
	p.c.ui.Ask(&views.Question{Prompt: asked, Verb: p.verb, Trouble: p.trouble})
	select {
	case got := <-answer:
		switch {
		case got.system:
			return "", backup.ErrAskSystem
		case got.typed == "":
			return "", &backup.Error{Kind: backup.Cancelled, Text: "not approved; nothing was touched"}
		}
		return got.typed, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (p *prompt) hold(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held {
		return nil
	}
	select {
	case p.c.asking <- struct{}{}:
		p.held = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends the turn, if it is this job's.
func (p *prompt) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.held {
		return
	}
	p.held = false
	p.c.ui.Ask(nil)
	<-p.c.asking
}

// reply is a person's answer to the prompt; the zero one is no.
type reply struct {
	typed  string
	system bool // the operating system is to ask
}

// Approve answers the prompt.
func (c *Controller) Approve(passphrase string) { c.reply(reply{typed: passphrase}) }

// ApproveBySystem answers the prompt: the operating system is to ask instead.
func (c *Controller) ApproveBySystem() { c.reply(reply{system: true}) }

// Decline closes the prompt; nothing is touched.
func (c *Controller) Decline() { c.reply(reply{}) }

func (c *Controller) reply(r reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answer != nil {
		c.answer <- r
		c.answer = nil
	}
}
