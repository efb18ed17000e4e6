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
	Mended []string `json:"mended"` // files that are whole again
	Aside  []string `json:"aside"`  // files that belong to no vault or are damaged; they are kept in holdfast.set-aside
	Left   []string `json:"left"`   // files that are still damaged
	Listed []string `json:"listed"` // IDs of backups that had lost their place in the vault's list and are in it again

	VaultChecked
}

// RepairVault makes a vault open that a damaged file keeps shut, reads it all, replaces files that are damaged or
// missing by those of an off-site copy, and verifies all backups anew. Without a place there are no
// replacements: what cannot be read is set aside, and the list of backups made anew. What cannot be mended
// is Damaged.
func (e *Engine) RepairVault(ctx context.Context, place string, wait time.Duration) (RepairedVault, error) {
	op := "repair the vault"
	if place != "" {
		op += " from " + place
	}
	done := RepairedVault{Place: place, Mended: []string{}, Aside: []string{}, Left: []string{}, Listed: []string{}, VaultChecked: VaultChecked{Damaged: map[backup.ID]string{}}}
	err := e.change(ctx, op, "", func() error { return e.repairVault(ctx, &done, wait) })
	return done, err
}

func (e *Engine) repairVault(ctx context.Context, done *RepairedVault, wait time.Duration) (err error) {
	lender, end, err := e.lender(ctx, done.Place)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, end()) }()
	if err := e.mendVault(ctx, lender, done, wait); err != nil {
		return err
	}
	var repaired vault.Repaired
	if lender != nil {
		repaired, err = e.repairFrom(ctx, *lender, done, wait)
	} else {
		err = e.relist(ctx, done, wait)
	}
	if err != nil {
		return err
	}
	done.VaultChecked, err = e.VerifyVault(ctx, true, wait)
	return firstOf(repaired.Trouble(done.Place), err)
}

// lender opens the copy at a place, for a repair; nil for no place. The end must be called.
func (e *Engine) lender(ctx context.Context, place string) (*vault.Lender, func() error, error) {
	if place == "" {
		return nil, func() error { return nil }, nil
	}
	o, err := e.config.FindOffsite(place)
	if err != nil {
		return nil, nil, err
	}
	store, err := e.openOffsite(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	end := func() error { return store.Close(context.WithoutCancel(ctx)) }
	lends, err := mirror.Lender(ctx, store, vault.IDOf(e.VaultPath()))
	if err != nil {
		return nil, nil, firstOf(err, end())
	}
	return &lends, end, nil
}

// mendVault makes the vault open.
func (e *Engine) mendVault(ctx context.Context, lender *vault.Lender, done *RepairedVault, wait time.Duration) error {
	key, err := e.key(ctx)
	if err != nil {
		return err
	}
	mended, err := vault.Mend(ctx, e.vaultOptions(e.VaultPath()), string(key), lender, wait)
	for _, id := range mended.Whole {
		done.Mended = append(done.Mended, string(id))
	}
	for id := range mended.Aside {
		done.Aside = append(done.Aside, string(id))
	}
	slices.Sort(done.Aside)
	return err
}

// repairFrom replaces what is damaged inside an open vault.
func (e *Engine) repairFrom(ctx context.Context, lender vault.Lender, done *RepairedVault, wait time.Duration) (vault.Repaired, error) {
	v, err := e.vault.get(ctx)
	if err != nil {
		return vault.Repaired{}, err
	}
	repaired, err := v.Repair(ctx, wait, lender, e.reportBytes("verify"))
	for _, id := range repaired.Mended {
		done.Mended = append(done.Mended, string(id))
	}
	for id := range repaired.Left {
		done.Left = append(done.Left, string(id))
	}
	slices.Sort(done.Left)
	return repaired, err
}

// relist makes a list of backups anew that is damaged. What the catalog knows as a completed backup may be in
// it; where the catalog is new, also what it does not know. Only what it knows as deleted must not.
func (e *Engine) relist(ctx context.Context, done *RepairedVault, wait time.Duration) error {
	v, err := e.vault.get(ctx)
	if err != nil {
		return err
	}
	all, err := e.catalog.Backups(ctx, backup.Query{Deleted: true})
	if err != nil {
		return err
	}
	fresh, err := e.catalog.NeedsFill(ctx)
	if err != nil {
		return err
	}
	known := map[backup.ID]*backup.Backup{}
	for i := range all {
		known[all[i].ID] = &all[i]
	}
	deleted := func(id backup.ID) bool {
		b := known[id]
		return b != nil && (b.Status == backup.StatusDeleted || b.DeletedBy != "")
	}
	completed := func(id backup.ID) bool {
		b := known[id]
		return b == nil && fresh || b != nil && b.Status == backup.StatusCompleted && !deleted(id)
	}
	relisted, err := v.Relist(ctx, wait, vault.Books{Completed: completed, Deleted: deleted})
	for _, id := range relisted.Aside {
		done.Aside = append(done.Aside, string(id))
	}
	for _, id := range relisted.Found {
		done.Listed = append(done.Listed, string(id))
	}
	slices.Sort(done.Aside)
	return err
}
