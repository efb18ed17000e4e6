package postgres

import (
	"fmt"
	"strings"
	"sync"
)

// keptBytes is how much a tail keeps of the beginning, and how much of the end.
const keptBytes = 16 << 10

// tail keeps the beginning and the end of what is written to it, in bounded memory.
type tail struct {
	mu      sync.Mutex
	first   []byte
	last    []byte
	dropped int64
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	room := min(keptBytes-len(t.first), len(p))
	t.first = append(t.first, p[:room]...)
	t.last = append(t.last, p[room:]...)
	if over := len(t.last) - keptBytes; over > 0 {
		t.dropped += int64(over)
		t.last = append(t.last[:0], t.last[over:]...)
	}
	return n, nil
}

// String gives what was kept and says what was not.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dropped == 0 {
		return string(t.first) + string(t.last)
	}
	return fmt.Sprintf("%s\n… %d bytes left out …\n%s", t.first, t.dropped, t.last)
}

// lastLines joins the last n lines of text that say something.
func lastLines(text string, n int) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "it said nothing"
	}
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}
