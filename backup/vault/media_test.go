//go:build unix

package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"holdfast/backup"
	"holdfast/backup/vault"
)

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
	ok(t, os.WriteFile(path, data, 0o644))
}

// storeFolder takes a backup of one folder alone.
func storeFolder(t *testing.T, v *vault.Vault, job backup.MediaJob, report func(files, bytes int64)) (backup.Stored, error) {
	t.Helper()
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	f, err := w.AddFolder(t.Context(), job, report)
	if err != nil {
		ok(t, w.Abort(context.Background()))
		return backup.Stored{}, err
	}
	m := newManifest("shop", nil)
	m.What, m.Media = backup.ScopeMedia, []backup.MediaFolder{f}
	return w.Commit(t.Context(), m)
}

func listed(t *testing.T, v *vault.Vault, s backup.Stored) map[string]backup.MediaEntry {
	t.Helper()
	r, err := v.Read(t.Context(), s.Manifest.ID, 0)
	ok(t, err)
	defer func() { ok(t, r.Close()) }()
	all := map[string]backup.MediaEntry{}
	ok(t, backup.ReadMediaList(t.Context(), r, &s.Manifest.Media[0], func(e backup.MediaEntry) error {
		all[e.Path] = e
		return nil
	}))
	return all
}

// Twenty thousand small files, a sparse and a large one: a second backup of the same adds almost
// nothing, reads none of them, and everything is read when the backup is verified.
func TestFolderOfManyFiles(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "files")
	const many = 20_000
	for i := range many {
		write(t, filepath.Join(root, fmt.Sprintf("%03d", i/200), fmt.Sprintf("%05d.txt", i)), fmt.Appendf(nil, "file number %d\n", i))
	}
	write(t, filepath.Join(root, "large.bin"), noise(7, 20<<20))
	write(t, filepath.Join(root, "sparse.img"), nil)
	ok(t, os.Truncate(filepath.Join(root, "sparse.img"), 64<<20))
	ok(t, os.Symlink("large.bin", filepath.Join(root, "link")))
	ok(t, os.Chmod(filepath.Join(root, "large.bin"), 0o640|os.ModeSetgid))

	o := options(t)
	v := create(t, o)
	job := backup.MediaJob{Name: "files", Path: root, Exclude: backup.DefaultExclusion()}
	first, err := storeFolder(t, v, job, nil)
	ok(t, err)
	f := first.Manifest.Media[0]
	if f.Files != many+2 || f.Links != 1 || f.Folders != 101 || f.Bytes < 84<<20 || f.Skipped+f.Excluded != 0 {
		t.Errorf("the first backup holds %+v", f)
	}
	if first.AddedBytes > 40<<20 {
		t.Errorf("the first backup added %d bytes; the zeros of a sparse file should take none", first.AddedBytes)
	}
	before := listed(t, v, first)
	if e := before["large.bin"]; e.Size != 20<<20 || os.FileMode(e.Mode) != 0o640|os.ModeSetgid {
		t.Errorf("large.bin is listed as %+v", e)
	}
	if e := before["link"]; e.Link != "large.bin" || e.Type != backup.MediaLink {
		t.Errorf("link is listed as %+v", e)
	}

	write(t, filepath.Join(root, "000", "new.txt"), []byte("new"))
	job.Previous = first.Manifest.ID
	second, err := storeFolder(t, v, job, nil)
	ok(t, err)
	if second.AddedBytes > 4<<20 || second.Manifest.Media[0].Files != many+3 {
		t.Errorf("the second backup added %d bytes, and holds %+v", second.AddedBytes, second.Manifest.Media[0])
	}
	ok(t, v.Verify(t.Context(), second.Manifest.ID, 0, nil))
	r, err := v.Read(t.Context(), second.Manifest.ID, 0)
	ok(t, err)
	for name, want := range map[string][]byte{"large.bin": noise(7, 20<<20), "000/new.txt": []byte("new"), "099/19999.txt": []byte("file number 19999\n")} {
		in, err := r.Open(t.Context(), second.Manifest.Media[0].Part(name))
		ok(t, err)
		got, err := io.ReadAll(in)
		ok(t, errors.Join(err, in.Close()))
		if !bytes.Equal(got, want) {
			t.Errorf("%s: read %d bytes that differ", name, len(got))
		}
	}
	ok(t, r.Close())

	// The first one goes; the second has everything.
	_, err = v.Delete(t.Context(), 0, first.Manifest.ID)
	ok(t, err)
	ok(t, v.Verify(t.Context(), second.Manifest.ID, 0, nil))
}

// Unchanged files are taken over by size and time, without being opened.
func TestFolderFilesAreNotReadAgain(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "files")
	write(t, filepath.Join(root, "a"), []byte("one"))
	v := create(t, options(t))
	job := backup.MediaJob{Name: "files", Path: root}
	first, err := storeFolder(t, v, job, nil)
	ok(t, err)
	info, err := os.Stat(filepath.Join(root, "a"))
	ok(t, err)
	write(t, filepath.Join(root, "a"), []byte("two")) // same size, and below the same time
	ok(t, os.Chtimes(filepath.Join(root, "a"), info.ModTime(), info.ModTime()))
	job.Previous = first.Manifest.ID
	second, err := storeFolder(t, v, job, nil)
	ok(t, err)
	same(t, v, second.Manifest.ID, map[string][]byte{"media/files/a": []byte("one")})
	ok(t, os.Chtimes(filepath.Join(root, "a"), info.ModTime(), info.ModTime().Add(1)))
	third, err := storeFolder(t, v, job, nil)
	ok(t, err)
	same(t, v, third.Manifest.ID, map[string][]byte{"media/files/a": []byte("two")})
}

// Names that mean something to other tools are stored as they are, and what is no file is named.
func TestFolderOfOddFiles(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "files")
	for _, name := range []string{".kopiaignore", "x.kopia-entry", "new\nline", " ", "ü", "-rf", "a\\b", "keep/node_modules.txt", "keep/.cache", "node_modules/x", "tmp/x", "deep/tmp/y", "a.log", "CACHEDIR.TAG"} {
		write(t, filepath.Join(root, name), []byte("*\n"))
	}
	ok(t, os.WriteFile(filepath.Join(root, "not\xffutf8"), nil, 0o600))
	ok(t, syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600))
	ok(t, os.Symlink("/etc/passwd", filepath.Join(root, "out")))
	ok(t, os.Symlink("nowhere", filepath.Join(root, "dangling")))
	v := create(t, options(t))
	s, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root, Exclude: append(backup.DefaultExclusion(), "/tmp/", "*.log")}, nil)
	ok(t, err)
	all := listed(t, v, s)
	for _, name := range []string{".kopiaignore", "x.kopia-entry", "new\nline", " ", "ü", "-rf", "a\\b", "keep/node_modules.txt", "keep/.cache", "deep/tmp/y", "CACHEDIR.TAG", "out", "dangling"} {
		if _, has := all[name]; !has {
			t.Errorf("%q is missing", name)
		}
	}
	for _, name := range []string{"pipe", "node_modules", "tmp", "a.log"} {
		if _, has := all[name]; has {
			t.Errorf("%q is there", name)
		}
	}
	f := s.Manifest.Media[0]
	if f.Excluded != 3 || f.Skipped != 2 || len(f.Notes) != 2 || all["out"].Link != "/etc/passwd" {
		t.Errorf("the folder is described as %+v", f)
	}
	for _, want := range []string{"pipe: it is left out: it is a named pipe", "not\uFFFDutf8: it is left out: its name is not valid UTF-8"} {
		if !strings.Contains(fmt.Sprint(f.Notes[0].Path, ": ", f.Notes[0].Text, "|", f.Notes[1].Path, ": ", f.Notes[1].Text), want) {
			t.Errorf("no note %q in %+v", want, f.Notes)
		}
	}
}

// A file that changes while it is read is stored, and named.
func TestFolderFileThatGrows(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "files")
	grows := filepath.Join(root, "grows")
	write(t, grows, noise(1, 8<<20))
	v := create(t, options(t))
	changed := false
	s, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, func(_, bytes int64) {
		if changed || bytes == 0 {
			return
		}
		changed = true
		if err := os.WriteFile(grows, noise(2, 9<<20), 0o600); err != nil {
			t.Error(err)
		}
	})
	ok(t, err)
	f := s.Manifest.Media[0]
	if f.Files != 1 || f.Skipped != 1 || f.Notes[0].Path != "grows" || !strings.Contains(f.Notes[0].Text, "changed while it was read") {
		t.Errorf("the folder is described as %+v", f)
	}
	ok(t, v.Verify(t.Context(), s.Manifest.ID, 0, nil))
}

// Files that vanish while a folder is stored are named, and the rest is stored.
func TestFolderFilesThatVanish(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "files")
	for i := range 600 {
		write(t, filepath.Join(root, "many", fmt.Sprint(i)), fmt.Append(nil, i))
	}
	v := create(t, options(t))
	gone := false
	s, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, func(int64, int64) {
		if gone {
			return
		}
		gone = true
		if err := os.RemoveAll(filepath.Join(root, "many")); err != nil {
			t.Error(err)
		}
	})
	ok(t, err)
	f := s.Manifest.Media[0]
	if f.Skipped < 200 || f.Files > 590 || len(f.Notes) != backup.MaxMediaNotes || !strings.Contains(f.Notes[0].Text, "vanished") {
		t.Errorf("the folder is described as %+v", f)
	}
	ok(t, v.Verify(t.Context(), s.Manifest.ID, 0, nil))
}

// A folder that is not there, or in the vault's way, is an error; so is a cancel, and nothing stays.
func TestFolderThatCannotBeStored(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	root := filepath.Join(t.TempDir(), "files")
	_, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, nil)
	refused(t, err, backup.Failed, "it is not there")
	_, err = storeFolder(t, v, backup.MediaJob{Name: "files", Path: filepath.Dir(o.Path)}, nil)
	refused(t, err, backup.Usage, "inside each other")
	write(t, filepath.Join(root, "big"), noise(1, 30<<20))
	before := size(t, o.Path)
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = w.AddFolder(ctx, backup.MediaJob{Name: "files", Path: root}, func(_, bytes int64) {
		if bytes > 1<<20 {
			cancel()
		}
	})
	if backup.KindOf(err) != backup.Cancelled {
		t.Errorf("a cancelled run gives %v", err)
	}
	ok(t, w.Abort(context.Background()))
	if after := size(t, o.Path); after > before+100_000 {
		t.Errorf("%d bytes stayed", after-before)
	}
}

// A vault that runs full is no note about a file: the backup fails.
func TestFolderIntoAFullVault(t *testing.T) {
	o := options(t)
	o.Path = filepath.Join(smallDisk(t), "vault-of-media")
	t.Cleanup(func() { ok(t, os.RemoveAll(o.Path)) })
	v := create(t, o)
	root := filepath.Join(t.TempDir(), "files")
	for i := range 20 {
		write(t, filepath.Join(root, fmt.Sprint(i)), noise(uint64(i), 4<<20))
	}
	_, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, nil)
	refused(t, err, backup.Failed, "the disk that holds the vault is full")
	list, err := v.List(t.Context())
	ok(t, err)
	if len(list) != 0 {
		t.Errorf("%d backups are listed", len(list))
	}
}

// A damaged file of a folder makes the backup damaged, and is named.
func TestDamagedFolder(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	root := filepath.Join(t.TempDir(), "files")
	write(t, filepath.Join(root, "sub", "picture"), noise(1, 3<<20))
	s, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, nil)
	ok(t, err)
	pack := blobs(t, o.Path, "p")[0]
	data, err := os.ReadFile(pack)
	ok(t, err)
	data[len(data)/2] ^= 1
	ok(t, os.Chmod(pack, 0o600))
	ok(t, os.WriteFile(pack, data, 0o600))
	err = v.Verify(t.Context(), s.Manifest.ID, 0, nil)
	refused(t, err, backup.Damaged, "media/files/sub/picture")

	// Nothing is listed that is made of it; when the damaged one is gone, the file is stored again.
	job := backup.MediaJob{Name: "files", Path: root, Previous: s.Manifest.ID}
	_, err = storeFolder(t, v, job, nil)
	refused(t, err, backup.Damaged, "what is stored of them is damaged")
	_, err = v.Delete(t.Context(), 0, s.Manifest.ID)
	ok(t, err)
	next, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, nil)
	ok(t, err)
	ok(t, v.Verify(t.Context(), next.Manifest.ID, 0, nil))
}

// A manifest that speaks of more files than there are is damaged.
func TestFolderOfAnotherManifest(t *testing.T) {
	t.Parallel()
	v := create(t, options(t))
	root := filepath.Join(t.TempDir(), "files")
	write(t, filepath.Join(root, "a"), []byte("one"))
	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	f, err := w.AddFolder(t.Context(), backup.MediaJob{Name: "files", Path: root}, nil)
	ok(t, err)
	f.Files++
	m := newManifest("shop", nil)
	m.What, m.Media = backup.ScopeMedia, []backup.MediaFolder{f}
	s, err := w.Commit(t.Context(), m)
	ok(t, err)
	refused(t, v.Verify(t.Context(), s.Manifest.ID, 0, nil), backup.Damaged, "it must have 2")
	results, err := v.VerifyAll(t.Context(), true, 0, nil)
	ok(t, err)
	refused(t, results[s.Manifest.ID], backup.Damaged, "it must have 2")
}
