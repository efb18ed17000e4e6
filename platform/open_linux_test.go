package platform_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"holdfast/platform"
)

// TestOpen: the desktop's opener gets the path; what it cannot do, and what is not there, is an error;
// and it may go on with what it has opened.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "a log.txt")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if err := platform.Open(t.Context(), log); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("without an opener: %v", err)
	}
	opener := func(script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	opener("printf '%s' \"$1\" >'" + dir + "/opened'")
	if err := platform.Open(t.Context(), log); err != nil {
		t.Errorf("with an opener: %v", err)
	}
	wantText(t, filepath.Join(dir, "opened"), log)
	opener("exit 3")
	if err := platform.Open(t.Context(), log); err == nil {
		t.Error("an opener that finds no program is no error")
	}
	if err := platform.Open(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	opener("read line <'" + pipe + "'")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := platform.Open(ctx, log); !errors.Is(err, context.Canceled) {
		t.Errorf("an opener that waits: %v", err)
	}
	if err := os.WriteFile(pipe, []byte("\n"), 0); err != nil { // it ends
		t.Fatal(err)
	}
}
