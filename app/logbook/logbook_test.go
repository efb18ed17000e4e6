package logbook_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"holdfast/app/logbook"
)

// TestLogIsBounded fills it from several sides at once: no line is torn, the newest stay, and it takes no
// more than two files.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	f := logbook.File{Path: filepath.Join(t.TempDir(), "holdfast.log")}
	var all sync.WaitGroup
	for range 4 {
		log := f.Logger() // as another process has it
		all.Go(func() {
			for range 300 {
				log.Warn(strings.Repeat("long ", 500), "run", "0123")
			}
		})
	}
	all.Wait()
	f.Logger().Error("the last\nline", "hint", "Mend it.")
	for _, path := range []string{f.Path, f.Before()} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > logbook.Most || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %d bytes, %v", path, info.Size(), info.Mode())
		}
	}
	text, err := f.Text()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for _, line := range lines {
		if !bytes.HasPrefix(line, []byte("time=")) || !bytes.Contains(line, []byte("Z level=")) {
			t.Fatalf("a line is %.80q", line)
		}
	}
	if last := string(lines[len(lines)-1]); !strings.HasSuffix(last, `level=ERROR msg="the last\nline" hint="Mend it."`) {
		t.Errorf("the last line is %q", last)
	}
	if len(lines) < 400 {
		t.Errorf("only %d lines are kept", len(lines))
	}
}

// TestLogThatCannotBeWritten stands in nobody's way.
func TestLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	f := logbook.File{Path: filepath.Join(t.TempDir(), "not there", "holdfast.log")}
	f.Logger().Error("nobody hears of it")
	if text, err := f.Text(); err != nil || len(text) != 0 {
		t.Errorf("%q, %v", text, err)
	}
}
