package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup"
)

// policies counts the threads of a process, with or without the main one, by how they are scheduled.
func policies(t *testing.T, pid int, main bool) map[string]int {
	t.Helper()
	stats, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil || !main && filepath.Base(filepath.Dir(path)) == strconv.Itoa(pid) {
			continue // it has ended, or is the main one
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		counts[fields[38]]++
	}
	return counts
}

const (
	asOthers = "0" // SCHED_NORMAL
	yields   = "3" // SCHED_BATCH
)

func wantPolicy(t *testing.T, what string, counts map[string]int, policy string) {
	t.Helper()
	if len(counts) != 1 || counts[policy] == 0 {
		t.Errorf("%s: threads by policy %v, want %s alone", what, counts, policy)
	}
}

// Not parallel: how the threads are scheduled is one for all runs of this process.
func TestCaptureYields(t *testing.T) {
	b := startBench(t)
	b.fresh("live", `CREATE TABLE t AS SELECT generate_series(1, 200000) n`)
	wantPolicy(t, "before", policies(t, os.Getpid(), false), asOthers)
	seen := map[string]int{}
	if _, err := b.Capture(t.Context(), b.on("live"), newShelf(), func(p backup.Progress) {
		if p.Bytes > 0 {
			seen = policies(t, os.Getpid(), false)
		}
	}); err != nil {
		t.Fatal(err)
	}
	wantPolicy(t, "while rows come", seen, yields)
	wantPolicy(t, "afterwards", policies(t, os.Getpid(), false), asOthers)
}

func TestYieldEndsWithTheLastRun(t *testing.T) {
	first, second := yield(), yield()
	first()
	first()
	wantPolicy(t, "during the second run", policies(t, os.Getpid(), false), yields)
	second()
	wantPolicy(t, "after both", policies(t, os.Getpid(), false), asOthers)
}

// Servers that we start serve others too.
func TestServersDoNotYield(t *testing.T) {
	defer yield()()
	p := ownServer(t, ownDir(t))
	wantPolicy(t, "the server", policies(t, p.cmd.Process.Pid, true), asOthers)
}
