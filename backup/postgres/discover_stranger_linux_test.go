package postgres

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDiscoverStranger: a socket at which another person listens is passed over, though a server answers there. It
// would be told passwords.
func TestDiscoverStranger(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root is another person too")
	}
	server := ownServer(t, ownDir(t))
	for user, want := range map[uint32]bool{50_123: false, 70_123: true} { // 70,123 is nobody's, as the accounts of services and containers
		folder := ownDir(t)
		if err := os.Chown(folder, int(user), -1); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/proc/self/exe", filepath.Join(folder, strangerName)); err != nil {
			t.Fatal(err)
		}
		program := exec.CommandContext(t.Context(), filepath.Join(folder, strangerName), filepath.Join(folder, ".s.PGSQL.5432"), filepath.Join(server.sockets, fmt.Sprintf(".s.PGSQL.%d", server.port)))
		program.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user}}
		said := started(t, program)
		if said != "listens" {
			t.Fatalf("the other person's program said %q", said)
		}
		// The server is found at its own socket too, and given once: what is asked is whether this one was looked at.
		found := false
		for _, p := range fromSockets() {
			found = found || p.c.Host == folder
		}
		if found != want {
			t.Errorf("a socket of user %d was looked at: %v", user, found)
		}
	}
}

// started starts a program that ends with the test, and gives the first line that it says.
func started(t *testing.T, program *exec.Cmd) string {
	t.Helper()
	in, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = program.Wait()
	})
	line, _ := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line)
}
