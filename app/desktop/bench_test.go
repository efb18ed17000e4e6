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
	t.Logf("window on the screen: median %v of %d starts, %v to %v", starts[2].Round(time.Millisecond), len(starts),
		starts[0].Round(time.Millisecond), starts[len(starts)-1].Round(time.Millisecond))

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
	s.watch("window shown", shown.Process.Pid, length)
	s.xdo("key", "alt+F4")
	s.until("the window hides", func() bool { return !s.visible() })
	s.watch("in the tray", shown.Process.Pid, length)
}

// firstShown starts the program, waits for its window and ends it.
func (s *session) firstShown() time.Duration {
	s.t.Helper()
	cmd, begun := s.command("holdfast"), time.Now()
	s.must(cmd.Start())
	if out, err := s.command("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Holdfast$").CombinedOutput(); err != nil {
		s.t.Fatalf("no window: %v\n%s", err, out)
	}
	took := time.Since(begun)
	s.must(cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // it says that it was interrupted
	return took
}

// watch logs what a process uses in a time.
func (s *session) watch(what string, pid int, length time.Duration) {
	s.t.Helper()
	cpu, switches := s.usage(pid)
	time.Sleep(length)
	cpuEnd, switchesEnd := s.usage(pid)
	s.t.Logf("%s, %v: %.2f %% of one core, %.1f wake-ups a second, %d MB", what, length,
		100*(cpuEnd-cpu).Seconds()/length.Seconds(), float64(switchesEnd-switches)/length.Seconds(), s.resident(pid)>>20)
}

func (s *session) resident(pid int) int {
	return s.number(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:") << 10
}
