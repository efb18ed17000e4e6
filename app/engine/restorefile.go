package engine

import (
	"context"
	"path/filepath"
	"time"

	"holdfast/backup"
	"holdfast/backup/export"
)

// RestoreFileRequest asks for a file of pg_dump's to be restored, in a person's terms.
type RestoreFileRequest struct {
	File    string
	Target  string // sandbox
	Unsaved bool   // go on when the present state cannot be saved

	Passphrase string // that a JSON snapshot is sealed with; "" for none

	Wait    time.Duration
	Confirm func(ctx context.Context, question string) error // nil: nobody can be asked
}

// RestoreFile replaces a sandbox's database with what is in a file.
func (e *Engine) RestoreFile(ctx context.Context, req RestoreFileRequest) (*backup.Restore, error) {
	s, err := e.Sandbox(req.Target)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(req.File)
	if err != nil {
		return nil, backup.Errorf(backup.Usage, "Give its whole path.", "the file %s cannot be found: %v", req.File, err)
	}
	return e.restorer.RestoreFile(ctx, backup.FileRequest{
		Path: path, Passphrase: req.Passphrase, Target: s, Unsaved: req.Unsaved, Who: who(), Wait: req.Wait, Confirm: req.Confirm,
	})
}

// openSnapshot opens a file that is a JSON snapshot; nil for any other.
func openSnapshot(path, passphrase string) (backup.FileSnapshot, error) {
	if is, err := export.IsSnapshot(path, passphrase); err != nil || !is {
		return nil, err
	}
	return &export.Snapshot{Path: path, Passphrase: passphrase}, nil
}
