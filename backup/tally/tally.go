// Package tally counts, for tests, what fault tests tried and what was lost, and writes one row for
// each of them into the file that HOLDFAST_TORTURE_TABLE names. The table that `make torture` prints
// is made of these rows. It prints the figures of `make bench` likewise. Only tests import it.
package tally

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
)

const (
	// FileEnv names the file that rows are added to; without it none is written.
	FileEnv = "HOLDFAST_TORTURE_TABLE"
	// RoundsEnv says how often each kind of work is tried, over all its moments; without it a test
	// chooses, and is quick.
	RoundsEnv = "HOLDFAST_TORTURE_ROUNDS"
	// SecondsEnv bounds how long one kind of work is tried, in seconds. Each moment is tried once anyhow.
	SecondsEnv = "HOLDFAST_TORTURE_SECONDS"
)

// Tally is the row of one fault test. Its methods may be called from many goroutines.
type Tally struct {
	t    testing.TB
	what string

	mu      sync.Mutex
	begun   time.Time
	moments map[string]int
	lost    int
	left    int
	notes   map[string]bool
}

// Of begins the row for what, a few words, or the test's own name in words when that is "". The row
// is written when the test ends.
func Of(t testing.TB, what string) *Tally {
	if what == "" {
		what = words(t.Name())
	}
	begun := time.Now() //nolint:forbidigo // of a test, not of the program
	c := &Tally{t: t, what: what, begun: begun, moments: map[string]int{}, notes: map[string]bool{}}
	t.Cleanup(func() {
		if err := c.write(os.Getenv(FileEnv)); err != nil {
			t.Errorf("the row of %s is not written: %v", what, err)
		}
	})
	return c
}

// Try counts one try at a moment.
func (c *Tally) Try(moment string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moments[moment]++
}

// Lost fails the test: something that was promised is not there.
func (c *Tally) Lost(format string, args ...any) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost++
	c.t.Errorf("lost: "+format, args...)
}

// Left fails the test: something of ours was left behind.
func (c *Tally) Left(format string, args ...any) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
	c.t.Errorf("left behind: "+format, args...)
}

// Note adds a remark to the row, once.
func (c *Tally) Note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes[fmt.Sprintf(format, args...)] = true
}

// row gives the columns: what, tries, moments, lost, left behind, seconds, notes.
func (c *Tally) row() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	tries := 0
	for _, n := range c.moments {
		tries += n
	}
	lost, left := strconv.Itoa(c.lost), strconv.Itoa(c.left)
	if c.t.Failed() && c.lost == 0 && c.left == 0 {
		lost, left = "FAILED", "see above"
	}
	seconds := strconv.Itoa(int(time.Since(c.begun).Round(time.Second).Seconds()))
	notes := strings.Join(slices.Sorted(maps.Keys(c.notes)), "; ")
	return strings.Join([]string{c.what, strconv.Itoa(tries), strconv.Itoa(len(c.moments)), lost, left, seconds, notes}, "\t")
}

func (c *Tally) write(file string) error {
	if file == "" {
		return nil
	}
	return add(file, c.row())
}

// Rounds gives how many tries of each kind of work the environment wants, else so many.
func Rounds(t testing.TB, quick int) int {
	t.Helper()
	return number(t, RoundsEnv, quick)
}

// Over says whether the time is up: the environment's, or, where it says nothing and no number of
// rounds either, the quick one.
func (c *Tally) Over(quick time.Duration) bool {
	c.t.Helper()
	bound := time.Duration(number(c.t, SecondsEnv, 0)) * time.Second
	if bound == 0 {
		if os.Getenv(RoundsEnv) != "" {
			return false
		}
		bound = quick
	}
	return time.Since(c.begun) > bound
}

func number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s must be a number above 0", name)
	}
	return n
}

// words makes "killed table restore" of TestKilledTableRestore.
func words(name string) string {
	var b strings.Builder
	for i, r := range strings.TrimPrefix(name, "Test") {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
