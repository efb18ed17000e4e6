package command_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup/tally"
)

// fillFolder makes many small files and a large one, all of them by seed.
func fillFolder(t *testing.T, root string, seed byte) {
	t.Helper()
	r := rand.NewChaCha8([32]byte{seed})
	for i := range 400 {
		dir := filepath.Join(root, fmt.Sprintf("%02d", i%20))
		size := 2000
		if i == 7 {
			size = 24 << 20
		}
		data := make([]byte, size)
		r.Read(data)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), data, 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

// digestFolder digests names, modes and contents.
func digestFolder(t *testing.T, root string) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %v\n", strings.TrimPrefix(path, root), info.Mode())
		if !d.IsDir() {
			data, err := os.ReadFile(path)
			sum.Write(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestKilledMediaRestore kills a restore of database and folder at each stage. The folder is either
// the old one, whole, or the restored one, whole, always under its own name; and so is the database.
func TestKilledMediaRestore(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	place := t.TempDir()
	root := filepath.Join(place, "files")
	fillFolder(t, root, 1)
	l := newLiveWith(t, server, "killed_media", "CREATE TABLE state AS SELECT 'good' AS v", "--media", root)
	l.run(0, "backup", "create", "shop", "--quiet")
	good := digestFolder(t, root)
	row := tally.Of(t, "command: killed media restore")
	for what, stages := range map[string][]string{"media": {"saving: folder files", "folder files", "swap"}, "both": {"saving: verify", "folder files", "swap"}} {
		for _, stage := range stages {
			t.Run(what+" "+stage, func(t *testing.T) {
				l.t = t
				if err := os.RemoveAll(root); err != nil {
					t.Fatal(err)
				}
				fillFolder(t, root, 2)
				l.must(execSQL(server, l.database, "UPDATE state SET v = 'bad'"))
				bad := digestFolder(t, root)
				row.Try(what + " " + stage)
				l.killAt(stage, "restore", "latest:shop", "--what", what, "--approve-file", l.approval())
				_, stderr := l.run(0, "backup", "list")
				if !strings.Contains(stderr, "was interrupted") {
					t.Errorf("the next start does not say so: %q", stderr)
				}
				l.quiet()
				l.checkServer()
				l.checkVault()
				now := digestFolder(t, root)
				if now != bad && now != good {
					t.Error("the folder is neither the old one nor the restored one")
				}
				want := "bad"
				if what == "both" && now == good {
					want = "good"
				}
				if v := l.query("SELECT v FROM state"); v != want {
					t.Errorf("the database is %q, want %q", v, want)
				}
				checkPlace(t, place, now == good, bad)
			})
		}
	}
	l.run(0, "restore", "latest:shop", "--approve-file", l.approval(), "--quiet")
	if digestFolder(t, root) != good || l.query("SELECT v FROM state") != "good" {
		t.Error("the next restore does not bring everything back")
	}
}

// checkPlace looks for what a killed restore left beside the folder: nothing but, after a swap, the
// replaced folder.
func checkPlace(t *testing.T, place string, swapped bool, old string) {
	t.Helper()
	entries, err := os.ReadDir(place)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch {
		case e.Name() == "files":
		case swapped && strings.HasPrefix(e.Name(), "files_before_") && digestFolder(t, filepath.Join(place, e.Name())) == old:
			swapped = false
			if err := os.RemoveAll(filepath.Join(place, e.Name())); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is left", e.Name())
		}
	}
	if swapped {
		t.Error("the replaced folder is nowhere")
	}
}
