package engine

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// slowMountEnv makes the test binary play a file server: it holds a slowMounted as JSON.
const slowMountEnv = "HOLDFAST_SLOW_MOUNT"

// slowMounted says which folder is shown where.
type slowMounted struct{ Of, At string }

// slowMount is a folder that is mounted a second time, by a process that answers as slowly as it is told.
type slowMount struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

// mountSlowly shows the folder of at the folder at, where the machine lets it.
func mountSlowly(t *testing.T, of, at string) *slowMount {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a slow mount can only be made by root")
	}
	text, err := json.Marshal(slowMounted{of, at})
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestSlowMountServer$", "-test.count=1")
	cmd.Env, cmd.Stderr = append(os.Environ(), slowMountEnv+"="+string(text)), os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	m := &slowMount{t: t, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(func() {
		must(t, in.Close())
		for m.out.Scan() { // to its end
		}
		must(t, cmd.Wait())
	})
	if said := m.hear(); said != "mounted" {
		t.Skip("a slow mount needs FUSE, which is not to be had here: " + said)
	}
	return m
}

func (m *slowMount) hear() string {
	m.t.Helper()
	if !m.out.Scan() {
		m.t.Fatalf("the file server is gone: %v", m.out.Err())
	}
	return m.out.Text()
}

// ask tells the file server something and gives its answer, a number.
func (m *slowMount) ask(what string) int {
	m.t.Helper()
	_, err := fmt.Fprintln(m.in, what)
	must(m.t, err)
	n, err := strconv.Atoi(m.hear())
	must(m.t, err)
	return n
}

// slow lets every answer take so long from now on.
func (m *slowMount) slow(by time.Duration) { m.ask(by.String()) }

// silent leaves everything without an answer, and comes back when somebody waits for one.
func (m *slowMount) silent() {
	m.t.Helper()
	for m.ask("silent"); m.ask("waiting") == 0; {
		time.Sleep(5 * time.Millisecond)
	}
}

// longestSilence bounds what would be a deadlock.
const longestSilence = time.Minute

// answer ends the silence. It fails the test when that has ended by itself meanwhile.
func (m *slowMount) answer() {
	m.t.Helper()
	if m.ask("answer") == 0 {
		m.t.Errorf("what was to be done while the mount is silent waited for it")
	}
}

// TestSlowMountServer is the process that answers. By itself it does nothing.
func TestSlowMountServer(t *testing.T) {
	text := os.Getenv(slowMountEnv)
	if text == "" {
		return
	}
	var where slowMounted
	must(t, json.Unmarshal([]byte(text), &where))
	root, err := fs.NewLoopbackRoot(where.Of)
	must(t, err)
	known := time.Second // for which the kernel believes an answer about a name: network file systems have some
	s := &slowly{RawFileSystem: fs.NewNodeFS(root, &fs.Options{EntryTimeout: &known, AttrTimeout: &known}), speaks: make(chan struct{})}
	close(s.speaks)
	server, err := fuse.NewServer(s, where.At, &fuse.MountOptions{
		FsName: "slow", Name: "slow", DirectMountStrict: true, DisableXAttrs: true, DisabledCapabilities: fuse.CAP_PASSTHROUGH,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	go server.Serve()
	must(t, server.WaitMount())
	fmt.Println("mounted")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(s.told(lines.Text()))
	}
	s.delay.Store(0)
	s.told("answer")
	for err = server.Unmount(); err != nil && strings.Contains(err.Error(), "busy"); err = server.Unmount() {
		time.Sleep(20 * time.Millisecond)
	}
	must(t, err)
}

// slowly answers late. Who is killed while he waits for an answer dies once it is there.
type slowly struct {
	fuse.RawFileSystem

	delay   atomic.Int64 // nanoseconds
	waiting atomic.Int64

	mu     sync.Mutex
	speaks chan struct{} // closed unless it is silent
}

// told does what it is told, and gives a number.
func (s *slowly) told(what string) int64 {
	switch what {
	case "silent":
		s.mu.Lock()
		silence := make(chan struct{})
		s.speaks = silence
		s.mu.Unlock()
		time.AfterFunc(longestSilence, func() { s.speak(silence) })
	case "answer":
		s.mu.Lock()
		silence := s.speaks
		s.mu.Unlock()
		return s.speak(silence)
	case "waiting":
		return s.waiting.Load()
	default:
		delay, err := time.ParseDuration(what)
		if err != nil {
			return -1
		}
		s.delay.Store(int64(delay))
	}
	return 0
}

// speak ends a silence, and gives 0 when that has ended before.
func (s *slowly) speak(silence chan struct{}) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-silence:
		return 0
	default:
		close(silence)
		return 1
	}
}

func (s *slowly) wait() {
	time.Sleep(time.Duration(s.delay.Load()))
	s.mu.Lock()
	speaks := s.speaks
	s.mu.Unlock()
	s.waiting.Add(1)
	<-speaks
	s.waiting.Add(-1)
}

// What follows is all that a vault asks of its disk.

func (s *slowly) Lookup(cancel <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.Lookup(cancel, in, name, out)
}

func (s *slowly) GetAttr(cancel <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.GetAttr(cancel, in, out)
}

func (s *slowly) SetAttr(cancel <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.SetAttr(cancel, in, out)
}

func (s *slowly) Mkdir(cancel <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.Mkdir(cancel, in, name, out)
}

func (s *slowly) Unlink(cancel <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	s.wait()
	return s.RawFileSystem.Unlink(cancel, in, name)
}

func (s *slowly) Rename(cancel <-chan struct{}, in *fuse.RenameIn, from, to string) fuse.Status {
	s.wait()
	return s.RawFileSystem.Rename(cancel, in, from, to)
}

func (s *slowly) Create(cancel <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.Create(cancel, in, name, out)
}

func (s *slowly) Open(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.Open(cancel, in, out)
}

func (s *slowly) Read(cancel <-chan struct{}, in *fuse.ReadIn, data []byte) (fuse.ReadResult, fuse.Status) {
	s.wait()
	return s.RawFileSystem.Read(cancel, in, data)
}

func (s *slowly) Write(cancel <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	s.wait()
	return s.RawFileSystem.Write(cancel, in, data)
}

func (s *slowly) Fsync(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	s.wait()
	return s.RawFileSystem.Fsync(cancel, in)
}

func (s *slowly) OpenDir(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.OpenDir(cancel, in, out)
}

func (s *slowly) ReadDirPlus(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	s.wait()
	return s.RawFileSystem.ReadDirPlus(cancel, in, out)
}

func (s *slowly) FsyncDir(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	s.wait()
	return s.RawFileSystem.FsyncDir(cancel, in)
}

func (s *slowly) StatFs(cancel <-chan struct{}, in *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	s.wait()
	return s.RawFileSystem.StatFs(cancel, in, out)
}
