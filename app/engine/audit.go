package engine

import (
	"context"
	"fmt"
	"os"
	"time"

	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/platform"
)

// audit appends to the audit log, sealed when the vault key is at hand.
func (e *Engine) audit(ctx context.Context, entry backup.AuditEntry) error {
	e.logEntry(&entry)
	return e.catalog.AppendAudit(ctx, entry)
}

// Audit gives the audit log, oldest first, after checking its chain. Sealed entries are only
// checked when the vault key is at hand, and cuts are only found when the vault answers.
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
	if err := backup.CheckAudit(key, entries); err != nil {
		return entries, err
	}
	if key == nil {
		return entries, nil
	}
	return entries, e.checkAnchors(ctx, entries)
}

// auditTime is how long the vault's place may take until the log is shown without it.
const auditTime = 5 * time.Second

// vaultAnswers says whether the place of the vault answers in time.
func (e *Engine) vaultAnswers(ctx context.Context) bool {
	ctx, stop := context.WithTimeout(ctx, auditTime)
	defer stop()
	return platform.Answers(ctx, e.VaultPath())
}

// checkAnchors finds cuts: each backup's manifest holds the newest entry of its time, and that
// entry must still be in the log. Backups that this log does not know as its own say nothing.
func (e *Engine) checkAnchors(ctx context.Context, entries []backup.AuditEntry) error {
	macs, unsealed := map[string]bool{}, 0
	for i, entry := range entries {
		macs[entry.MAC] = true
		if !entry.Sealed && i > 0 && entries[i-1].Sealed {
			unsealed++
		}
	}
	if unsealed > 0 {
		e.warn(fmt.Sprintf("in %d places the log goes on without the vault key's seal; entries there are only as good as the next sealed one", unsealed))
	}
	if !e.vaultAnswers(ctx) {
		e.warn("the vault does not answer, so the log was not compared with its backups")
		return ctx.Err()
	}
	stored, err := e.vault.List(ctx)
	if err != nil {
		return err
	}
	for _, s := range stored {
		b, err := e.catalog.Backup(ctx, s.Manifest.ID)
		if err != nil || b.Process.PID == 0 || s.Manifest.AuditHead == "" {
			continue
		}
		if !macs[s.Manifest.AuditHead] {
			return backup.Errorf(backup.Damaged, "Somebody shortened or rewrote it. What it said up to then is lost.",
				"the audit log misses the entry that the backup %s was anchored to", b.ID)
		}
	}
	return nil
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
	if os.Getenv(secret.TokenFileEnv) != "" {
		return e.refusePassphrase(ctx, op, backup.Errorf(backup.Refused, "A person does that, without "+secret.TokenFileEnv+".", "no token is for that"))
	}
	return backup.WithOp(op, e.setPassphrase(ctx, op, current, next))
}

// refusePassphrase records that somebody could not set the passphrase, and gives err back.
func (e *Engine) refusePassphrase(ctx context.Context, op string, err error) error {
	if backup.KindOf(err) != backup.Refused {
		return err
	}
	return e.runner.Gate.Refuse(ctx, backup.Request{Op: op, Action: backup.ActionGate, Who: who()}, err)
}

func (e *Engine) setPassphrase(ctx context.Context, op string, current, next func() (string, error)) error {
	if e.gate.IsSet() {
		old, err := current()
		if err == nil {
			err = e.gate.Verify(ctx, old)
		}
		if err != nil {
			return e.refusePassphrase(ctx, op, err)
		}
	}
	passphrase, err := next()
	if err != nil {
		return err
	}
	return e.change(ctx, op, "", func() error { return e.gate.Set(passphrase) })
}
