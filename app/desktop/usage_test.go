//go:build linux && !headless

package desktop_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is the time that a process's threads ran, and how often they woke.
func (s *session) usage(pid int) (cpu time.Duration, wakes int) {
	s.t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	s.must(err)
	for _, thread := range threads {
		ran, err := os.ReadFile(filepath.Join(thread, "schedstat"))
		s.must(err)
		ns, err := strconv.ParseInt(strings.Fields(string(ran))[0], 10, 64)
		s.must(err)
		cpu += time.Duration(ns)
		wakes += s.number(filepath.Join(thread, "status"), "voluntary_ctxt_switches:")
	}
	return cpu, wakes
}

// sleeps says whether a process does nothing at all for a second.
func (s *session) sleeps(pid int) bool {
	_, before := s.usage(pid)
	time.Sleep(time.Second)
	_, after := s.usage(pid)
	return before == after
}

// number reads a line's first number.
func (s *session) number(file, line string) int {
	s.t.Helper()
	text, err := os.ReadFile(file)
	s.must(err)
	for row := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(row, line); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			s.must(err)
			return n
		}
	}
	s.t.Fatalf("%s has no line %s", file, line)
	return 0
}
