package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
	"holdfast/platform"
)

// VaultStatus describes the vault for people and scripts.
type VaultStatus struct {
	Path     string   `json:"path"`
	ID       string   `json:"id"`
	Backups  int      `json:"backups"`
	Bytes    int64    `json:"bytes"`
	Free     int64    `json:"free_bytes"`
	Writer   string   `json:"writer"`
	Format   string   `json:"format"`
	SameDisk bool     `json:"same_disk"`
	Copied   *Copied  `json:"newest_offsite"` // nil: never
	Warnings []string `json:"warnings"`
}

// SameDisk says whether a place is on the same disk as this home.
func (e *Engine) SameDisk(path string) (bool, error) { return platform.SameDisk(path, e.paths.Home) }

// VaultBytes says how many bytes the vault takes. It needs no key.
func (e *Engine) VaultBytes() (int64, error) { return vault.DiskUse(e.VaultPath()) }

// VaultStatus looks at the vault.
func (e *Engine) VaultStatus(ctx context.Context) (VaultStatus, error) {
	v, err := e.vault.get(ctx)
	if err != nil {
		return VaultStatus{}, err
	}
	s, err := v.Status(ctx)
	if err != nil {
		return VaultStatus{}, err
	}
	same, err := e.SameDisk(s.Path)
	newest, err3 := e.NewestCopy(ctx)
	warnings := append([]string{}, v.Warnings()...)
	changed, err2 := e.kitVoidSince(ctx)
	if !changed.IsZero() {
		warnings = append(warnings, "The recovery key was changed on "+changed.In(e.zone()).Format("2 January 2006")+", and no recovery kit was made since. Make one: holdfast vault kit --out FILE")
	}
	return VaultStatus{
		Path: s.Path, ID: s.UniqueID, Backups: s.Backups, Bytes: s.Bytes, Free: s.Free, Writer: s.WriterHost,
		Format:   fmt.Sprintf("Kopia, %s, %s, %s, %s", s.Hash, s.Encryption, s.Splitter, s.Compressor),
		SameDisk: same, Copied: newest, Warnings: warnings,
	}, errors.Join(err, err2, err3)
}

// MaintainVault removes what no backup in the vault needs, such as what a killed run left: bytes
// freed.
func (e *Engine) MaintainVault(ctx context.Context, wait time.Duration) (int64, error) {
	v, err := e.vault.get(ctx)
	if err != nil {
		return 0, err
	}
	return v.Clean(ctx, wait)
}

// VaultChecked says what a verification of the whole vault found.
type VaultChecked struct {
	Backups int                  `json:"backups"`
	Full    bool                 `json:"full"`
	Damaged map[backup.ID]string `json:"damaged"`
}

// VerifyVault checks every backup, and with full reads every byte. What it finds becomes the
// verdict of each backup; the error is Damaged and names the first.
func (e *Engine) VerifyVault(ctx context.Context, full bool, wait time.Duration) (VaultChecked, error) {
	checked := VaultChecked{Full: full, Damaged: map[backup.ID]string{}}
	v, err := e.vault.get(ctx)
	if err != nil {
		return checked, err
	}
	found, err := v.VerifyAll(ctx, full, wait, func(done, total int64) {
		if e.opts.Report != nil {
			e.opts.Report(backup.Progress{Stage: "verify", Bytes: done, BytesTotal: total})
		}
	})
	if backup.KindOf(err) == backup.Damaged {
		fault := *backup.AsError(err)
		fault.Hint = e.repairHint() + fault.Hint
		return checked, &fault
	}
	if err != nil {
		return checked, err
	}
	checked.Backups = len(found)
	held := map[backup.ID]bool{}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		held[id] = true
		trouble := found[id]
		if trouble != nil {
			checked.Damaged[id] = backup.AsError(trouble).Text
		}
		if full || trouble != nil {
			if err := e.runner.Judge(ctx, id, trouble); err != nil {
				return checked, err
			}
		}
	}
	missing, err := e.runner.MarkMissing(ctx, held)
	for _, id := range missing {
		checked.Damaged[id] = "the vault does not hold it any more"
	}
	return checked, firstOf(err, checked.trouble(e.repairHint()))
}

// lookThrough says for each backup of a vault that is being attached what it misses, without reading its
// contents; nil where that cannot be found out now.
func (e *Engine) lookThrough(ctx context.Context, v *vault.Vault) map[backup.ID]error {
	found, err := v.VerifyAll(ctx, false, 0, nil)
	if err != nil {
		e.warn("whether every backup of this vault is whole could not be checked: " + backup.AsError(err).Text + ". Verify the vault: holdfast vault verify --full")
		return nil
	}
	maps.DeleteFunc(found, func(_ backup.ID, trouble error) bool { return trouble == nil })
	return found
}

// condemnAll makes backups broken that are not whole, and warns of them.
func (e *Engine) condemnAll(ctx context.Context, found map[backup.ID]error) (damaged int, err error) {
	for id, trouble := range found {
		err = errors.Join(err, e.runner.Judge(ctx, id, trouble))
	}
	if ids := slices.Sorted(maps.Keys(found)); len(ids) > 0 {
		e.warn(fmt.Sprintf("backups of this vault that are not whole: %d; the first is %s: %s", len(ids), ids[0], backup.AsError(found[ids[0]]).Text))
	}
	return len(found), err
}

// repairHint says how damaged backups can be mended, where there is a copy; "" where there is none.
func (e *Engine) repairHint() string {
	name := e.firstCopy()
	if name == "" {
		return ""
	}
	return "Mend the vault from its copy: holdfast vault repair --from " + name + ". "
}

// firstCopy names the off-site copy that was added first; "" when there is none.
func (e *Engine) firstCopy() string {
	if len(e.config.Offsite) == 0 {
		return ""
	}
	return e.config.Offsite[0].Name
}

// trouble names the first damaged backup.
func (c VaultChecked) trouble(hint string) error {
	for _, id := range slices.Sorted(maps.Keys(c.Damaged)) {
		return backup.Errorf(backup.Damaged, hint+"The other backups are usable. Delete the damaged one, and take a new one.",
			"damaged backups: %d; the first is %s: %s", len(c.Damaged), id, c.Damaged[id])
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
