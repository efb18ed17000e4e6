package platform_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"holdfast/platform"
)

// childSelf prints the child's own identity and waits until its input ends.
func childSelf() error {
	if err := json.NewEncoder(os.Stdout).Encode(platform.Self()); err != nil {
		return err
	}
	_, err := os.Stdin.Read(make([]byte, 1))
	_ = err // the end of the input is what it waits for
	return nil
}

func wantAlive(t *testing.T, what string, p platform.Process, wantAlive, wantKnown bool) {
	t.Helper()
	if alive, known := platform.Alive(p); alive != wantAlive || known != wantKnown {
		t.Errorf("%s: alive %v, known %v; want %v, %v", what, alive, known, wantAlive, wantKnown)
	}
}

func TestAliveTellsProcessesApart(t *testing.T) {
	self := platform.Self()
	if self.PID != os.Getpid() || self.Started == 0 || self.Boot == "" || self.Host == "" {
		t.Fatalf("this process is %+v", self)
	}
	cases := map[string]struct {
		change       func(*platform.Process)
		alive, known bool
	}{
		"this one":                       {func(*platform.Process) {}, true, true},
		"start time not on record":       {func(p *platform.Process) { p.Started = 0 }, true, true},
		"a later one of the same number": {func(p *platform.Process) { p.Started++ }, false, true},
		"before the machine started":     {func(p *platform.Process) { p.Boot = "another" }, false, true},
		"another machine":                {func(p *platform.Process) { p.Host += "x" }, false, false},
		"no such number":                 {func(p *platform.Process) { p.PID = 1 << 30 }, false, true},
	}
	for name, c := range cases {
		p := self
		c.change(&p)
		wantAlive(t, name, p, c.alive, c.known)
	}
}

func TestAliveFollowsAChildToItsEnd(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=self")
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if errIn != nil || errOut != nil {
		t.Fatal(errIn, errOut)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var child platform.Process
	if err := json.NewDecoder(out).Decode(&child); err != nil || child.PID != cmd.Process.Pid {
		t.Errorf("the child says it is %+v, %v", child, err)
	}
	wantAlive(t, "a running child", child, true, true)
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	// WNOWAIT: it has ended, but its exit code is not asked for yet
	if err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Error(err)
	}
	wantAlive(t, "a child that ended and was not waited for", child, false, true)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	wantAlive(t, "a finished child", child, false, true)
}

func TestUserNamesUserAndHost(t *testing.T) {
	user, host, _ := strings.Cut(platform.User(), "@")
	if user == "" || host != platform.Self().Host {
		t.Errorf("got %q", platform.User())
	}
}
