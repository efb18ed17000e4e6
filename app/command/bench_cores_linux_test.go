//go:build bench

package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// TestBenchCores runs a first backup and a verified restore with the server and ourselves on one
// core, then on two, and says who used the processor. From both times follow the part that does
// not get shorter with more cores, and what four, eight and sixteen would need if the rest were
// shared out evenly: a model on paper.
func TestBenchCores(t *testing.T) {
	asInstalled(t)
	if runtime.NumCPU() < 2 || !there("taskset") {
		t.Log("not measured: it needs two cores and the command taskset")
		return
	}
	size := sizeOf(t)
	server := startServer(t, postgres.WithSetting("max_wal_size", "8GB"))
	l := newLive(t, server, "cores", "")
	for n := range size.scale / 5 {
		l.must(execSQL(server, "cores", fmt.Sprintf(scaleSQL, n, 4*scaleRows)))
	}
	l.must(execSQL(server, "cores", "CHECKPOINT"))
	work := map[int]map[string]coreUse{}
	for cores := 1; cores <= 2; cores++ {
		work[cores] = l.onCores(cores)
	}
	for _, what := range []string{"first backup", "verified restore"} {
		one, two := work[1][what], work[2][what]
		tally.Figure{
			What: what + ", two cores / one", Ours: fmt.Sprintf("%.2f s", two.took.Seconds()), Peer: fmt.Sprintf("%.2f s", one.took.Seconds()),
			Value: two.took.Seconds() / one.took.Seconds(),
		}.Report(t)
		tally.Figure{
			What: what + ", our part of the processor time", Ours: fmt.Sprintf("%.2f s", two.client.Seconds()), Peer: fmt.Sprintf("server %.2f s", two.server.Seconds()),
			Value: two.client.Seconds() / (two.client + two.server).Seconds(),
		}.Report(t)
		fixed := max(0, 2*two.took-one.took)
		shared := one.took - fixed
		for _, cores := range []time.Duration{4, 8, 16} { // four sessions, and as many of the server, are all that works at once
			tally.Figure{What: fmt.Sprintf("%s, %d cores / one, on paper", what, cores), Value: (fixed + shared/min(cores, 8)).Seconds() / one.took.Seconds()}.Report(t)
		}
	}
}

// coreUse is what one command took.
type coreUse struct{ took, client, server time.Duration }

// onCores measures with the server and the program on so many cores.
func (l *live) onCores(cores int) map[string]coreUse {
	l.t.Helper()
	list := fmt.Sprintf("0-%d", cores-1)
	postmaster := l.postmaster()
	l.must(exec.Command("taskset", "--all-tasks", "--cpu-list", "--pid", list, strconv.Itoa(postmaster)).Run())
	fresh := l.fresh(cores)
	measure := func(args ...string) coreUse {
		cmd := l.command(append([]string{"--cpu-list", list, program(l.t)}, args...)...)
		path, err := exec.LookPath("taskset")
		l.must(err)
		cmd.Path, cmd.Env = path, fresh.env
		cmd.Args[0] = "taskset"
		before := l.childTime(postmaster)
		took := l.time(cmd)
		l.quiet()
		return coreUse{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), l.childTime(postmaster) - before}
	}
	use := map[string]coreUse{"first backup": measure("backup", "create", "shop", "--quiet")}
	into := fmt.Sprintf("back_%d", cores)
	use["verified restore"] = measure("restore", "latest:shop", "--to-database", into, "--approve-file", l.approval(), "--quiet")
	l.must(execSQL(l.server, "postgres", "DROP DATABASE "+into))
	return use
}

// postmaster is the process that starts the server's others.
func (l *live) postmaster() int {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(l.query("SHOW data_directory")), "postmaster.pid"))
	l.must(err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	l.must(err)
	return pid
}

// ticks per second of /proc, on every Linux that Go runs on.
const ticks = 100

// childTime is the processor time of the children of a process that have ended.
func (l *live) childTime(pid int) time.Duration {
	l.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	l.must(err)
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	user, err := strconv.ParseInt(fields[13], 10, 64) // cutime: the 16th of all
	l.must(err)
	system, err := strconv.ParseInt(fields[14], 10, 64)
	l.must(err)
	return time.Duration(user+system) * time.Second / ticks
}
