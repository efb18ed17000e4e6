package engine

import (
	"context"
	"errors"
	"os"
	"time"

	"holdfast/app/secret"
	"holdfast/backup"
)

// ChangeKey asks for another recovery key.
type ChangeKey struct {
	KeyOut string // new file for the key; "" for none
	Shown  bool   // the caller shows the key to a person
	Wait   time.Duration
}

// ChangedKey is a recovery key that has taken the place of another.
type ChangedKey struct {
	Key     backup.RecoveryKey
	KeyFile string // new file with the key; "" for none
}

// kitFact is when the recovery key was changed, until a kit is made: one that was made before opens
// nothing any more.
const kitFact = "recovery kit void since"

// ChangeRecoveryKey wraps the vault in a new recovery key, after a person approved. The new key is in
// the file of KeyOut before anything changes. No backup is written anew, and what this home derives
// from the key (the seals of the audit log and of the gate's rules, the box of passwords) stays.
func (e *Engine) ChangeRecoveryKey(ctx context.Context, req ChangeKey) (changed ChangedKey, err error) {
	what := "Change the recovery key: the old one, and every recovery kit that was made so far, opens this vault no more"
	err = e.export(ctx, "change the recovery key", what, req.KeyOut, func() error {
		changed, err = e.changeKey(ctx, req)
		return err
	})
	if err == nil {
		e.FollowOffsite(ctx)
	}
	return changed, err
}

func (e *Engine) changeKey(ctx context.Context, req ChangeKey) (ChangedKey, error) {
	if req.KeyOut == "" && !req.Shown {
		return ChangedKey{}, backup.Errorf(backup.Usage, "Give --key-out FILE.", "there is no terminal to show the new recovery key on, and no file for it")
	}
	old, err := e.key(ctx)
	if err != nil {
		return ChangedKey{}, err
	}
	if e.keys.File != "" {
		if _, err := e.keys.Replaceable(); err != nil {
			return ChangedKey{}, err
		}
	}
	v, err := e.vault.get(ctx)
	if err != nil {
		return ChangedKey{}, err
	}
	changed := ChangedKey{Key: backup.NewRecoveryKey(), KeyFile: req.KeyOut}
	if req.KeyOut != "" {
		if _, err := secret.WriteKeyFile(req.KeyOut, changed.Key); err != nil {
			return ChangedKey{}, err
		}
	}
	err = e.derived.Carry(old, changed.Key)
	if err == nil {
		err = v.ChangeKey(ctx, string(changed.Key), req.Wait, func() error { return e.keys.Replace(context.WithoutCancel(ctx), changed.Key) })
	}
	if err != nil {
		return ChangedKey{}, errors.Join(err, e.oldStays(ctx, old, req.KeyOut))
	}
	ctx = context.WithoutCancel(ctx)
	return changed, errors.Join(e.derived.Only(changed.Key), e.catalog.SetFact(ctx, kitFact, e.opts.Now().UTC().Format(time.RFC3339)))
}

// oldStays clears up after a change that was taken back: a key that opens nothing must not lie about.
func (e *Engine) oldStays(ctx context.Context, old backup.RecoveryKey, keyOut string) error {
	if now, err := e.keys.Load(ctx); err != nil || now != old {
		return err // the new one is kept already: it may be the vault's
	}
	if keyOut == "" {
		return nil
	}
	return os.Remove(keyOut)
}

// kitVoidSince says when the recovery key was changed, so that the kits made before open the vault no
// more; zero when none is made void, or one was made since.
func (e *Engine) kitVoidSince(ctx context.Context) (time.Time, error) {
	return e.factTime(ctx, kitFact)
}
