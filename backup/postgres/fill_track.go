package postgres

import (
	"sync"

	"holdfast/backup"
)

// tracker gathers progress from several workers and reports it, one call at a time.
type tracker struct {
	report func(backup.Progress)

	mu       sync.Mutex
	now      backup.Progress
	reported int64 // Bytes at the last report
}

func newTracker(report func(backup.Progress), m *backup.Manifest) *tracker {
	t := &tracker{report: report, now: backup.Progress{BytesTotal: m.Bytes()}}
	for i := range m.Tables {
		if m.Tables[i].Part != "" {
			t.now.TablesTotal++
		}
	}
	return t
}

func (t *tracker) stage(name string) {
	t.change(true, func(p *backup.Progress) { p.Stage, p.IndexesDone, p.IndexesTotal = name, 0, 0 })
}

func (t *tracker) table() {
	t.change(true, func(p *backup.Progress) { p.TablesDone++ })
}

// bytes adds n bytes; every MiB of them is reported.
func (t *tracker) bytes(n int) {
	t.change(false, func(p *backup.Progress) { p.Bytes += int64(n) })
}

func (t *tracker) change(tell bool, edit func(*backup.Progress)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	edit(&t.now)
	if t.report == nil || (!tell && t.now.Bytes-t.reported < 1<<20) {
		return
	}
	t.reported = t.now.Bytes
	t.report(t.now)
}
