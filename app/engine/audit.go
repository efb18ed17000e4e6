package engine

import (
	"context"

	"holdfast/backup"
)

// audit appends to the audit log, sealed when the vault key is at hand.
func (e *Engine) audit(ctx context.Context, entry backup.AuditEntry) error {
	return e.catalog.AppendAudit(ctx, entry)
}

// Audit gives the audit log, oldest first, after checking its chain. Sealed entries are only
// checked when the vault key is at hand.
func (e *Engine) Audit(ctx context.Context) ([]backup.AuditEntry, error) {
	entries, err := e.catalog.Audit(ctx)
	if err != nil {
		return nil, err
	}
	key := e.auditKey(ctx)
	if key == nil && anySealed(entries) {
		e.warn("the vault key is not at hand, so the log's seal was not checked")
		return entries, nil
	}
	return entries, backup.CheckAudit(key, entries)
}

func anySealed(entries []backup.AuditEntry) bool {
	for _, e := range entries {
		if e.Sealed {
			return true
		}
	}
	return false
}

// HasPassphrase says whether an approval passphrase is set.
func (e *Engine) HasPassphrase() bool { return e.gate.IsSet() }

// SetPassphrase sets the approval passphrase. Changing one that is set needs the current one.
func (e *Engine) SetPassphrase(ctx context.Context, current, next func() (string, error)) error {
	op := "set the approval passphrase"
	return backup.WithOp(op, e.setPassphrase(ctx, op, current, next))
}

func (e *Engine) setPassphrase(ctx context.Context, op string, current, next func() (string, error)) error {
	if e.gate.IsSet() {
		old, err := current()
		if err != nil {
			return err
		}
		if err := e.gate.Verify(ctx, old); err != nil {
			return err
		}
	}
	passphrase, err := next()
	if err != nil {
		return err
	}
	return e.change(ctx, op, "", func() error { return e.gate.Set(passphrase) })
}
