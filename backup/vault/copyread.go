package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/kopia/kopia/repo/blob"

	"holdfast/backup"
)

// Copy is a copy of a vault, open for reading alone.
type Copy struct{ v *Vault }

// OpenCopy opens the copy whose blobs st holds, without changing it.
func OpenCopy(ctx context.Context, st blob.Storage, key string, clock backup.Clock) (*Copy, error) {
	const op = "open the copy"
	dir, err := os.MkdirTemp("", "holdfast-copy-*")
	if err != nil {
		return nil, explain(op, err)
	}
	o := Options{Path: dir, ConfigFile: filepath.Join(dir, "kopia.config"), Home: "copy", Host: "localhost", Clock: clock}
	v := &Vault{opts: o, key: key, clock: &forwardClock{now: clock}}
	err = writeConfigFor(o, blob.ConnectionInfo{Type: copyStorage, Config: struct{}{}})
	if err == nil {
		v.rep, err = v.openRepository(context.WithValue(ctx, copyKey{}, st))
		err = openError(err)
	}
	// Kopia reads its configuration when it opens only; what is gone by then, no kill leaves behind.
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		return nil, explain(op, err)
	}
	return &Copy{v}, nil
}

// Close ends the use of the copy.
func (c *Copy) Close(ctx context.Context) error {
	return explain("close the copy", c.v.rep.Close(ctx))
}

// Newest opens the newest backup of a sandbox in the copy that holds its database. Nothing keeps it
// from being removed meanwhile; a copy keeps what is removed for days.
func (c *Copy) Newest(ctx context.Context, sandbox string) (backup.VaultReader, error) {
	const op = "read the copy"
	list, err := c.v.List(ctx)
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	var newest *backup.Manifest
	for _, stored := range list {
		m := stored.Manifest
		if m.Sandbox != sandbox || m.What == backup.ScopeMedia || m.Trigger == backup.PreRestore {
			continue
		}
		if newest == nil || m.Started.After(newest.Started) {
			newest = m
		}
	}
	if newest == nil {
		return nil, backup.Errorf(backup.Usage, "Bring the copy up to date: holdfast offsite sync", "the copy holds no backup of the database of %q", sandbox)
	}
	r, err := c.v.openBackup(ctx, newest.ID)
	if err != nil {
		return nil, explain(op, err)
	}
	return r, nil
}
