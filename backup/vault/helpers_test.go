package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
)

const testKey = "ABCDE-FGHIJ-KLMNO-PQRST"

// options gives a vault in a fresh folder and a home of its own.
func options(t *testing.T) vault.Options {
	t.Helper()
	dir := t.TempDir()
	return vault.Options{
		Path:       filepath.Join(dir, "vault"),
		ConfigFile: filepath.Join(dir, "home", "kopia.config"),
		Home:       "home-1",
		Host:       "Workstation",
		Clock:      time.Now,
	}
}

func create(t *testing.T, o vault.Options) *vault.Vault {
	t.Helper()
	v, err := vault.Create(t.Context(), o, testKey)
	ok(t, err)
	t.Cleanup(func() { ok(t, v.Close(context.Background())) })
	return v
}

func open(t *testing.T, o vault.Options) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), o, testKey)
	ok(t, err)
	t.Cleanup(func() { ok(t, v.Close(context.Background())) })
	return v
}

// ok ends the test on an error, with all that the error knows.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		known := backup.AsError(err)
		t.Fatalf("%v (kind %s, cause %v)", err, known.Kind, known.Err)
	}
}

// refused checks the kind of an error and a word of its text, and that it has a hint.
func refused(t *testing.T, err error, kind backup.Kind, text string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %s with %q", kind, text)
	}
	known := backup.AsError(err)
	if known.Kind != kind || !strings.Contains(known.Error(), text) {
		t.Fatalf("got %s %q (cause %v); want %s with %q", known.Kind, known.Error(), known.Err, kind, text)
	}
	if known.Hint == "" {
		t.Errorf("%q has no hint", known.Error())
	}
}

// noise gives n bytes that do not compress, the same for the same seed.
func noise(seed uint64, n int) []byte {
	data := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	r.Read(data)
	return data
}

func newManifest(sandbox string, parts map[string][]byte) *backup.Manifest {
	m := &backup.Manifest{
		Version: backup.ManifestVersion, ID: backup.NewID(), Sandbox: sandbox,
		What: backup.ScopeDatabase, Trigger: backup.Manual,
		Started: time.Now().UTC(), Captured: time.Now().UTC(), Finished: time.Now().UTC(),
		ServerVersion: "17.2", ToolsVersion: "17.2",
	}
	for name := range parts {
		if strings.HasPrefix(name, backup.DirTables+"/") {
			m.Tables = append(m.Tables, backup.Table{Schema: "public", Name: filepath.Base(name), Part: name})
		}
	}
	return m
}

// fill writes parts, all at the same time.
func fill(t *testing.T, w backup.VaultWriter, parts map[string][]byte) {
	t.Helper()
	var wg sync.WaitGroup
	for name, data := range parts {
		wg.Go(func() {
			if err := writePart(t.Context(), w, name, data); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
}

func writePart(ctx context.Context, w backup.Sink, name string, data []byte) error {
	p, err := w.Create(ctx, name)
	if err != nil {
		return err
	}
	defer p.Discard()
	for len(data) > 0 {
		n := min(len(data), 70_001)
		if _, err := p.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return p.Seal()
}

// put takes a whole backup.
func put(t *testing.T, v *vault.Vault, sandbox string, parts map[string][]byte) backup.Stored {
	t.Helper()
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	fill(t, w, parts)
	stored, err := w.Commit(t.Context(), newManifest(sandbox, parts))
	ok(t, err)
	return stored
}

// same reads a backup and compares it with parts.
func same(t *testing.T, v *vault.Vault, id backup.ID, parts map[string][]byte) {
	t.Helper()
	r, err := v.Read(t.Context(), id, 0)
	ok(t, err)
	defer func() { ok(t, r.Close()) }()
	for name, want := range parts {
		in, err := r.Open(t.Context(), name)
		ok(t, err)
		got, err := io.ReadAll(in)
		ok(t, err)
		ok(t, in.Close())
		if !bytes.Equal(got, want) {
			t.Errorf("%s: read %d bytes that differ from the %d written", name, len(got), len(want))
		}
	}
}

// files gives the files below root and their sizes. The reserve is left out: it comes and goes
// with the space on the disk.
func files(t *testing.T, root string) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	ok(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "holdfast.reserve" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		found[rel] = info.Size()
		return err
	}))
	return found
}

func size(t *testing.T, root string) int64 {
	t.Helper()
	var n int64
	for _, s := range files(t, root) {
		n += s
	}
	return n
}

// blobs gives the files of the vault whose names start with prefix, newest last.
func blobs(t *testing.T, root, prefix string) []string {
	t.Helper()
	var found []string
	for name := range files(t, root) {
		if strings.HasPrefix(strings.ReplaceAll(name, string(filepath.Separator), ""), prefix) && strings.HasSuffix(name, ".f") {
			found = append(found, filepath.Join(root, name))
		}
	}
	stamp := func(path string) time.Time {
		info, err := os.Stat(path)
		ok(t, err)
		return info.ModTime()
	}
	for i := range found {
		for j := i; j > 0 && stamp(found[j]).Before(stamp(found[j-1])); j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}

func describe(found map[string]int64) string {
	var b strings.Builder
	for name, n := range found {
		fmt.Fprintf(&b, "%9d %s\n", n, name)
	}
	return b.String()
}
