package engine

import (
	"context"
	"encoding/json"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
)

// Retention gives what a sandbox keeps.
func (e *Engine) Retention(sandbox string) (backup.RetentionRules, error) {
	if _, err := e.Sandbox(sandbox); err != nil {
		return backup.RetentionRules{}, err
	}
	return e.config.Rules(sandbox), nil
}

// PreviewRetention says what rules would do with the backups that there are, newest first.
// Nothing is changed.
func (e *Engine) PreviewRetention(ctx context.Context, sandbox string, rules backup.RetentionRules) ([]backup.Fate, error) {
	if _, err := e.Sandbox(sandbox); err != nil {
		return nil, err
	}
	all, err := e.History(ctx, backup.Query{Sandbox: sandbox})
	if err != nil {
		return nil, err
	}
	return rules.Review(sandbox, all, e.zone(), e.opts.Now()), nil
}

// SetRetention changes what a sandbox keeps. It prunes nothing yet: the next completed run does,
// or Prune.
func (e *Engine) SetRetention(ctx context.Context, sandbox string, rules backup.RetentionRules) error {
	if _, err := e.Sandbox(sandbox); err != nil {
		return err
	}
	return e.change(ctx, "change what "+sandbox+" keeps", sandbox, func() error {
		return e.update(ctx, func(c *config.Config) error { return c.SetRules(sandbox, rules) })
	})
}

// Prune removes what the plan of a sandbox no longer keeps, now.
func (e *Engine) Prune(ctx context.Context, sandbox string, wait time.Duration) (backup.Pruned, error) {
	return e.pruneBy(ctx, backup.PruneRequest{Sandbox: sandbox, Wait: wait, Asked: true})
}

// pruneBy completes req and prunes.
func (e *Engine) pruneBy(ctx context.Context, req backup.PruneRequest) (backup.Pruned, error) {
	sandbox := req.Sandbox
	if _, err := e.Sandbox(sandbox); err != nil {
		return backup.Pruned{}, err
	}
	req.Rules, req.Zone, req.Who = e.config.Rules(sandbox), e.zone(), who()
	pruned, err := e.runner.Prune(ctx, req)
	if err == nil {
		err = e.rememberPrune(ctx, sandbox, pruned)
	}
	return pruned, err
}

// LastPruned says what the last prune of a sandbox removed, and when.
type LastPruned struct {
	At      time.Time `json:"at"` // zero: never
	Removed int       `json:"removed"`
	Freed   int64     `json:"freed_bytes"`
}

func pruneFact(sandbox string) string { return "pruned " + sandbox }

// rememberPrune keeps what a prune did, also that there was nothing to do.
func (e *Engine) rememberPrune(ctx context.Context, sandbox string, pruned backup.Pruned) error {
	last, err := json.Marshal(LastPruned{At: e.opts.Now().UTC(), Removed: len(pruned.Fates), Freed: pruned.Freed})
	if err != nil {
		return err
	}
	return e.catalog.SetFact(context.WithoutCancel(ctx), pruneFact(sandbox), string(last))
}

// LastPrune gives the last prune of a sandbox; zero when there was none.
func (e *Engine) LastPrune(ctx context.Context, sandbox string) (LastPruned, error) {
	var last LastPruned
	text, err := e.catalog.Fact(ctx, pruneFact(sandbox))
	if err != nil || text == "" {
		return last, err
	}
	return last, json.Unmarshal([]byte(text), &last)
}

// Tiers says as what each of the backups is kept by its sandbox's plan. Those of sandboxes that
// are not there any more have none.
func (e *Engine) Tiers(all []backup.Backup) map[backup.ID]backup.Tier {
	tiers := map[backup.ID]backup.Tier{}
	for _, s := range e.Sandboxes() {
		for _, fate := range e.config.Rules(s.Name).Review(s.Name, all, e.zone(), e.opts.Now()) {
			if fate.Keep {
				tiers[fate.Backup.ID] = fate.Tier
			}
		}
	}
	return tiers
}
