//go:build !windows

package postgres

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// containerBench is a bench whose server is in the container pg: over TCP only, with a password,
// and where this machine lets us, in a network of its own.
func containerBench(t *testing.T) (*bench, *testEngine) {
	t.Helper()
	e := startEngine(t)
	programs := os.Getenv("HOLDFAST_TEST_SERVER")
	if programs == "" {
		programs = newestServer(0)
	}
	isolated := isolate(t, programs)
	if isolated != "" {
		programs = isolated
	}
	dir, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	p, err := StartPrivate(t.Context(), dir, WithTCP(thePassword), WithoutFsync(), WithPrograms(programs))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir)
	})
	c := &testContainer{image: "postgres"}
	if isolated != "" {
		c.prefix = append([]string{"nsenter"}, namespaceArgs(t, p)...)
		unreachable(t, p.port)
	}
	e.add("pg", c)
	b := &bench{Server: testServer(), t: t}
	b.Password = func(backup.Sandbox) (string, error) { return thePassword, nil }
	b.sb = backup.Sandbox{Name: "shop", Connection: backup.Connection{
		Container: backup.Container{Engine: "docker", Name: "pg"}, Port: p.port, User: privateUser, Database: "live",
	}}
	t.Cleanup(func() { b.nobodyLeft(e) })
	return b, e
}

// namespaceArgs lead nsenter into the server's network.
func namespaceArgs(t *testing.T, p *Private) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	if os.Geteuid() != 0 {
		return []string{"--target", pid, "--user", "--preserve-credentials", "--net", "--"}
	}
	return []string{"--target", pid, "--net", "--"}
}

// unreachable makes sure that nothing answers on a port here.
func unreachable(t *testing.T, port uint16) {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err == nil {
		_ = conn.Close()
		t.Fatal("the server can be reached from outside its container")
	}
}

// nobodyLeft waits until no command runs in a container any more.
func (b *bench) nobodyLeft(e *testEngine) {
	b.t.Helper()
	b.eventually("no command runs in the container", func() bool {
		_, running := e.counts()
		return running == 0
	})
}

// withPath restricts the programs of a container to these. One with a path may need more itself.
func withPath(t *testing.T, c *testContainer, programs ...string) *testContainer {
	t.Helper()
	c.path = t.TempDir()
	for _, name := range programs {
		found, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("no %s here", name)
		}
		place := filepath.Join(c.path, filepath.Base(name))
		if filepath.IsAbs(name) {
			err = os.WriteFile(place, []byte("#!/bin/sh\nPATH='"+os.Getenv("PATH")+"' exec '"+found+`' "$@"`+"\n"), 0o755)
		} else {
			err = os.Symlink(found, place)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(c.prefix) > 0 {
		found, _ := exec.LookPath(c.prefix[0])
		c.prefix = append([]string{found}, c.prefix[1:]...)
	}
	return c
}

// insidePath are the programs that a container with client tools has.
func insidePath(t *testing.T) []string {
	t.Helper()
	tools, err := testServer().tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	return []string{"sh", "perl", "env", "mkdir", "rm", "dd", tools.Dump, tools.Restore}
}

// nothingInMemory looks for folders of tools that ended.
func (e *testEngine) nothingInMemory(t *testing.T) {
	t.Helper()
	asked := e.asked()
	left, _ := filepath.Glob("/dev/shm/holdfast-*")
	for _, folder := range left {
		if strings.Contains(asked, filepath.Base(folder)) {
			t.Errorf("left: %s", folder)
		}
	}
}

// killChildren kills the children of this process that have a name.
func killChildren(t *testing.T, name string) {
	t.Helper()
	for _, pid := range childrenOf(os.Getpid()) {
		if text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm"); err == nil && strings.TrimSpace(string(text)) == name {
			if process, err := os.FindProcess(pid); err == nil {
				_ = process.Kill()
			}
		}
	}
}

// childrenOf reads the children of all threads of a process.
func childrenOf(pid int) []int {
	var all []int
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}
