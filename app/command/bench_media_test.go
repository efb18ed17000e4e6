//go:build bench

package command_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestBenchMedia stores 100,000 small files and 5 GB of sparse and large ones, a tenth of that where
// SIZE is small, twice, and brings them back. Where the restic command is installed it stores the same folder in turn, so that both meet
// the same machine.
func TestBenchMedia(t *testing.T) {
	asInstalled(t)
	root := filepath.Join(t.TempDir(), "files")
	makeLarge(t, root)
	server := startServer(t)
	l := newLiveWith(t, server, "bench_media", "CREATE TABLE one AS SELECT 1", "--media", root)
	restic := l.restic()
	restic("init")
	first := l.measure("first backup of the folder", "backup", "create", "shop", "--what", "media", "--quiet")
	restic("first backup", "backup", root)
	second := l.measure("second backup, nothing changed", "backup", "create", "shop", "--what", "media", "--quiet")
	restic("second backup", "backup", root)
	var list []struct {
		Added int64 `json:"added_bytes"`
		Raw   int64 `json:"raw_bytes"`
	}
	l.decode(&list, "backup", "list")
	t.Logf("%d MB; the first backup added %d MB, the second %d KB; second/first %.2f", list[0].Raw>>20, list[1].Added>>20, list[0].Added>>10, second.Seconds()/first.Seconds())
	l.measure("verify, every byte", "backup", "verify", "latest", "--quiet")
	l.measure("compare", "backup", "compare", "latest", "--quiet")
	l.measure("restore beside", "restore", "latest", "--beside", "--approve-file", l.approval(), "--quiet")
	restic("verify, every byte", "check", "--read-data")
	restic("restore", "restore", "latest", "--target", filepath.Join(l.dir, "back"))
}

func makeLarge(t *testing.T, root string) {
	t.Helper()
	parts := 1
	if os.Getenv("SIZE") == "full" {
		parts = 10
	}
	r := rand.NewChaCha8([32]byte{1})
	data := make([]byte, 4<<20)
	put := func(name string, data []byte) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range parts * 10_000 {
		r.Read(data[:1000+i%3000])
		put(fmt.Sprintf("small/%03d/%d", i/100, i), data[:1000+i%3000])
	}
	for i := range parts * 26 { // 1 GB in full that does not compress, in 9 files; a child's peak counts what this process has
		r.Read(data)
		path := filepath.Join(root, fmt.Sprintf("big-%d", i/32))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err == nil {
			_, err = f.Write(data)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	put("sparse.img", []byte("a disk image"))
	if err := os.Truncate(filepath.Join(root, "sparse.img"), int64(parts)<<30*4/10); err != nil {
		t.Fatal(err)
	}
}

// restic gives what measures the restic command with some arguments; without any it is not timed. It
// does nothing where there is none.
func (l *live) restic() func(what string, args ...string) {
	l.t.Helper()
	restic, err := exec.LookPath("restic")
	if err != nil {
		l.t.Log("restic is not installed: not measured")
		return func(string, ...string) {}
	}
	return func(what string, args ...string) {
		l.t.Helper()
		if len(args) == 0 {
			args = []string{what}
		}
		cmd := exec.Command(restic, append([]string{"--repo", filepath.Join(l.dir, "restic"), "--password-file", l.approval(), "--cache-dir", filepath.Join(l.dir, "restic-cache")}, args...)...)
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			l.t.Fatalf("restic %s: %v\n%s", args[0], err, out)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		l.t.Logf("restic: %-25s %6.1f s   %6.1f s of processor   peak memory %d MB", what, time.Since(start).Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), usage.Maxrss>>10)
	}
}
