package backup

import (
	"context"
	"unicode/utf8"
)

// MaxNote is the longest note, in characters.
const MaxNote = 500

// Annotate replaces a backup's note. The manifest in the vault keeps the one it was taken with.
func (r *Runner) Annotate(ctx context.Context, req ChangeRequest, note string) (*Backup, error) {
	if err := validateNote(note); err != nil {
		return nil, err
	}
	return r.alter(ctx, req, "note", "Change the note of a backup", func(b *Backup) { b.Note = note })
}

func validateNote(note string) error {
	if utf8.RuneCountInString(note) > MaxNote || !utf8.ValidString(note) {
		return Errorf(Usage, "Shorten it.", "a note has at most %d characters of UTF-8", MaxNote)
	}
	return nil
}

// Pin keeps a backup from being pruned or deleted, or ends that.
func (r *Runner) Pin(ctx context.Context, req ChangeRequest, pinned bool) (*Backup, error) {
	verb, what := "pin", "Keep a backup whatever the plan says"
	if !pinned {
		verb, what = "unpin", "Keep a backup only as long as the plan does"
	}
	return r.alter(ctx, req, verb, what, func(b *Backup) { b.Pinned = pinned })
}

// alter changes what the catalog says about a backup, behind the gate.
func (r *Runner) alter(ctx context.Context, req ChangeRequest, verb, what string, edit func(*Backup)) (*Backup, error) {
	op := verb + " " + string(req.Backup)
	b, err := r.Catalog.Backup(ctx, req.Backup)
	if err == nil && b.Status != StatusCompleted {
		err = Errorf(Usage, "Choose a completed one: holdfast backup list", "the backup is %s", b.Status)
	}
	if err != nil {
		return nil, WithOp(op, err)
	}
	grant, err := r.Gate.Request(ctx, Request{Op: op, Action: ActionUpdate, Sandbox: b.Sandbox, Object: string(b.ID), Who: req.Who, What: what})
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	if b, err = r.Catalog.Backup(ctx, req.Backup); err != nil { // a person may have taken long to approve
		return nil, grant.Outcome(ctx, WithOp(op, err))
	}
	edit(b)
	return b, grant.Outcome(ctx, WithOp(op, r.Catalog.PutBackup(ctx, b)))
}
