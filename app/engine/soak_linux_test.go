//go:build soak

package engine

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"holdfast/backup"
)

// measured is what the process needs at a moment, after so many backups.
type measured struct {
	at         time.Duration
	backups    int
	rss        int // MiB
	files      int // open handles
	goroutines int
	vault      int64 // bytes
}

// TestSoak is one process that takes backup after backup, as the tray does for weeks: HOLDFAST_SOAK says
// how long (2h), HOLDFAST_SOAK_EVERY how often (1m). Memory, open files and goroutines stay flat.
func TestSoak(t *testing.T) {
	length, every := span(t, "HOLDFAST_SOAK", "2h"), span(t, "HOLDFAST_SOAK_EVERY", "1m")
	a := newTorture(t)
	a.furnish()
	e, err := Open(t.Context(), tortureOptions(a.home(), nil))
	must(t, err)
	defer func() { must(t, e.Close(context.Background())) }()
	s, err := e.Sandbox("shop")
	must(t, err)
	s.LossLimit = -1 // the table is emptied now and then; an alarm would end the pruning
	_, err = e.EditSandbox(t.Context(), s, PutSandbox{})
	must(t, err)
	var all []measured
	begun := time.Now()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for backups := 1; time.Since(begun) < length; backups++ {
		a.grow()
		b, err := e.CreateBackupOf(t.Context(), "shop", backup.ScopeBoth, "", 0)
		must(t, err)
		_, err = e.Prune(t.Context(), "shop", 0)
		must(t, err)
		_, err = e.SyncOffsite(t.Context(), "copy", 0)
		must(t, err)
		if backups%10 == 0 {
			_, err := e.VerifyBackup(t.Context(), string(b.ID), true, 0)
			must(t, err)
		}
		if backups%25 == 0 { // else the database, and not the program, is what grows
			a.exec("shop", "TRUNCATE noise")
		}
		all = append(all, a.sample(time.Since(begun), backups))
		select {
		case <-tick.C:
		case <-t.Context().Done():
		}
	}
	for i := 0; i < len(all); i += max(len(all)/20, 1) {
		s := all[i]
		t.Logf("%9s %6d backups %5d MiB %4d files %4d goroutines %8d KiB in the vault", s.at.Round(time.Second), s.backups, s.rss, s.files, s.goroutines, s.vault>>10)
	}
	flat(t, all)
	a.settled()
}

func span(t *testing.T, name, otherwise string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(cmp.Or(os.Getenv(name), otherwise))
	must(t, err)
	return d
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

func (a *arena) sample(at time.Duration, backups int) measured {
	a.t.Helper()
	runtime.GC() // what is garbage is no leak
	status, err := os.ReadFile("/proc/self/status")
	must(a.t, err)
	kib, err := strconv.Atoi(string(resident.FindSubmatch(status)[1]))
	must(a.t, err)
	files, err := os.ReadDir("/proc/self/fd")
	must(a.t, err)
	var bytes int64
	must(a.t, filepath.Walk(filepath.Join(a.home(), "vault"), func(_ string, info os.FileInfo, err error) error {
		if err == nil {
			bytes += info.Size()
		}
		return err
	}))
	return measured{at, backups, kib >> 10, len(files), runtime.NumGoroutine(), bytes}
}

// flat compares the second quarter, when everything was used once, with the last.
func flat(t *testing.T, all []measured) {
	t.Helper()
	if len(all) < 20 {
		t.Fatalf("%d backups are too few to tell", len(all))
	}
	mean := func(part []measured, of func(measured) int) (n int) {
		for _, s := range part {
			n += of(s)
		}
		return n / len(part)
	}
	q := len(all) / 4
	for what, of := range map[string]func(measured) int{
		"MiB of memory": func(s measured) int { return s.rss },
		"open files":    func(s measured) int { return s.files },
		"goroutines":    func(s measured) int { return s.goroutines },
		"KiB in vault":  func(s measured) int { return int(s.vault >> 10) },
	} {
		early, late := mean(all[q:2*q], of), mean(all[3*q:], of)
		t.Logf("%s: %d in the second quarter, %d in the last", what, early, late)
		if late > early+early/5+2 {
			t.Errorf("%s are not flat: %d, then %d", what, early, late)
		}
	}
}
