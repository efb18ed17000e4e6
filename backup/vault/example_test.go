package vault_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// A backup is written part by part, and listed only once it was read back.
func Example() {
	if err := keepOne(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// shop: the only part is "1\tada\n"
}

func keepOne(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "vault")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	v, err := vault.Create(ctx, vault.Options{
		Path: filepath.Join(dir, "vault"), ConfigFile: filepath.Join(dir, "kopia.config"),
		Home: "home-1", Host: "desk", Clock: time.Now,
	}, testKey)
	if err != nil {
		return err
	}
	defer v.Close(ctx)

	w, err := v.Write(ctx, 0)
	if err != nil {
		return err
	}
	defer w.Abort(ctx) // nothing after Commit
	part, err := w.Create(ctx, "data/1.copy")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(part, "1\tada\n"); err != nil {
		return err
	}
	if err := part.Seal(); err != nil {
		return err
	}
	id := backup.ID("0123456789abcdef")
	now := time.Now()
	if _, err := w.Commit(ctx, &backup.Manifest{Version: backup.ManifestVersion, ID: id, Sandbox: "shop", What: backup.ScopeDatabase, Captured: now, Started: now, Finished: now}); err != nil {
		return err
	}

	r, err := v.Read(ctx, id, 0)
	if err != nil {
		return err
	}
	defer r.Close()
	in, err := r.Open(ctx, "data/1.copy")
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	fmt.Printf("%s: the only part is %q\n", r.Manifest().Sandbox, text)
	return err
}
