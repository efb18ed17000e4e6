package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

// A run shows that its process lives each beatInterval. One that has not for deaf has a process
// that hangs; the machine may have slept, so this is said, and acted upon only where the system
// does not know the process either.
const (
	beatInterval = 30 * time.Second
	deaf         = 5 * time.Minute
)

// beating is the catalog, whose running runs of this process show that it lives.
type beating struct {
	*catalog.Catalog
	now  backup.Clock
	warn func(string)
	log  *slog.Logger

	mu   sync.Mutex
	ends map[backup.ID]func()
}

// PutBackup is the catalog's, and begins or ends the run's beat.
func (c *beating) PutBackup(ctx context.Context, b *backup.Backup) error {
	err := c.Catalog.PutBackup(ctx, b)
	if c.follow(b.ID, b.Status == backup.StatusRunning && err == nil) {
		logRun(c.log, "backup", b.ID, b.Sandbox, b.Status, b.Error)
	}
	return err
}

// PutRestore is the catalog's, and begins or ends the run's beat.
func (c *beating) PutRestore(ctx context.Context, r *backup.Restore) error {
	err := c.Catalog.PutRestore(ctx, r)
	if c.follow(r.ID, r.Status == backup.StatusRunning && err == nil) {
		logRun(c.log, "restore", r.ID, r.Sandbox, r.Status, r.Error)
	}
	return err
}

// follow begins the beat of a run that began, and ends that of one that did; changed when it did either.
func (c *beating) follow(id backup.ID, runs bool) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	end, beats := c.ends[id]
	switch {
	case runs && !beats:
		c.ends[id] = c.begin(id)
	case !runs && beats:
		delete(c.ends, id)
		end()
	}
	return runs != beats
}

// begin beats at once and from then on, until end is called, which waits for the last one.
func (c *beating) begin(id backup.ID) (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		again := time.NewTicker(beatInterval)
		defer again.Stop()
		for {
			if err := c.Beat(ctx, id, c.now()); err != nil && ctx.Err() == nil {
				c.warn("the run goes on, but cannot show that it does: " + backup.AsError(err).Text)
			}
			select {
			case <-again.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		stop()
		<-done
		if err := c.EndBeat(context.Background(), id); err != nil {
			c.warn("a run that ended still looks as if it beat: " + backup.AsError(err).Text)
		}
	}
}

// close ends every beat that is left, such as of a run whose last line could not be written.
func (c *beating) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, end := range c.ends {
		delete(c.ends, id)
		end()
	}
}

// openRun is a run that is on record as running.
type openRun struct {
	what    string // "the backup 0123456789abcdef of shop"
	process backup.Process
	beat    time.Time // zero: it never showed that it lives
}

func (e *Engine) openRuns(ctx context.Context) (list []openRun, err error) {
	backups, err := e.catalog.Backups(ctx, backup.Query{})
	if err != nil {
		return nil, err
	}
	restores, err := e.catalog.Restores(ctx)
	if err != nil {
		return nil, err
	}
	add := func(kind string, id backup.ID, sandbox string, s backup.Status, p backup.Process) {
		if s != backup.StatusRunning || err != nil {
			return
		}
		var beat time.Time
		beat, err = e.catalog.LastBeat(ctx, id)
		list = append(list, openRun{what: fmt.Sprintf("the %s %s of %s", kind, id, sandbox), process: p, beat: beat})
	}
	for i := range backups {
		add("backup", backups[i].ID, backups[i].Sandbox, backups[i].Status, backups[i].Process)
	}
	for i := range restores {
		add("restore", restores[i].ID, restores[i].Sandbox, restores[i].Status, restores[i].Process)
	}
	return list, err
}

// silent says for how long a run has shown no sign of life; 0 when that is not long, or when it
// never showed any.
func (e *Engine) silent(r openRun) time.Duration {
	if since := e.opts.Now().Sub(r.beat); !r.beat.IsZero() && since >= deaf {
		return since
	}
	return 0
}

// lives says whether a process does, from what the system knows of it. Where that is its number
// alone, which may be another process's by now, the beats of its runs decide.
func (e *Engine) lives(p backup.Process, open []openRun) (lives, known bool) {
	lives, known = alive(p)
	if !lives || !known || p.Started != 0 {
		return lives, known
	}
	for _, r := range open {
		if r.process == p && e.silent(r) > 0 {
			return false, true
		}
	}
	return true, true
}

// hanging gives a sentence for each run that has shown no sign of life for long and whose process
// is there, or is where it cannot be asked for.
func (e *Engine) hanging(open []openRun) (texts []string) {
	for _, r := range open {
		lives, known := e.lives(r.process, open)
		if e.silent(r) == 0 || known && !lives {
			continue
		}
		text := fmt.Sprintf("%s has shown no sign of life since %s; its process %d", r.what, r.beat.In(e.zone()).Format("15:04 on 2 January"), r.process.PID)
		if known {
			text += " is there. If it hangs, end that process"
		} else {
			text += " ran on " + r.process.Host + ", which cannot be asked from here. Start Holdfast there"
		}
		texts = append(texts, text+": then the run is closed as interrupted.")
	}
	return texts
}
