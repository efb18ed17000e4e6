package engine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
)

// portrait tells everything of a folder that a backup keeps, by path.
func portrait(t *testing.T, root string) map[string]string {
	t.Helper()
	all, firsts := map[string]string{}, map[uint64]string{}
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		info, err := d.Info()
		must(t, err)
		rel, _ := filepath.Rel(root, path)
		text := fmt.Sprint(info.Mode(), " ", info.ModTime().UTC().Format(time.RFC3339Nano))
		stat := info.Sys().(*syscall.Stat_t)
		switch {
		case info.Mode().IsRegular():
			data, err := os.ReadFile(path)
			must(t, err)
			text += fmt.Sprintf(" %x", data)
			if firsts[stat.Ino] != "" {
				text += " is " + firsts[stat.Ino]
			} else {
				firsts[stat.Ino] = rel
			}
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			must(t, err)
			text += " -> " + to
		}
		for _, name := range []string{"user.note", "system.posix_acl_access", "system.posix_acl_default"} {
			value := make([]byte, 1000)
			if n, err := unix.Lgetxattr(path, name, value); err == nil {
				text += fmt.Sprintf(" %s=%x", name, value[:n])
			}
		}
		all[rel] = text
		return nil
	}))
	return all
}

// setAttribute says whether the disk takes the attribute.
func setAttribute(t *testing.T, path, name string, value []byte) bool {
	t.Helper()
	err := unix.Lsetxattr(path, name, value, 0)
	if err != nil && !errors.Is(err, unix.ENOTSUP) {
		t.Fatal(err)
	}
	return err == nil
}

// accessList lets one more user read.
func accessList() []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range [][3]uint32{{1, 6, ^uint32(0)}, {2, 4, 12345}, {4, 4, ^uint32(0)}, {0x10, 4, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, uint16(e[0]))
		list = binary.LittleEndian.AppendUint16(list, uint16(e[1]))
		list = binary.LittleEndian.AppendUint32(list, e[2])
	}
	return list
}

// TestFoldersComeBackAsTheyWere: contents, names of every kind, modes, times (of links too), hard
// links, extended attributes and access lists come back; what cannot be stored is named.
func TestFoldersComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	phrase := "a good passphrase"
	must(t, (secret.Passphrase{File: d.paths.Gate, Now: func() time.Time { return d.now }}).Set(phrase))
	d.approve = func(context.Context, backup.Prompt) (string, error) { return phrase, nil }
	root := filepath.Join(t.TempDir(), "files")
	put := func(name, text string, mode fs.FileMode) {
		t.Helper()
		must(t, os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o750))
		must(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
		must(t, os.Chmod(filepath.Join(root, name), mode))
	}
	for _, name := range []string{"new\nline", "-rf", "\U0001F418 emoji", strings.Repeat("n", 255), "a\\b", "*", "semi;colon $(x)", "sub/.hidden"} {
		put(name, name, 0o640)
	}
	put("first", "shared", 0o400)
	must(t, os.Link(filepath.Join(root, "first"), filepath.Join(root, "sub", "second")))
	must(t, os.Link(filepath.Join(root, "first"), filepath.Join(root, "a third")))
	must(t, os.Symlink("../../../../etc/passwd", filepath.Join(root, "out")))
	must(t, os.Symlink("nowhere", filepath.Join(root, "sub", "dangling")))
	put("listed", "with an access list", 0o600)
	kept := setAttribute(t, filepath.Join(root, "first"), "user.note", []byte("of the file"))
	kept = setAttribute(t, filepath.Join(root, "sub"), "user.note", []byte("of the folder")) && kept
	kept = setAttribute(t, root, "user.note", []byte("of the top")) && kept
	kept = setAttribute(t, filepath.Join(root, "listed"), "system.posix_acl_access", accessList()) && kept
	kept = setAttribute(t, filepath.Join(root, "sub"), "system.posix_acl_default", accessList()) && kept
	if !kept {
		t.Log("this disk keeps no attributes or access lists, so nothing is shown of them")
	}
	old := []unix.Timespec{{Sec: 1_500_000_000, Nsec: 5}, {Sec: 1_500_000_000, Nsec: 5}}
	for _, name := range []string{"out", "sub/dangling", "first", "sub", "."} {
		must(t, unix.UtimesNanoAt(unix.AT_FDCWD, filepath.Join(root, name), old, unix.AT_SYMLINK_NOFOLLOW))
	}
	want := portrait(t, root)
	must(t, syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600))
	must(t, os.WriteFile(filepath.Join(root, "not\xffutf8"), nil, 0o600))
	must(t, unix.UtimesNanoAt(unix.AT_FDCWD, root, old, 0))

	var b *backup.Backup
	d.with(func(e *engine.Engine) {
		s, err := e.Sandbox("shop")
		must(t, err)
		s.Media = []string{root}
		_, err = e.EditSandbox(t.Context(), s, engine.PutSandbox{})
		must(t, err)
		b, err = e.CreateBackupOf(t.Context(), "shop", backup.ScopeMedia, "", 0)
		must(t, err)
	})
	if f := b.Media[0]; f.Hard != 2 || f.Skipped != 2 || !strings.Contains(fmt.Sprint(f.Notes), "named pipe") || !strings.Contains(fmt.Sprint(f.Notes), "not valid UTF-8") {
		t.Errorf("the folder is described as %+v", f)
	}
	restore := func(only backup.Exclusion) *backup.Restore {
		t.Helper()
		d.now = d.now.Add(time.Minute)
		var rec *backup.Restore
		d.with(func(e *engine.Engine) {
			var err error
			rec, err = e.Restore(t.Context(), engine.RestoreRequest{Ref: string(b.ID), What: backup.ScopeMedia, MediaOnly: only})
			must(t, err)
		})
		return rec
	}
	must(t, os.RemoveAll(root))
	put("other", "other", 0o600)
	restore(nil)
	if diff := cmp.Diff(want, portrait(t, root)); diff != "" {
		t.Errorf("the whole folder, -want +got:\n%s", diff)
	}

	// One file of it: the live ones that stay keep all they have, and lose the name that is replaced.
	must(t, os.Remove(filepath.Join(root, "listed")))
	must(t, unix.UtimesNanoAt(unix.AT_FDCWD, root, old, 0))
	restore(backup.Exclusion{"listed"})
	if diff := cmp.Diff(want, portrait(t, root)); diff != "" {
		t.Errorf("one file, -want +got:\n%s", diff)
	}
	rec := restore(backup.Exclusion{"second"})
	second, err := os.Stat(filepath.Join(root, "sub", "second"))
	must(t, err)
	first, err := os.Stat(filepath.Join(root, "first"))
	must(t, err)
	if os.SameFile(first, second) || second.Size() != first.Size() || rec.Media[0].Files != 1 {
		t.Errorf("a second name alone: %v, %+v", second, rec.Media[0])
	}
}

// TestLostRestoresAreSweptUp: a half-made folder that no record knows is removed at the next start;
// one that may be what was replaced stays, and is named.
func TestLostRestoresAreSweptUp(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	place := t.TempDir()
	root := filepath.Join(place, "files")
	half, strange, mine := filepath.Join(place, ".files_restoring_0123456789abcdef"), filepath.Join(place, ".files_restoring_00000000aaaaaaaa"), filepath.Join(place, ".files_restoring_soon")
	for _, dir := range []string{root, half, strange, mine} {
		must(t, os.Mkdir(dir, 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "data"), []byte("x"), 0o600))
	}
	must(t, os.WriteFile(filepath.Join(half, ".unfinished.files_restoring_0123456789abcdef"), nil, 0o600))
	d.with(func(e *engine.Engine) {
		s, err := e.Sandbox("shop")
		must(t, err)
		s.Media = []string{root}
		_, err = e.EditSandbox(t.Context(), s, engine.PutSandbox{})
		must(t, err)
	})
	d.with(func(e *engine.Engine) {
		found, err := e.Recover(t.Context())
		must(t, err)
		if len(found.Interrupted) != 1 || !strings.Contains(found.Interrupted[0], half) || len(found.Pending) != 1 || !strings.Contains(found.Pending[0], strange) {
			t.Errorf("recovery: %+v", found)
		}
	})
	for at, there := range map[string]bool{root: true, half: false, strange: true, mine: true} {
		if _, err := os.Stat(filepath.Join(at, "data")); (err == nil) != there {
			t.Errorf("%s: %v", at, err)
		}
	}
}
