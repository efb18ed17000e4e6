package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"holdfast/backup"
)

// CopyTrial is what came of a trial of a copy: a restore drill from it, or a check of every byte.
type CopyTrial struct {
	At      time.Time      `json:"at"`
	Verdict backup.Verdict `json:"verdict"` // proven by a drill, intact by a check, broken
	Sandbox string         `json:"sandbox"` // whose backup was restored; "" after a check
	Backup  backup.ID      `json:"backup"`  // the one that was restored; "" after a check
	Error   *backup.Fault  `json:"error"`   // why it is broken
}

func drilledFact(name string) string { return "offsite-drilled " + name }

func checkedFact(name string) string { return "offsite-checked " + name }

// trial gives the last one on record; nil when there is none.
func (e *Engine) trial(ctx context.Context, fact string) (*CopyTrial, error) {
	text, err := e.catalog.Fact(ctx, fact)
	if err != nil || text == "" {
		return nil, err
	}
	t := &CopyTrial{}
	return t, json.Unmarshal([]byte(text), t)
}

// noteTrial puts a trial on record whose verdict is t's, or broken if trouble is damage. Any other trouble,
// such as a place that is away, says nothing about the copy and leaves what is on record.
func (e *Engine) noteTrial(ctx context.Context, fact string, t CopyTrial, trouble error) error {
	if trouble != nil && backup.KindOf(trouble) != backup.Damaged {
		return trouble
	}
	t.At = e.opts.Now().UTC()
	if trouble != nil {
		t.Verdict, t.Error = backup.Broken, backup.FaultOf(trouble)
	}
	text, err := json.Marshal(t)
	if err != nil {
		return firstOf(trouble, err)
	}
	return firstOf(trouble, e.catalog.SetFact(context.WithoutCancel(ctx), fact, string(text)))
}

func (e *Engine) forgetTrials(ctx context.Context, name string) error {
	return errors.Join(e.catalog.SetFact(ctx, drilledFact(name), ""), e.catalog.SetFact(ctx, checkedFact(name), ""))
}
