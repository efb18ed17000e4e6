package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

// A run is put on record when it begins, and again when it ended.
func Example() {
	if err := putOne(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// shop: completed, "before the migration"
}

func putOne(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "catalog")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := catalog.Open(ctx, filepath.Join(dir, "catalog.db"), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	b := &backup.Backup{ID: "0123456789abcdef", Sandbox: "shop", Status: backup.StatusRunning, Started: time.Now(), Note: "before the migration"}
	if err := c.PutBackup(ctx, b); err != nil {
		return err
	}
	b.Status = backup.StatusCompleted
	if err := c.PutBackup(ctx, b); err != nil {
		return err
	}
	all, err := c.Backups(ctx, backup.Query{Sandbox: "shop"})
	for _, b := range all {
		fmt.Printf("%s: %s, %q\n", b.Sandbox, b.Status, b.Note)
	}
	return err
}
