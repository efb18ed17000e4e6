package engine

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// SyncedOffsite is what became of one copy.
type SyncedOffsite struct {
	Name   string
	Result mirror.Result
	Err    error
}

// SyncOffsite brings one copy up to date, or all of them when name is "".
func (e *Engine) SyncOffsite(ctx context.Context, name string, wait time.Duration) ([]SyncedOffsite, error) {
	places := e.config.Offsite
	if name != "" {
		o, err := e.config.FindOffsite(name)
		if err != nil {
			return nil, backup.WithOp("sync", err)
		}
		places = []config.Offsite{o}
	}
	done := make([]SyncedOffsite, 0, len(places))
	for _, o := range places {
		result, err := e.syncOffsite(ctx, o, wait)
		done = append(done, SyncedOffsite{Name: o.Name, Result: result, Err: backup.WithOp("copy the vault to "+o.Name, err)})
	}
	return done, nil
}

// DueOffsite names the copies that lack something, or whose last try failed long enough ago.
func (e *Engine) DueOffsite(ctx context.Context) ([]string, error) {
	all, err := e.Offsites(ctx)
	now := e.opts.Now()
	var due []string
	for _, o := range all {
		if !o.waits(now) && o.State != CopyCurrent {
			due = append(due, o.Name)
		}
	}
	return due, err
}

// FollowOffsite brings the copies up to date after a run. What fails is said once for each cause, and
// makes no run a failure; it is tried again later.
func (e *Engine) FollowOffsite(ctx context.Context) {
	for _, o := range e.config.Offsite {
		state, err := e.offsiteState(ctx, o.Name)
		if err == nil && !state.waits(e.opts.Now()) {
			e.follow(ctx, o, state.LastError)
		}
	}
}

// followDue is FollowOffsite for the copies that are behind.
func (e *Engine) followDue(ctx context.Context) {
	due, err := e.DueOffsite(ctx)
	if err != nil {
		return // whoever reads the history next is told
	}
	for _, o := range e.config.Offsite {
		if state, err := e.offsiteState(ctx, o.Name); err == nil && slices.Contains(due, o.Name) {
			e.follow(ctx, o, state.LastError)
		}
	}
}

func (e *Engine) follow(ctx context.Context, o config.Offsite, told *backup.Fault) {
	_, err := e.syncOffsite(ctx, o, 0)
	if kind := backup.KindOf(err); err == nil || kind == backup.Busy || kind == backup.Cancelled {
		return
	}
	if fault := backup.FaultOf(err); newCause(told, fault) {
		e.warn("the off-site copy " + o.Name + " is not up to date: " + fault.Text + ". " + fault.Hint)
	}
}

// syncOffsite brings one copy up to date and remembers how that went.
func (e *Engine) syncOffsite(ctx context.Context, o config.Offsite, wait time.Duration) (mirror.Result, error) {
	unlock, err := e.lockOffsite(ctx, o.Name, wait)
	if err != nil {
		return mirror.Result{}, err
	}
	defer unlock()
	state, err := e.offsiteState(ctx, o.Name)
	if err != nil {
		return mirror.Result{}, err
	}
	result, err := e.mirrorTo(ctx, o, &state, wait)
	now := e.opts.Now().UTC()
	switch kind := backup.KindOf(err); {
	case err == nil:
		state.Sending, state.LastSuccess, state.Bytes, state.Backups = false, now, result.Bytes, result.Backups
		state.Failures, state.NextTry, state.LastError = 0, time.Time{}, nil
	case kind == backup.Busy || kind == backup.Cancelled:
		return result, err
	default:
		err = triedAgain(err)
		state.NextTry = now.Add(min(firstRetry<<min(state.Failures, 10), longestRetry))
		state.Failures++
		e.tellCopy(o.Name, state.LastError, backup.FaultOf(err))
		state.LastError = backup.FaultOf(err)
	}
	return result, firstOf(err, e.saveOffsite(ctx, o.Name, state))
}

// triedAgain says of a place that is out of reach that nobody need come back for it.
func triedAgain(err error) error {
	known := *backup.AsError(err)
	if known.Kind != backup.Unreachable {
		return err
	}
	known.Hint += " It is tried again by itself."
	return &known
}

// lockOffsite keeps other processes from the same copy.
func (e *Engine) lockOffsite(ctx context.Context, name string, wait time.Duration) (unlock func(), err error) {
	lock := flock.New(filepath.Join(e.paths.Home, "offsite-"+name+".lock"), flock.SetPermissions(0o600))
	ctx, stop := context.WithTimeout(ctx, max(wait, time.Millisecond))
	defer stop()
	got, err := lock.TryLock()
	if err == nil && !got {
		got, _ = lock.TryLockContext(ctx, 50*time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	if !got {
		return nil, backup.Errorf(backup.Busy, "Wait for it with --wait.", "another run works on the copy %s", name)
	}
	return func() { _ = lock.Close() }, nil
}

func (e *Engine) mirrorTo(ctx context.Context, o config.Offsite, state *OffsiteState, wait time.Duration) (result mirror.Result, err error) {
	v, err := e.vault.get(ctx)
	if err != nil {
		return result, err
	}
	store, err := e.openOffsite(ctx, o)
	if err != nil {
		return result, err
	}
	defer func() { err = firstOf(err, store.Close(context.WithoutCancel(ctx))) }()
	sweep := state.Sending || state.LastSuccess.IsZero()
	state.Sending = true
	if err := e.saveOffsite(ctx, o.Name, *state); err != nil {
		return result, err
	}
	return mirror.Sync(ctx, v, store, mirror.Request{
		Writer: e.offsiteWriter(v, state.Generation), Lag: o.Lag(), Wait: wait, Now: e.opts.Now, Sweep: sweep,
		Begin: func(generation int64) error {
			state.Generation = generation
			return e.saveOffsite(ctx, o.Name, *state)
		},
		Report: e.reportBytes("off-site copy"),
	})
}

func (e *Engine) openOffsite(ctx context.Context, o config.Offsite) (*mirror.Store, error) {
	var password string
	if o.NeedsSecret() {
		var err error
		if password, err = e.offsite.Get(ctx, o.Name); err != nil {
			return nil, err
		}
	}
	return mirror.Open(ctx, o.Place, mirror.Options{Secret: password, Limit: o.Limit, Lock: time.Duration(o.Lock)})
}

func (e *Engine) reportBytes(stage string) func(done, total int64) {
	return func(done, total int64) {
		if e.opts.Report != nil {
			e.opts.Report(backup.Progress{Stage: stage, Bytes: done, BytesTotal: total})
		}
	}
}

// TestedOffsite says what a test of a copy found.
type TestedOffsite struct {
	Name    string
	Full    bool
	Backups int // that were verified; 0 without full
	Files   int
	Bytes   int64
}

// TestOffsite writes, reads and deletes at a place. With full it opens the copy, without changing it,
// and reads and verifies every byte of every backup in it.
func (e *Engine) TestOffsite(ctx context.Context, name string, full bool) (tested TestedOffsite, err error) {
	op := "test the off-site copy " + name
	tested = TestedOffsite{Name: name, Full: full}
	o, err := e.config.FindOffsite(name)
	if err != nil {
		return tested, backup.WithOp(op, err)
	}
	err = e.testOffsite(ctx, o, &tested)
	if full {
		err = e.noteTrial(ctx, checkedFact(name), CopyTrial{Verdict: backup.Intact}, err)
	}
	return tested, backup.WithOp(op, err)
}

func (e *Engine) testOffsite(ctx context.Context, o config.Offsite, tested *TestedOffsite) (err error) {
	key, err := e.key(ctx)
	if err != nil {
		return err
	}
	store, err := e.openOffsite(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, store.Close(context.WithoutCancel(ctx))) }()
	if _, _, err := mirror.Probe(ctx, store, e.opts.Now); err != nil || !tested.Full {
		return err
	}
	checked, err := mirror.Check(ctx, store, string(key), e.opts.Now, e.reportBytes("verify"))
	tested.Backups, tested.Files, tested.Bytes = checked.Backups, checked.Files, checked.Bytes
	return err
}
