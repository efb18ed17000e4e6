package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/platform"
)

// A drill is due a month after the last one, and waits for a quiet time up to latestDrill.
const (
	monthlyDrill = 30 * 24 * time.Hour
	latestDrill  = 35 * 24 * time.Hour
	quietFrom    = 0 // o'clock, local time
	quietTo      = 6
)

// Drilled says how the last restore drill of a sandbox went.
type Drilled struct {
	At      time.Time `json:"at"`
	Backup  backup.ID `json:"backup"`
	Proven  bool      `json:"proven"`
	Seconds float64   `json:"seconds"`
	Reason  string    `json:"reason,omitempty"` // why it was skipped, or what it found
}

func drillFact(sandbox string) string { return "drilled " + sandbox }

// LastDrill gives the last drill of a sandbox; zero when there was none.
func (e *Engine) LastDrill(ctx context.Context, sandbox string) (Drilled, error) {
	var d Drilled
	text, err := e.catalog.Fact(ctx, drillFact(sandbox))
	if err != nil || text == "" {
		return d, err
	}
	return d, json.Unmarshal([]byte(text), &d)
}

// DueDrills names the sandboxes whose monthly restore drill should run now: a month has passed,
// there is a backup to try, and it is night, or has been long overdue.
func (e *Engine) DueDrills(ctx context.Context) ([]string, error) {
	all, err := e.History(ctx, backup.Query{})
	if err != nil {
		return nil, err
	}
	now := e.opts.Now()
	hour := now.In(e.zone()).Hour()
	quiet := hour >= quietFrom && hour < quietTo
	var due []string
	for _, s := range e.config.Sandboxes {
		if s.NoDrill || s.FoldersOnly {
			continue
		}
		last, err := e.LastDrill(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		begun := last.At
		if begun.IsZero() || begun.After(now) { // never, or by a clock that was wrong
			begun = s.Added
		}
		wait := latestDrill
		if quiet {
			wait = monthlyDrill
		}
		if _, err := backup.Resolve(now, "latest:"+s.Name, all, backup.ScopeDatabase); err == nil && now.Sub(begun) >= wait {
			due = append(due, s.Name)
		}
	}
	return due, nil
}

// RunDrill tries the newest backup of a sandbox: it is restored into a scratch database, read
// back, compared and dropped. What keeps it from being tried, such as space or rights that lack,
// is remembered as the reason, and the next try is a month later.
func (e *Engine) RunDrill(ctx context.Context, sandbox string, wait time.Duration) (Drilled, error) {
	b, err := e.backupHolding(ctx, "latest:"+sandbox, backup.ScopeDatabase)
	if err != nil {
		return Drilled{}, err
	}
	d := Drilled{At: e.opts.Now().UTC(), Backup: b.ID}
	_, err = e.VerifyBackup(ctx, string(b.ID), true, wait)
	d.Seconds = e.opts.Now().Sub(d.At).Seconds()
	switch kind := backup.KindOf(err); {
	case err == nil:
		d.Proven = true
	case kind == backup.Busy || kind == backup.Cancelled || kind == backup.Unreachable:
		return d, err // the next wake tries again
	default:
		d.Reason = backup.AsError(err).Text
	}
	text, jsonErr := json.Marshal(d)
	if jsonErr != nil {
		return d, jsonErr
	}
	if factErr := e.catalog.SetFact(context.WithoutCancel(ctx), drillFact(sandbox), string(text)); factErr != nil {
		return d, factErr
	}
	if err != nil && backup.KindOf(err) != backup.Damaged {
		e.warn(fmt.Sprintf("the monthly restore drill of %s was skipped: %s", sandbox, d.Reason))
		return d, nil
	}
	return d, err
}

// runDrills runs what is due, and says what it came to. It never makes a run fail.
func (e *Engine) runDrills(ctx context.Context, wait time.Duration) {
	due, err := e.DueDrills(ctx)
	if err != nil && ctx.Err() == nil {
		e.warn("whether a restore drill is due is not known: " + backup.AsError(err).Text)
	}
	for _, sandbox := range due {
		if ctx.Err() != nil {
			return
		}
		if _, err := e.RunDrill(ctx, sandbox, wait); err != nil {
			e.warn("the restore drill of " + sandbox + ": " + backup.AsError(err).Text)
		}
	}
}

// serverFree says how much room the disk of a sandbox's server has, where that can be known.
func (e *Engine) serverFree(ctx context.Context, s backup.Sandbox) (free int64, known bool) {
	folder, err := e.server.DataFolder(ctx, s)
	if err != nil || folder == "" {
		return 0, false
	}
	free, err = platform.Free(folder)
	return free, err == nil
}

// DrillsMonthly says whether a sandbox's newest backup is tried once a month.
func (e *Engine) DrillsMonthly(sandbox string) bool {
	for _, s := range e.config.Sandboxes {
		if s.Name == sandbox {
			return !s.NoDrill && !s.FoldersOnly
		}
	}
	return false
}

// SetDrill switches the monthly restore drill of a sandbox.
func (e *Engine) SetDrill(ctx context.Context, sandbox string, on bool) error {
	s, err := e.Sandbox(sandbox)
	if err == nil && on {
		err = s.NeedsDatabase("Its backups are verified byte by byte: holdfast backup verify latest:" + sandbox)
	}
	if err != nil {
		return err
	}
	op := "end the monthly restore drill of " + sandbox
	if on {
		op = "try a restore of " + sandbox + " every month"
	}
	return e.change(ctx, op, sandbox, func() error {
		return e.update(ctx, func(c *config.Config) error { return c.SetDrill(sandbox, on) })
	})
}
