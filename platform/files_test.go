//go:build unix

package platform_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"holdfast/platform"
)

func umask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %04o, want %04o", filepath.Base(path), got, want)
	}
}

func wantText(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), got, err, want)
	}
}

// wantOnly checks that a folder holds these names and nothing else.
func wantOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q, want %q", names, want)
	}
}

func TestWrittenFilesHaveTheirModeWhateverTheUmask(t *testing.T) {
	writers := map[string]func(string, []byte, os.FileMode) error{
		"atomic": platform.WriteFileAtomic, "new": platform.WriteFileNew,
	}
	for _, mask := range []int{0, 0o077} {
		for name, write := range writers {
			for _, mode := range []os.FileMode{0o600, 0o644} {
				umask(t, mask)
				path := filepath.Join(t.TempDir(), "file")
				if err := write(path, []byte("text"), mode); err != nil {
					t.Fatalf("%s, umask %03o: %v", name, mask, err)
				}
				wantMode(t, path, mode)
				wantText(t, path, "text")
				wantOnly(t, filepath.Dir(path), "file")
			}
		}
	}
}

func TestWriteFileAtomicReplacesTheWholeFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("a much longer text than the new one"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, filepath.Join(dir, "old")); err != nil { // whoever has the old one open keeps it whole
		t.Fatal(err)
	}
	if err := platform.WriteFileAtomic(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantText(t, path, "new")
	wantText(t, filepath.Join(dir, "old"), "a much longer text than the new one")
	wantMode(t, path, 0o600)
	wantOnly(t, dir, "file", "old")
}

func TestWriteFileAtomicLeavesNothingBehindWhenItFails(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.MkdirAll(filepath.Join(target, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := platform.WriteFileAtomic(target, []byte("new"), 0o600); err == nil {
		t.Error("a folder that is not empty was replaced by a file")
	}
	wantOnly(t, dir, "target")
	wantOnly(t, target, "inside")
	err := platform.WriteFileAtomic(filepath.Join(dir, "no such folder", "file"), nil, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	wantOnly(t, dir, "target")
}

func TestWriteFileNewNeverReplaces(t *testing.T) {
	dir := t.TempDir()
	there, link := filepath.Join(dir, "there"), filepath.Join(dir, "link")
	if err := os.WriteFile(there, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{there, link, dir} {
		if err := platform.WriteFileNew(path, []byte("new"), 0o600); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v, want fs.ErrExist", filepath.Base(path), err)
		}
	}
	wantText(t, there, "old")
	wantOnly(t, dir, "link", "there")
}

func TestReadPrivate(t *testing.T) {
	cases := []struct {
		mode   fs.FileMode
		shared bool
	}{
		{0o600, false}, {0o400, false}, {0o700, false},
		{0o640, true}, {0o604, true}, {0o620, true}, {0o602, true}, {0o601, true}, {0o610, true}, {0o644, true},
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("a secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		data, err := platform.ReadPrivate(t.Context(), path)
		if errors.Is(err, platform.ErrReadableByOthers) != c.shared {
			t.Errorf("mode %04o: %v", c.mode, err)
		}
		if want := map[bool]string{false: "a secret"}[c.shared]; string(data) != want {
			t.Errorf("mode %04o gives %q, want %q", c.mode, data, want)
		}
	}
}

func TestReadPrivateRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := platform.ReadPrivate(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := platform.ReadPrivate(t.Context(), filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestReadPrivateHasALimit(t *testing.T) {
	const limit = 1 << 20
	path := filepath.Join(t.TempDir(), "file")
	for _, size := range []int{limit, limit + 1} {
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := platform.ReadPrivate(t.Context(), path)
		if tooLarge := size > limit; (err != nil) != tooLarge || (len(data) == size) == tooLarge {
			t.Errorf("%d bytes: %d read, %v", size, len(data), err)
		}
	}
}

func TestReadPrivateTakesAPipeAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	umask(t, 0)
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte("a secret"), 0) }()
	data, err := platform.ReadPrivate(t.Context(), path)
	if err != nil || string(data) != "a secret" {
		t.Errorf("got %q, %v", data, err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestReadPrivateWaitsForAPipeOnlyAsLongAsItMay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		_, err := platform.ReadPrivate(ctx, path)
		ended <- err
	}()
	writer, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.WriteString("half a sec"); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a pipe that stays open: %v", err)
	}
	if _, err := platform.ReadPrivate(ctx, "/dev/zero"); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a device: %v", err)
	}
}
