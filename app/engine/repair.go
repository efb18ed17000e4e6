package engine

import (
	"context"
	"slices"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
)

// RepairedVault says what a repair of the vault did, and what a full check found afterwards.
type RepairedVault struct {
	Place  string   `json:"place"`
	Mended []string `json:"mended"` // files
	Left   []string `json:"left"`   // files that are still damaged

	VaultChecked
}

// RepairVault reads the whole vault, replaces files that are damaged or missing by those of an off-site
// copy, and verifies all backups anew. What cannot be mended is Damaged.
func (e *Engine) RepairVault(ctx context.Context, place string, wait time.Duration) (RepairedVault, error) {
	op := "repair the vault from " + place
	done := RepairedVault{Place: place, Mended: []string{}, Left: []string{}, VaultChecked: VaultChecked{Damaged: map[backup.ID]string{}}}
	o, err := e.config.FindOffsite(place)
	if err != nil {
		return done, backup.WithOp(op, err)
	}
	err = e.change(ctx, op, "", func() error {
		v, err := e.vault.get(ctx)
		if err != nil {
			return err
		}
		store, err := e.openOffsite(ctx, o)
		if err != nil {
			return err
		}
		repaired, err := e.repairFrom(ctx, v, store, wait)
		err = firstOf(err, store.Close(context.WithoutCancel(ctx)))
		for _, id := range repaired.Mended {
			done.Mended = append(done.Mended, string(id))
		}
		for id := range repaired.Left {
			done.Left = append(done.Left, string(id))
		}
		slices.Sort(done.Left)
		if err != nil {
			return err
		}
		done.VaultChecked, err = e.VerifyVault(ctx, true, wait)
		return firstOf(repaired.Trouble(place), err)
	})
	return done, err
}

func (e *Engine) repairFrom(ctx context.Context, v *vault.Vault, store *mirror.Store, wait time.Duration) (vault.Repaired, error) {
	lend, err := mirror.Lender(ctx, store, v.UniqueID())
	if err != nil {
		return vault.Repaired{}, err
	}
	return v.Repair(ctx, wait, lend, e.reportBytes("verify"))
}
