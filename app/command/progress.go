package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

// progress shows how far a run is: one line that moves on a terminal, a line now and then elsewhere.
type progress struct {
	w        io.Writer
	quiet    bool
	terminal bool

	mu    sync.Mutex
	stage string
	last  time.Time
	width int
}

func newProgress(w io.Writer, quiet bool) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, quiet: quiet, terminal: ok && platform.IsTerminal(f)}
}

// show is called by the engine, from any goroutine.
func (p *progress) show(now backup.Progress) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	every := 2 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	if now.Stage == p.stage && time.Since(p.last) < every {
		return
	}
	p.stage, p.last = now.Stage, time.Now()
	p.write(line(now))
}

func (p *progress) write(text string) {
	if !p.terminal {
		fmt.Fprintln(p.w, text)
		return
	}
	fmt.Fprintf(p.w, "\r%-*s", p.width, text)
	p.width = len(text)
}

// end clears the moving line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal && p.width > 0 {
		fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.width))
		p.width = 0
	}
}

func line(p backup.Progress) string {
	text := p.Stage
	if p.TablesTotal > 0 {
		text += fmt.Sprintf("  tables %d/%d", p.TablesDone, p.TablesTotal)
	}
	if p.IndexesTotal > 0 {
		text += fmt.Sprintf("  indexes %d/%d", p.IndexesDone, p.IndexesTotal)
	}
	if p.Files > 0 {
		text += "  files " + count(p.Files)
	}
	if p.Bytes > 0 {
		text += "  " + size(p.Bytes)
		if p.BytesTotal > p.Bytes {
			text += " of about " + size(p.BytesTotal)
		}
	}
	return text
}
