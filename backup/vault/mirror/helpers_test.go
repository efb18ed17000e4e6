package mirror_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

const day = 24 * time.Hour

const testKey = "ABCDE-FGHIJ-KLMNO-PQRST"

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		known := backup.AsError(err)
		t.Fatalf("%v (kind %s, cause %v)", err, known.Kind, known.Err)
	}
}

// fails checks the kind of an error and a word of its text, and that it has a hint.
func fails(t *testing.T, err error, kind backup.Kind, text string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %s with %q", kind, text)
	}
	known := backup.AsError(err)
	if known.Kind != kind || !strings.Contains(known.Error(), text) || known.Hint == "" {
		t.Fatalf("got %s %q, hint %q (cause %v); want %s with %q", known.Kind, known.Error(), known.Hint, known.Err, kind, text)
	}
}

func options(dir string) vault.Options {
	return vault.Options{Path: filepath.Join(dir, "vault"), ConfigFile: filepath.Join(dir, "home", "kopia.config"), Home: "home-1", Host: "desk", Clock: time.Now}
}

func newVault(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.Create(t.Context(), options(t.TempDir()), testKey)
	ok(t, err)
	t.Cleanup(func() { ok(t, v.Close(context.Background())) })
	return v
}

func noise(seed byte, n int) []byte {
	data := make([]byte, n)
	r := rand.NewChaCha8([32]byte{seed})
	_, _ = r.Read(data)
	return data
}

// put takes a backup with one part.
func put(t *testing.T, v *vault.Vault, data []byte) backup.ID {
	t.Helper()
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	p, err := w.Create(t.Context(), "data/1.copy")
	ok(t, err)
	_, err = p.Write(data)
	ok(t, err)
	ok(t, p.Seal())
	now := time.Now().UTC()
	stored, err := w.Commit(t.Context(), &backup.Manifest{
		Version: backup.ManifestVersion, ID: backup.NewID(), Sandbox: "shop", What: backup.ScopeDatabase, Trigger: backup.Manual,
		Started: now, Captured: now, Finished: now, ServerVersion: "17.2", ToolsVersion: "17.2",
		Tables: []backup.Table{{Schema: "public", Name: "t", Part: "data/1.copy"}},
	})
	ok(t, err)
	return stored.Manifest.ID
}

func same(t *testing.T, v *vault.Vault, id backup.ID, want []byte) {
	t.Helper()
	r, err := v.Read(t.Context(), id, 0)
	ok(t, err)
	defer func() { ok(t, r.Close()) }()
	in, err := r.Open(t.Context(), "data/1.copy")
	ok(t, err)
	got, err := io.ReadAll(in)
	ok(t, err)
	ok(t, in.Close())
	if !bytes.Equal(got, want) {
		t.Fatalf("read %d bytes that differ from the %d written", len(got), len(want))
	}
}

func connect(t *testing.T, p mirrortest.Place, o mirror.Options) *mirror.Store {
	t.Helper()
	o.Secret = p.Secret
	s, err := mirror.Open(t.Context(), p.Place, o)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close(context.Background())) })
	return s
}

// home is one home's side of a copy.
type home struct {
	mirror.Request
}

func newHome(v *vault.Vault) *home {
	h := &home{mirror.Request{Writer: mirror.Writer{Vault: v.UniqueID(), Home: "home-1", Host: "desk"}, Lag: mirror.DefaultLag, Now: time.Now}}
	h.Begin = func(generation int64) error {
		h.Writer.Known = generation
		return nil
	}
	return h
}

func (h *home) sync(t *testing.T, v *vault.Vault, s *mirror.Store) mirror.Result {
	t.Helper()
	result, err := mirror.Sync(t.Context(), v, s, h.Request)
	ok(t, err)
	return result
}

// days brings the copy up to date once a day, and gives how many files were given up.
func (h *home) days(t *testing.T, now *time.Time, n int, v *vault.Vault, s *mirror.Store) (removed int) {
	t.Helper()
	for range n {
		*now = now.Add(day)
		removed += h.sync(t, v, s).Removed
	}
	return removed
}

// fetched brings the copy into a new vault and opens it.
func fetched(t *testing.T, s *mirror.Store) *vault.Vault {
	t.Helper()
	o := options(t.TempDir())
	_, err := mirror.Fetch(t.Context(), s, o.Path, testKey, time.Now, nil)
	ok(t, err)
	v, err := vault.Open(t.Context(), o, testKey)
	ok(t, err)
	t.Cleanup(func() { ok(t, v.Close(context.Background())) })
	return v
}

func ids(t *testing.T, v *vault.Vault) map[backup.ID]bool {
	t.Helper()
	list, err := v.List(t.Context())
	ok(t, err)
	found := map[backup.ID]bool{}
	for _, s := range list {
		found[s.Manifest.ID] = true
	}
	return found
}

func contextWithCause(t *testing.T) (context.Context, context.CancelCauseFunc) {
	t.Helper()
	ctx, stop := context.WithCancelCause(t.Context())
	t.Cleanup(func() { stop(nil) })
	return ctx, stop
}

// folderBytes sums the sizes of the blobs in a folder.
func folderBytes(t *testing.T, root string) int64 {
	t.Helper()
	var n int64
	ok(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".f") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	}))
	return n
}
