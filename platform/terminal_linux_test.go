package platform_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"holdfast/platform"
)

// childPassword asks at its terminal and prints what it got to its standard output, which is none.
func childPassword() error {
	elsewhere := make(chan os.Signal, 1) // as commands do, to end their work in good order
	signal.Notify(elsewhere, os.Interrupt, syscall.SIGTERM)
	text, err := platform.ReadPassword("Secret: ")
	fmt.Printf("%q cancelled=%v failed=%v terminal=%v", text, errors.Is(err, context.Canceled), err != nil, platform.HasTerminal())
	return nil
}

// pty is a new terminal: the end at which a person sits, and the end of the program.
type pty struct {
	person, program *os.File

	mu    sync.Mutex
	shown strings.Builder
}

func newPTY(t *testing.T) *pty {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &pty{person: person, program: program}
	t.Cleanup(func() { person.Close(); program.Close() })
	go p.watch()
	return p
}

func (p *pty) watch() {
	buf := make([]byte, 100)
	for {
		n, err := p.person.Read(buf)
		p.mu.Lock()
		p.shown.Write(buf[:n])
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *pty) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

func (p *pty) echo(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(p.program.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// until waits until is holds.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}

// atTerminal runs the child at p, nil for no terminal at all: once it asks without echo, do acts.
// The result is what the child says.
func atTerminal(t *testing.T, p *pty, do func(child *os.Process)) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=password")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if p != nil {
		cmd.Stdin, cmd.SysProcAttr.Setctty = p.program, true
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if p != nil {
		until(t, "it asks", func() bool { return strings.Contains(p.screen(), "Secret: ") && !p.echo(t) })
		do(cmd.Process)
	}
	said, err := io.ReadAll(out)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Error(err)
	}
	return string(said)
}

func TestReadPasswordAtATerminal(t *testing.T) {
	cases := map[string]struct {
		do   func(p *pty, child *os.Process) error
		want string
	}{
		"a line":      {typing("pass wört\n"), `"pass wört" cancelled=false failed=false`},
		"empty":       {typing("\n"), `"" cancelled=false failed=false`},
		"corrected":   {typing("passX\x7f\n"), `"pass" cancelled=false failed=false`},
		"Ctrl-C":      {typing("pass\x03"), `"" cancelled=true failed=true`},
		"a signal":    {func(_ *pty, child *os.Process) error { return child.Signal(syscall.SIGTERM) }, `"" cancelled=true failed=true`},
		"a long line": {typing(strings.Repeat("pass", 500) + "\n"), `"` + strings.Repeat("pass", 500) + `" cancelled=false failed=false`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := newPTY(t)
			said := atTerminal(t, p, func(child *os.Process) {
				if err := c.do(p, child); err != nil {
					t.Error(err)
				}
			})
			if want := c.want + " terminal=true"; said != want {
				t.Errorf("got %s, want %s", said, want)
			}
			until(t, "the line is ended", func() bool { return strings.HasSuffix(p.screen(), "\r\n") })
			if strings.Contains(p.screen(), "pass") {
				t.Errorf("what was typed is on the screen: %q", p.screen())
			}
			if !p.echo(t) {
				t.Error("the terminal is left without echo")
			}
		})
	}
}

func typing(keys string) func(*pty, *os.Process) error {
	return func(p *pty, _ *os.Process) error {
		_, err := p.person.WriteString(keys)
		return err
	}
}

func TestReadPasswordWithoutATerminal(t *testing.T) {
	if said := atTerminal(t, nil, nil); said != `"" cancelled=false failed=true terminal=false` {
		t.Errorf("got %s", said)
	}
}

func TestIsTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if p := newPTY(t); !platform.IsTerminal(p.program) || platform.IsTerminal(null) {
		t.Error("a terminal is not told from what is none")
	}
}
