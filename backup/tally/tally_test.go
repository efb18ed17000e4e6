package tally

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// failing notes what a test would say.
type failing struct {
	testing.TB
	said   []string
	failed bool
}

func (f *failing) Helper()      {}
func (f *failing) Failed() bool { return f.failed }

func (f *failing) Errorf(format string, args ...any) {
	f.failed = true
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func TestRows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "table")
	t.Setenv(FileEnv, file)
	t.Run("whole", func(t *testing.T) {
		c := Of(t, "a kill")
		c.Try("early")
		c.Try("late")
		c.Try("late")
		c.Note("root only")
		c.Note("root only")
	})
	inner := &failing{TB: t}
	c := &Tally{t: inner, what: "broken", begun: time.Now(), moments: map[string]int{"x": 2}, notes: map[string]bool{}}
	c.Lost("the backup %d", 7)
	if err := c.write(file); err != nil {
		t.Fatal(err)
	}
	c = &Tally{t: inner, what: "failed otherwise", begun: time.Now()}
	if err := c.write(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "a kill\t3\t2\t0\t0\t0\troot only\nbroken\t2\t1\t1\t0\t0\t\nfailed otherwise\t0\t0\tFAILED\tsee above\t0\t\n"
	if string(text) != want {
		t.Errorf("the rows are\n%s", text)
	}
	if said := strings.Join(inner.said, "|"); said != "lost: the backup 7" {
		t.Errorf("said: %s", said)
	}
}

func TestBounds(t *testing.T) {
	t.Setenv(RoundsEnv, "")
	t.Setenv(SecondsEnv, "")
	c := &Tally{t: t, begun: time.Now().Add(-time.Minute)}
	if Rounds(t, 3) != 3 || !c.Over(time.Second) || c.Over(time.Hour) {
		t.Error("without a word, the quick bounds hold")
	}
	t.Setenv(RoundsEnv, "200")
	if Rounds(t, 3) != 200 || c.Over(time.Second) {
		t.Error("with a number of rounds no time bounds them")
	}
	t.Setenv(SecondsEnv, "30")
	if !c.Over(time.Hour) {
		t.Error("the time of the environment bounds too")
	}
}

func TestWords(t *testing.T) {
	if got := words("TestKilledTableRestore"); got != "killed table restore" {
		t.Errorf("got %q", got)
	}
}
