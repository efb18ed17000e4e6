//go:build linux

package controller_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/app/controller"
	"holdfast/backup"
)

// TestSampleFromNothing starts the sample in the first start, quits, is killed in between, starts again,
// and removes it with its backups.
func TestSampleFromNothing(t *testing.T) {
	b := newServer(t)
	t.Setenv("HOME", b.dir)
	life := b.life()
	b.until("the first start", func() bool { return b.state.Setup != nil && b.state.Setup.Path != "" })
	b.MakeVault(filepath.Join(b.dir, "vault"), phrase, nil, true)
	b.until("the first backup", func() bool { return b.sampled(1) })
	b.KeyKept()
	b.until("the end of the first start", func() bool { return b.state.Setup == nil })
	if one := b.state.Sandboxes[0]; !one.Sample || one.Name != "sample" || one.Backups[0].Rows == 0 {
		t.Errorf("%+v", one)
	}
	pid := b.sampleServer()
	if pid == 0 {
		t.Fatal("its server does not run")
	}

	must(t, syscall.Kill(pid, syscall.SIGKILL))
	b.BackUp("sample", "after kill -9")
	b.until("a backup after kill -9", func() bool { return b.sampled(2) })

	life.quit()
	if b.sampleServer() != 0 {
		t.Error("its server goes on after Quit")
	}
	life = b.life()
	b.until("it is there again", func() bool { return len(b.state.Sandboxes) == 1 && b.sampleServer() != 0 })
	b.RemoveSample(true)
	b.approve()
	b.until("it is removed", func() bool { return len(b.state.Sandboxes) == 0 && b.state.Sample.Busy == nil })
	if b.state.Sample.Problem != nil {
		t.Fatal(b.state.Sample.Problem)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "home", "sample")); !os.IsNotExist(err) || len(b.state.Unknown) != 0 {
		t.Errorf("it left something: %v %v", err, b.state.Unknown)
	}
	if b.sampleServer() != 0 {
		t.Error("its server goes on")
	}
	b.StartSample()
	b.until("another one", func() bool { return b.sampled(1) })
	b.RemoveSample(false)
	b.until("it is removed, and its backup stays", func() bool { return len(b.state.Sandboxes) == 0 && len(b.state.Unknown) == 1 })
	life.quit()
}

// running is one start of the program.
type running struct {
	b   *bench
	end context.CancelFunc
}

func (b *bench) life() running {
	life, end := context.WithCancel(context.Background())
	b.Controller = controller.New(life, "test", b, time.Now)
	b.t.Cleanup(func() { end(); b.Wait() })
	b.live = seen{}
	b.Refresh()
	return running{b, end}
}

func (r running) quit() {
	r.end()
	r.b.Wait()
}

// sampled says whether the sample has so many backups, and nothing runs.
func (b *bench) sampled(n int) bool {
	if len(b.state.Sandboxes) != 1 || b.state.Sample.Busy != nil || b.state.Sandboxes[0].Busy != nil {
		return false
	}
	done := 0
	for _, one := range b.state.Sandboxes[0].Backups {
		if one.Status == backup.StatusCompleted {
			done++
		}
	}
	return done == n
}

// sampleServer is the process of the sample's server, 0 for none.
func (b *bench) sampleServer() int {
	text, err := os.ReadFile(filepath.Join(b.dir, "home", "sample", "server", "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}
