package media_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/media"
)

// stored is a backup of one folder, with a list that nobody checked.
type stored struct {
	entries []backup.MediaEntry
	files   map[string][]byte
}

func (s stored) Open(_ context.Context, name string) (io.ReadCloser, error) {
	if name == "media-lists/files.jsonl" {
		var list bytes.Buffer
		for _, e := range s.entries {
			if err := json.NewEncoder(&list).Encode(e); err != nil {
				return nil, err
			}
		}
		return io.NopCloser(&list), nil
	}
	data, has := s.files[strings.TrimPrefix(name, "media/files/")]
	if !has {
		return nil, backup.Errorf(backup.Damaged, "", "the backup has no part %s", name)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (s *stored) add(path, kind string, mode fs.FileMode, data string) *stored {
	e := backup.MediaEntry{Path: path, Type: kind, Mode: backup.MediaMode(mode), ModTime: time.Unix(1_700_000_000, 123_456_789).UTC()}
	switch kind {
	case backup.MediaFile:
		e.Size = int64(len(data))
		if s.files == nil {
			s.files = map[string][]byte{}
		}
		s.files[path] = []byte(data)
	case backup.MediaLink:
		e.Link = data
	}
	s.entries = append(s.entries, e)
	return s
}

// folder sums the entries up as a manifest does.
func (s *stored) folder() *backup.MediaFolder {
	f := &backup.MediaFolder{Name: "files"}
	for _, e := range s.entries {
		switch e.Type {
		case backup.MediaSubdir:
			f.Folders++
		case backup.MediaLink:
			f.Links++
		default:
			f.Files, f.Bytes = f.Files+1, f.Bytes+e.Size
		}
	}
	return f
}

func sample() *stored {
	s := &stored{}
	return s.add(".", backup.MediaSubdir, 0o750, "").
		add("sub", backup.MediaSubdir, 0o555, "").
		add("sub/deep", backup.MediaSubdir, 0o700, "").
		add("sub/deep/b", backup.MediaFile, 0o604, "second").
		add("a", backup.MediaFile, 0o400, "first").
		add("zeros", backup.MediaFile, 0o600, strings.Repeat("\x00", 1<<20)+"end").
		add("link", backup.MediaLink, 0o777, "sub/deep/b").
		add("out", backup.MediaLink, 0o777, "../../../etc/passwd")
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tree gives what is below a folder: names, modes, and contents or links.
func tree(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	ok(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		fmt.Fprintf(&b, "%s %v", rel, info.Mode())
		switch {
		case info.Mode().IsRegular():
			data, err := os.ReadFile(path)
			ok(t, err)
			fmt.Fprintf(&b, " %d %q", len(data), bytes.Trim(data, "\x00"))
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			ok(t, err)
			b.WriteString(" -> " + to)
		}
		b.WriteString("\n")
		return nil
	}))
	return b.String()
}

func stage(t *testing.T, s *stored, dir string, change func(*backup.StageJob)) (*backup.FolderSwap, error) {
	t.Helper()
	swap := &backup.FolderSwap{Name: "files", Path: filepath.Join(dir, "files"), Staged: filepath.Join(dir, ".files_restoring"), Aside: filepath.Join(dir, "files_before")}
	job := backup.StageJob{Swap: swap, Folder: s.folder()}
	if change != nil {
		change(&job)
	}
	err := media.Folders{}.Stage(t.Context(), job, s, nil)
	if err == nil {
		swap.State = backup.FolderStaged
	} else if _, statErr := os.Lstat(swap.Staged); !errors.Is(statErr, fs.ErrNotExist) {
		t.Errorf("the staged folder stays after %v", err)
	}
	return swap, err
}

const sampleTree = `. drwxr-x---
a -r-------- 5 "first"
link Lrwxrwxrwx -> sub/deep/b
out Lrwxrwxrwx -> ../../../etc/passwd
sub dr-xr-xr-x
sub/deep drwx------
sub/deep/b -rw----r-- 6 "second"
zeros -rw------- 1048579 "end"
`

func TestStageAndSwap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := sample()
	swap, err := stage(t, s, dir, nil)
	ok(t, err)
	if got := tree(t, swap.Staged); got != sampleTree {
		t.Errorf("staged:\n%s", got)
	}
	info, err := os.Stat(filepath.Join(swap.Staged, "sub"))
	ok(t, err)
	if !info.ModTime().Equal(s.entries[0].ModTime) {
		t.Errorf("the folder sub has the time %v", info.ModTime())
	}
	if len(swap.Warned) != 1 || !strings.Contains(swap.Warned[0], "1 links") || !strings.Contains(swap.Warned[0], "out") {
		t.Errorf("warnings: %q", swap.Warned)
	}
	ok(t, os.Mkdir(swap.Path, 0o700))
	ok(t, os.WriteFile(filepath.Join(swap.Path, "mine"), []byte("mine"), 0o600))
	ok(t, media.Folders{}.Swap(swap))
	if got := tree(t, swap.Path); got != sampleTree {
		t.Errorf("live:\n%s", got)
	}
	if data, err := os.ReadFile(filepath.Join(swap.Aside, "mine")); err != nil || string(data) != "mine" {
		t.Errorf("aside: %q, %v", data, err)
	}
	ok(t, media.Folders{}.Remove(swap.Path)) // with folders in it that may not be written
}

// A list that somebody tampered with leads nowhere, and leaves nothing.
func TestStageRefusesHostileLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(s *stored)
		want   string
	}{
		"parent":      {func(s *stored) { s.add("../evil", backup.MediaFile, 0o600, "x") }, "names the path"},
		"absolute":    {func(s *stored) { s.add("/tmp/evil", backup.MediaFile, 0o600, "x") }, "names the path"},
		"dots inside": {func(s *stored) { s.add("sub/../../evil", backup.MediaFile, 0o600, "x") }, "names the path"},
		"zero byte":   {func(s *stored) { s.add("a\x00b", backup.MediaFile, 0o600, "x") }, "names the path"},
		"twice":       {func(s *stored) { s.add("a", backup.MediaFile, 0o600, "again") }, "two names in the backup are one"},
		"through a link": {func(s *stored) {
			s.add("esc", backup.MediaLink, 0o777, "../..")
			s.add("esc/evil", backup.MediaFile, 0o600, "x")
		}, "cannot write"},
		"device":    {func(s *stored) { s.add("dev", "device", 0o600, "") }, "unknown type"},
		"too short": {func(s *stored) { s.files["a"] = []byte("f") }, "has 1 bytes; the list says 5"},
		"missing":   {func(s *stored) { delete(s.files, "sub/deep/b") }, "has no part"},
		"long name": {func(s *stored) { s.add(strings.Repeat("n", 300), backup.MediaFile, 0o600, "x") }, "cannot write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := sample()
			test.change(s)
			_, err := stage(t, s, dir, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
	s := sample()
	_, err := stage(t, s, t.TempDir(), func(job *backup.StageJob) { job.Folder.Files++ })
	if backup.KindOf(err) != backup.Damaged {
		t.Errorf("a list that is shorter than the manifest says gives %v", err)
	}
}

// Chosen files go into a copy of what is there, whose own files and modes stay.
func TestStageChosenFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	live := filepath.Join(dir, "files")
	ok(t, os.MkdirAll(filepath.Join(live, "sub"), 0o711))
	ok(t, os.WriteFile(filepath.Join(live, "a"), []byte("mine, newer"), 0o600))
	ok(t, os.WriteFile(filepath.Join(live, "other"), []byte("other"), 0o640))
	ok(t, os.Symlink("a", filepath.Join(live, "alias")))
	ok(t, os.Chmod(live, 0o755))
	ok(t, os.Chmod(filepath.Join(live, "sub"), 0o711))
	before := tree(t, live)
	swap, err := stage(t, sample(), dir, func(job *backup.StageJob) {
		job.Base, job.Only = live, backup.Exclusion{"a", "sub/deep/"}
	})
	ok(t, err)
	if tree(t, live) != before {
		t.Error("the live folder was touched")
	}
	const want = `. drwxr-xr-x
a -r-------- 5 "first"
alias Lrwxrwxrwx -> a
other -rw-r----- 5 "other"
sub drwx--x--x
sub/deep drwx------
sub/deep/b -rw----r-- 6 "second"
`
	if got := tree(t, swap.Staged); got != want {
		t.Errorf("staged:\n%s", got)
	}
}

// A process may die before, between and after the renames: the next start finishes what had begun,
// and takes back what had not.
func TestMend(t *testing.T) {
	t.Parallel()
	type state struct{ path, staged, aside string } // what each holds: "old", "new", "" for nothing
	for name, test := range map[string]struct {
		is      state
		journal backup.FolderState
		plain   bool // no inode is known: two renames
		fresh   bool // nothing was there before
		forward bool
		want    state
		swapped bool
	}{
		"while staging":                {is: state{"old", "new", ""}, want: state{"old", "", ""}},
		"staged, no swap begun":        {is: state{"old", "new", ""}, journal: backup.FolderStaged, want: state{"old", "", ""}},
		"staged, the swap had begun":   {is: state{"old", "new", ""}, journal: backup.FolderStaged, forward: true, want: state{"new", "", "old"}, swapped: true},
		"exchanged, not named yet":     {is: state{"new", "old", ""}, journal: backup.FolderStaged, forward: true, want: state{"new", "", "old"}, swapped: true},
		"exchanged, the rest gave up":  {is: state{"new", "old", ""}, journal: backup.FolderStaged, want: state{"new", "", "old"}, swapped: true},
		"done":                         {is: state{"new", "", "old"}, journal: backup.FolderStaged, forward: true, want: state{"new", "", "old"}, swapped: true},
		"between two renames":          {is: state{"", "new", "old"}, journal: backup.FolderStaged, plain: true, forward: true, want: state{"new", "", "old"}, swapped: true},
		"before two renames":           {is: state{"old", "new", ""}, journal: backup.FolderStaged, plain: true, forward: true, want: state{"new", "", "old"}, swapped: true},
		"nothing was there, not begun": {is: state{"", "new", ""}, journal: backup.FolderStaged, fresh: true, want: state{}},
		"nothing was there, begun":     {is: state{"", "new", ""}, journal: backup.FolderStaged, fresh: true, forward: true, want: state{"new", "", ""}, swapped: true},
		"nothing was there, done":      {is: state{"new", "", ""}, journal: backup.FolderStaged, fresh: true, forward: true, want: state{"new", "", ""}, swapped: true},
		"not even staged":              {is: state{"old", "", ""}, want: state{"old", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			swap := &backup.FolderSwap{Path: filepath.Join(dir, "files"), Staged: filepath.Join(dir, ".staged"), Aside: filepath.Join(dir, "aside"), State: test.journal}
			places := []string{swap.Path, swap.Staged, swap.Aside}
			for i, what := range []string{test.is.path, test.is.staged, test.is.aside} {
				if what == "" {
					continue
				}
				ok(t, os.Mkdir(places[i], 0o700))
				ok(t, os.WriteFile(filepath.Join(places[i], what), nil, 0o600))
				if what == "new" && !test.plain && test.journal != backup.FolderPlanned {
					id, _, err := media.Folders{}.Look(places[i])
					ok(t, err)
					swap.Inode = id
				}
			}
			if test.fresh {
				swap.Aside = ""
			}
			swapped, err := media.Folders{}.Mend(swap, test.forward)
			ok(t, err)
			var got [3]string
			for i, place := range places {
				if files, err := os.ReadDir(place); err == nil {
					got[i] = files[0].Name()
				}
			}
			if want := [3]string{test.want.path, test.want.staged, test.want.aside}; got != want || swapped != test.swapped {
				t.Errorf("got %q, swapped %v; want %q, %v", got, swapped, want, test.swapped)
			}
			again, err := media.Folders{}.Mend(swap, test.forward)
			if err != nil || again != swapped && test.is.staged+test.is.aside != "" && test.swapped {
				t.Errorf("once more: %v, %v", again, err)
			}
		})
	}
}

// What a restore keeps is never removed, and what is not its own is left alone.
func TestMendRemovesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	swap := &backup.FolderSwap{Path: filepath.Join(dir, "files"), Staged: filepath.Join(dir, "files_before"), Aside: filepath.Join(dir, "aside"), Kept: true, State: backup.FolderStaged}
	ok(t, os.Mkdir(swap.Path, 0o700))
	ok(t, os.Mkdir(swap.Staged, 0o700))
	id, _, err := media.Folders{}.Look(swap.Staged)
	ok(t, err)
	swap.Inode = id
	if swapped, err := (media.Folders{}).Mend(swap, false); err != nil || swapped {
		t.Errorf("%v, %v", swapped, err)
	}
	if _, err := os.Stat(swap.Staged); err != nil {
		t.Error("a kept folder was removed")
	}
	swap.Kept, swap.Inode = false, id+1<<40 // no folder of this test has it
	if _, err := (media.Folders{}).Mend(swap, false); err == nil {
		t.Error("a folder that is another one was removed")
	}
}

// A swap that cannot be done leaves everything where it was.
func TestSwapThatFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	swap, err := stage(t, sample(), dir, nil)
	ok(t, err)
	ok(t, os.Mkdir(swap.Path, 0o700))
	ok(t, os.Mkdir(swap.Aside, 0o700)) // the name is taken
	swap.Inode = 0
	if err := (media.Folders{}).Swap(swap); err == nil {
		t.Error("a folder was put over another one")
	}
	if tree(t, swap.Staged) != sampleTree || tree(t, swap.Path) != ". drwx------\n" {
		t.Error("something moved")
	}
	release, err := media.Folders{}.Reserve(swap.Path)
	ok(t, err)
	if _, err := (media.Folders{}).Reserve(swap.Path); backup.KindOf(err) != backup.Busy {
		t.Errorf("a second restore gets %v", err)
	}
	release()
	ok(t, os.WriteFile(filepath.Join(dir, "plain"), nil, 0o600))
	if _, _, err := (media.Folders{}).Look(filepath.Join(dir, "plain")); backup.KindOf(err) != backup.Refused {
		t.Errorf("a file in the place of the folder gives %v", err)
	}
}

// A disk that runs full ends the restore, and what was written is removed again.
func TestStageOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk can only be mounted by root: %s", out)
	}
	t.Cleanup(func() { ok(t, exec.Command("umount", dir).Run()) })
	s := sample().add("big", backup.MediaFile, 0o600, strings.Repeat("x", 4<<20))
	_, err := stage(t, s, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "is full") || !strings.Contains(backup.AsError(err).Hint, "Make room") {
		t.Errorf("got %v", err)
	}
	f := media.Folders{Free: func(string) (int64, error) { return 1 << 20, nil }}
	err = f.Stage(t.Context(), backup.StageJob{Swap: &backup.FolderSwap{Staged: filepath.Join(dir, "x")}, Folder: s.folder()}, s, nil)
	if err == nil || !strings.Contains(err.Error(), "1.0 MiB left") {
		t.Errorf("got %v", err)
	}
	if _, _, err := f.Look(dir); backup.KindOf(err) != backup.Refused || !strings.Contains(err.Error(), "mount point") {
		t.Errorf("a mount point gives %v", err)
	}
}
