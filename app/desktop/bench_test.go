//go:build linux && !headless && bench

package desktop_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/backup/tally"
	"holdfast/backup/testkit"
)

// TestBenchWindow measures how long the window takes to show, and what the program costs while
// nothing happens: with the window on the screen, and in the tray. HOLDFAST_BENCH_IDLE is how many
// seconds each is watched, 60 unless said.
func TestBenchWindow(t *testing.T) {
	s := newSession(t)
	s.withShop()
	var starts []time.Duration
	for range 5 {
		starts = append(starts, s.firstShown())
	}
	slices.Sort(starts)
	tally.Figure{What: "window: start to first frame", Value: starts[2].Seconds(), Unit: " s", Low: starts[0].Seconds(), High: starts[4].Seconds(), Must: 1.0, Goal: 0.4}.Report(t)

	length := time.Minute
	if text := os.Getenv("HOLDFAST_BENCH_IDLE"); text != "" {
		seconds, err := strconv.Atoi(text)
		s.must(err)
		length = time.Duration(seconds) * time.Second
	}
	shown := s.command("holdfast")
	s.begin(shown)
	s.until("the window", s.visible)
	s.until("the icon says how things are", func() bool { return strings.Contains(s.tray.tip(), "Protected") })
	s.settle()
	s.watch("window shown, idle", shown.Process.Pid, length, 1.5, 0.3)
	s.xdo("key", "alt+F4")
	s.until("the window hides", func() bool { return !s.visible() })
	s.watch("in the tray, idle", shown.Process.Pid, length, 1.5, 0.1)
	tally.Figure{What: "its memory", Value: float64(s.resident(shown.Process.Pid)) / (1 << 20), Unit: " MB", Must: 220, Goal: 160}.Report(t)
}

// firstShown starts the program, waits for its window and ends it.
func (s *session) firstShown() time.Duration {
	s.t.Helper()
	testkit.Interruptible(s.t)
	cmd, begun := s.command("holdfast"), time.Now()
	s.must(cmd.Start())
	for !s.visible() { // xdotool's own --sync looks twice a second only
		if time.Since(begun) > patience {
			s.t.Fatal("no window")
		}
	}
	took := time.Since(begun)
	s.must(cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // it says that it was interrupted
	return took
}

// watch reports what a process uses in a time.
func (s *session) watch(what string, pid int, length time.Duration, must, goal float64) {
	s.t.Helper()
	cpu, wakes := s.usage(pid)
	time.Sleep(length)
	cpuEnd, wakesEnd := s.usage(pid)
	tally.Figure{What: what, Ours: fmt.Sprintf("%.1f wake-ups a second", float64(wakesEnd-wakes)/length.Seconds()),
		Value: 100 * (cpuEnd - cpu).Seconds() / length.Seconds(), Unit: " %", Must: must, Goal: goal}.Report(s.t)
}

func (s *session) resident(pid int) int {
	return s.number(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:") << 10
}
