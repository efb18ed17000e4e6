package engine

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/backup/workspace"
	"holdfast/platform"
)

// Reminders gives what a person should do, most pressing first, without what is snoozed or was
// dismissed. What is in folders is as Scan saw it last.
func (e *Engine) Reminders(ctx context.Context) ([]backup.Reminder, error) {
	s, err := e.standing(ctx)
	if err != nil {
		return nil, err
	}
	now := e.opts.Now()
	list := []backup.Reminder{}
	for _, r := range backup.Reminders(s, now) {
		mark, err := e.reminderMark(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if !mark.Hides(r, now) && (r.Sandbox == "" || e.runner.Gate.Permits(ctx, backup.ActionRead, r.Sandbox)) {
			list = append(list, r)
		}
	}
	return list, nil
}

// standing gathers what reminders are made from.
func (e *Engine) standing(ctx context.Context) (s backup.Standing, err error) {
	all, err := e.History(ctx, backup.Query{})
	if err != nil {
		return s, err
	}
	scan, err := e.lastScan(ctx)
	if err != nil {
		return s, err
	}
	for i := range e.config.Sandboxes {
		one, err := e.sandboxStanding(ctx, i, all, scan.Sandboxes[e.config.Sandboxes[i].Name])
		if err != nil {
			return s, err
		}
		s.Sandboxes = append(s.Sandboxes, one)
	}
	s.Vault, err = e.vaultStanding(ctx, all)
	return s, err
}

func (e *Engine) vaultStanding(ctx context.Context, all []backup.Backup) (backup.VaultStanding, error) {
	v := backup.VaultStanding{Path: e.VaultPath(), Free: -1}
	if !e.HasVault() {
		v.KitKept, v.Copies = true, 1 // there is nothing to open or to copy yet
		return v, nil
	}
	for i := range all {
		if b := &all[i]; b.Status == backup.StatusCompleted {
			v.Need, v.Since = max(v.Need, b.AddedBytes), b.Started // newest first
		}
	}
	if free, err := platform.Free(v.Path); err == nil {
		v.Free = free
	}
	if e.copiedElsewhere(ctx) {
		v.Copies = 1
	}
	kept, err := e.catalog.Fact(ctx, kitKept)
	v.KitKept = kept != ""
	if err == nil {
		v.KitVoid, err = e.kitVoidSince(ctx)
	}
	if err == nil {
		v.SameDisk, err = e.SameDisk(v.Path)
	}
	return v, err
}

func (e *Engine) sandboxStanding(ctx context.Context, i int, all []backup.Backup, seen Seen) (backup.SandboxStanding, error) {
	c := e.config.Sandboxes[i]
	s := backup.SandboxStanding{Name: c.Name, Added: c.Added, Drills: !c.NoDrill && !c.FoldersOnly, ExportEvery: time.Duration(c.ExportEvery)}
	now := e.opts.Now()
	s.Last = e.planOf(c, all, now).Last
	if next := c.Schedule.In(e.zone()).NextN(2, now); len(next) == 2 {
		s.Gap = next[1].Sub(next[0])
	}
	drilled, err := e.LastDrill(ctx, c.Name)
	if err != nil {
		return s, err
	}
	if s.Drilled = drilled.At; !drilled.Proven {
		s.DrillFault = drilled.Reason
	}
	if s.Exported, err = e.factTime(ctx, exportFact(c.Name)); err != nil {
		return s, err
	}
	for _, r := range seen.Repositories {
		s.Folders = append(s.Folders, folderStanding(&r))
	}
	for _, u := range seen.Uncovered {
		s.Uncovered = append(s.Uncovered, u.Name)
	}
	s.Secrets, err = e.changedSecrets(ctx, c.Name, seen.Secrets)
	return s, err
}

func folderStanding(r *workspace.Repository) backup.FolderStanding {
	f := backup.FolderStanding{
		Path: r.Path, Changed: r.Changed + r.Untracked, New: r.Untracked > 0, Exposed: r.Exposed, ChangedAt: r.Since, Loose: r.Loose, Stashes: r.Stashes, StashedAt: r.Stashed,
		HasRemote: r.Remotes > 0, HasUpstream: true, Digest: r.Digest, Problem: r.Problem,
	}
	f.Unpushed, f.UnpushedAt = r.Unpushed()
	for _, b := range r.Branches {
		if b.Unpushed > 0 {
			f.Branches = append(f.Branches, b.Name)
			f.HasUpstream = f.HasUpstream && b.Upstream != "" && !b.Gone
		}
	}
	return f
}

// kitKept is the fact that remembers when the recovery kit was saved.
const kitKept = "recovery kit saved"

// KitKept remembers that a person has the recovery key in a safe place.
func (e *Engine) KitKept(ctx context.Context) error {
	if err := e.catalog.SetFact(ctx, kitFact, ""); err != nil {
		return err
	}
	return e.catalog.SetFact(ctx, kitKept, e.opts.Now().UTC().Format(time.RFC3339))
}

func exportFact(sandbox string) string { return "exported " + sandbox }

// noteExport remembers that a sandbox's data was exported. The export stands even if that fails.
func (e *Engine) noteExport(ctx context.Context, sandbox string) {
	if err := e.catalog.SetFact(ctx, exportFact(sandbox), e.opts.Now().UTC().Format(time.RFC3339)); err != nil {
		e.warn("a reminder may ask for this export again: " + backup.AsError(err).Text)
	}
}

func markFact(id string) string { return "reminder " + id }

func (e *Engine) reminderMark(ctx context.Context, id string) (m backup.ReminderMark, err error) {
	text, err := e.catalog.Fact(ctx, markFact(id))
	if err != nil || text == "" {
		return m, err
	}
	if json.Unmarshal([]byte(text), &m) != nil {
		m = backup.ReminderMark{} // what nobody can read hides nothing
	}
	return m, nil
}

// Snooze keeps a reminder away for a time. The ID may be shortened.
func (e *Engine) Snooze(ctx context.Context, id string, length time.Duration) (backup.Reminder, error) {
	op := "snooze " + id
	if length <= 0 || length > backup.LongestSnooze {
		return backup.Reminder{}, backup.WithOp(op, backup.Errorf(backup.Usage, "Give a time such as 4h or 7d, at most 366d.", "a reminder cannot be snoozed for that time"))
	}
	return e.mark(ctx, op, id, func(backup.Reminder) backup.ReminderMark {
		return backup.ReminderMark{Snoozed: e.opts.Now().Add(length).UTC()}
	})
}

// Dismiss keeps a reminder away until what it says changes. The ID may be shortened.
func (e *Engine) Dismiss(ctx context.Context, id string) (backup.Reminder, error) {
	return e.mark(ctx, "dismiss "+id, id, func(r backup.Reminder) backup.ReminderMark { return backup.ReminderMark{Dismissed: r.Facts} })
}

func (e *Engine) mark(ctx context.Context, op, id string, mark func(backup.Reminder) backup.ReminderMark) (r backup.Reminder, err error) {
	list, err := e.Reminders(ctx)
	if err == nil {
		r, err = findReminder(list, id)
	}
	if err != nil {
		return r, backup.WithOp(op, err)
	}
	return r, e.change(ctx, op, r.Sandbox, func() error {
		text, err := json.Marshal(mark(r))
		if err != nil {
			return err
		}
		return e.catalog.SetFact(ctx, markFact(r.ID), string(text))
	})
}

func findReminder(list []backup.Reminder, id string) (found backup.Reminder, err error) {
	n := 0
	for _, r := range list {
		if r.ID == id {
			return r, nil
		}
		if id != "" && strings.HasPrefix(r.ID, id) {
			found = r
			n++
		}
	}
	switch n {
	case 0:
		return found, backup.Errorf(backup.Usage, "See: holdfast remind", "there is no reminder %q", id)
	case 1:
		return found, nil
	}
	return found, backup.Errorf(backup.Usage, "Give more of it.", "%d reminders begin with %q", n, id)
}

// noticedFact remembers when a notification spoke of reminders.
const noticedFact = "reminded"

// notice gives the reminders that a notification should speak of now, at most once a day, and
// remembers that it did.
func (e *Engine) notice(ctx context.Context) ([]backup.Reminder, error) {
	list, err := e.Reminders(ctx)
	if err != nil {
		return nil, err
	}
	last, err := e.factTime(ctx, noticedFact)
	if err != nil {
		return nil, err
	}
	now := e.opts.Now()
	due := backup.NoticeDue(list, last, now)
	if len(due) == 0 {
		return nil, nil
	}
	return due, e.catalog.SetFact(ctx, noticedFact, now.UTC().Format(time.RFC3339))
}

// Attend looks through the code folders when that is due, and gives what notice does.
func (e *Engine) Attend(ctx context.Context) ([]backup.Reminder, error) {
	due, err := e.scanDue(ctx)
	if err == nil && due {
		_, err = e.Scan(ctx)
	}
	if err != nil {
		return nil, err
	}
	return e.notice(ctx)
}

// Restores gives all restores, newest first.
func (e *Engine) Restores(ctx context.Context) ([]backup.Restore, error) {
	return e.catalog.Restores(ctx)
}

// shortPath gives a path below one of the folders, with the folder's own name in front.
func shortPath(path string, folders []string) string {
	for _, folder := range folders {
		if rest, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(rest) {
			return filepath.ToSlash(filepath.Join(filepath.Base(folder), rest))
		}
	}
	return filepath.Base(path)
}
