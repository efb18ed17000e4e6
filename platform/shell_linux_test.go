package platform_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"holdfast/platform"
)

func TestRunShell(t *testing.T) {
	dir := t.TempDir()
	if err := platform.RunShell(t.Context(), "echo fine; echo done >'"+dir+"/mark'"); err != nil {
		t.Errorf("a command that works: %v", err)
	}
	wantText(t, filepath.Join(dir, "mark"), "done\n")
	err := platform.RunShell(t.Context(), "echo to the output; echo to the error output >&2; exit 3")
	if err == nil || !strings.HasPrefix(err.Error(), "exit status 3: ") ||
		!strings.Contains(err.Error(), "to the output") || !strings.HasSuffix(err.Error(), "to the error output") {
		t.Errorf("a command that fails: %v", err)
	}
}

func TestRunShellErrorHoldsTheEndOfTheOutput(t *testing.T) {
	err := platform.RunShell(t.Context(), "echo the beginning; yes ü | head -n 9000; echo x the last words; exit 1")
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	if strings.Contains(text, "beginning") || !strings.HasSuffix(text, "the last words") || len(text) > 2100 || !utf8.ValidString(text) {
		t.Errorf("%d bytes, valid %v: %q", len(text), utf8.ValidString(text), text)
	}
}

// The pipe ends for its reader when the last process that has it open ends.
func TestRunShellEndsWithAllItStarted(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- platform.RunShell(ctx, "exec 3>'"+pipe+"'; echo started >&3; sleep 60; true") }()
	f, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("RunShell gives %v", err)
	}
	if err := f.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(f); err != nil {
		t.Errorf("what the shell started still runs: %v", err)
	}
}
