//go:build unix

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

// victimEnv makes the test binary play a process that is killed: it holds a victim as JSON.
const victimEnv = "HOLDFAST_TORTURE_VICTIM"

// victim says what the process does and when it dies.
type victim struct {
	Home   string
	Work   string   // see run
	Ref    string   // of the backup or the restore
	At     string   // the moment: "begin" of the work, or see the hooks below
	Within duration // it dies at any time up to so long after the moment
}

type duration = time.Duration

// hangman kills the process when the moment comes.
type hangman struct {
	at     string
	within time.Duration
	armed  chan struct{}
}

// moment is called at every moment; at the named one the process dies, at once or a little later.
func (h *hangman) moment(name string) {
	if name != h.at {
		return
	}
	select {
	case <-h.armed: // a second time: the first one counts
		return
	default:
		close(h.armed)
	}
	if h.within == 0 {
		die()
	}
	time.AfterFunc(rand.N(h.within), die)
}

// die is a death without any last words.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

type doomedCatalog struct {
	backup.Catalog
	*hangman
}

func (c doomedCatalog) PutRestore(ctx context.Context, r *backup.Restore) error {
	name := string(r.Stage)
	switch {
	case r.Status == backup.StatusUndone:
		name = "undone"
	case r.ReplacedGone:
		name = "dropped"
	}
	c.moment("before " + name)
	err := c.Catalog.PutRestore(ctx, r)
	c.moment(name)
	return err
}

type doomedServer struct {
	backup.Server
	*hangman
}

func (s doomedServer) DropOurs(ctx context.Context, sb backup.Sandbox, database string) error {
	s.moment("drop")
	return s.Server.DropOurs(ctx, sb, database)
}

type doomedVault struct {
	backup.Vault
	*hangman
}

func (v doomedVault) Delete(ctx context.Context, wait time.Duration, ids ...backup.ID) (int64, error) {
	v.moment("delete")
	freed, err := v.Vault.Delete(ctx, wait, ids...)
	v.moment("deleted")
	return freed, err
}

// TestTortureVictim is the process that dies. By itself it does nothing.
func TestTortureVictim(t *testing.T) {
	text := os.Getenv(victimEnv)
	if text == "" {
		return
	}
	var v victim
	must(t, json.Unmarshal([]byte(text), &v))
	h := &hangman{at: v.At, within: v.Within, armed: make(chan struct{})}
	e, err := Open(t.Context(), tortureOptions(v.Home, func(p backup.Progress) { h.moment("at " + p.Stage) }))
	must(t, err)
	e.runner.Catalog = doomedCatalog{e.catalog, h}
	e.runner.Server = doomedServer{e.runner.Server, h}
	e.runner.Vault = doomedVault{e.vault, h}
	e.restorer.Folders = doomedFolders{e.restorer.Folders, h}
	h.moment("begin")
	err = v.run(t.Context(), e)
	select {
	case <-h.armed:
		if v.Within > 0 {
			die() // the work was faster
		}
	default:
	}
	t.Fatalf("the moment %q never came; the work says: %v", v.At, err)
}

func (v victim) run(ctx context.Context, e *Engine) error {
	var err error
	switch v.Work {
	case "restore":
		_, err = e.Restore(ctx, RestoreRequest{Ref: v.Ref})
	case "folders":
		_, err = e.Restore(ctx, RestoreRequest{Ref: v.Ref, What: backup.ScopeMedia})
	case "table":
		_, err = e.Restore(ctx, RestoreRequest{Ref: v.Ref, Tables: []string{"item", "state"}})
	case "database":
		_, err = e.Restore(ctx, RestoreRequest{Ref: v.Ref, ToDatabase: "made"})
	case "undo":
		_, err = e.Undo(ctx, v.Ref, false, 0)
	case "drop":
		_, err = e.Undo(ctx, v.Ref, true, 0)
	case "delete":
		_, _, err = e.DeleteBackup(ctx, v.Ref, 0)
	case "backup":
		_, err = e.CreateBackup(ctx, "shop", "", 0)
	case "media":
		_, err = e.CreateBackupOf(ctx, "shop", backup.ScopeMedia, "", 0)
	case "maintain":
		_, err = e.MaintainVault(ctx, 0)
	case "prune":
		_, err = e.Prune(ctx, "shop", 0)
	case "sync":
		var done []SyncedOffsite
		if done, err = e.SyncOffsite(ctx, "copy", 0); err == nil {
			err = done[0].Err
		}
	case "drill":
		_, err = e.VerifyBackup(ctx, v.Ref, true, 0)
	case "download":
		_, err = e.Download(ctx, DownloadRequest{Ref: v.Ref, Format: "dump", Out: filepath.Join(filepath.Dir(v.Home), "out", "shop.dump"), Replace: true})
	case "rekey":
		_, err = e.ChangeRecoveryKey(ctx, ChangeKey{Shown: true})
	case "expire":
		_, err = e.restorer.Expire(ctx, backup.Keeping{For: time.Nanosecond, AtMost: 1}, "test", e.Sandbox)
	default:
		err = fmt.Errorf("no such work: %s", v.Work)
	}
	return err
}

// tortureOptions open a home whose every approval is given.
func tortureOptions(home string, report func(backup.Progress)) Options {
	paths := platform.PathsIn(home)
	return Options{
		Version: "test", Now: time.Now, Paths: &paths, KeyFile: filepath.Join(filepath.Dir(home), "key"), Report: report,
		Approve: func(context.Context, backup.Prompt) (string, error) { return tortureApproval, nil },
	}
}

const tortureApproval = "correct horse"

// environment is ours, without what would lead to another home, keyring or server.
func environment(dir string) []string {
	var kept []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "HOLDFAST_") || strings.HasPrefix(name, "DBUS_") || name == "TMPDIR" {
			continue
		}
		kept = append(kept, pair)
	}
	return append(kept, "TMPDIR="+filepath.Join(dir, "tmp"))
}
