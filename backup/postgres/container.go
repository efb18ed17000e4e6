package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// Inside a container a server listens where the images let it.
const (
	insideHost = "127.0.0.1"
	insidePort = 5432
	insideUser = "postgres"
)

// inContainer says whether c is reached through a container engine.
func inContainer(c backup.Connection) bool { return c.Container.Name != "" }

// inside is c, which is in a container, with what is not said filled in. Nothing comes from the
// PG* variables: they are about servers that are reached from here.
func inside(c backup.Connection) backup.Connection {
	if c.Host == "" {
		c.Host = insideHost
	}
	if c.Port == 0 {
		c.Port = insidePort
	}
	if c.User == "" {
		c.User = insideUser
	}
	if c.Database == "" {
		c.Database = c.User
	}
	return c
}

// checkInside refuses what cannot be reached through a container engine.
func checkInside(c backup.Connection) error {
	if err := c.Container.Validate(); err != nil {
		return err
	}
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\`, r) }
	if !strings.HasPrefix(c.Host, "/") && (strings.ContainsFunc(c.Host, odd) || strings.HasPrefix(c.Host, "-")) {
		return backup.Errorf(backup.Usage, "Leave the host out, or name it as the container sees it.", "%q is no host name", c.Host)
	}
	switch mode := c.Params["sslmode"]; mode {
	case "", "disable", "allow", "prefer":
		return nil
	default:
		return backup.Errorf(backup.Usage, "Leave sslmode out: nothing goes over a network.",
			"sslmode=%s is not to be had: a database in a container is reached through the container engine, without TLS", mode)
	}
}

// throughContainer makes cfg connect to c, which is in a container.
func throughContainer(cfg *pgx.ConnConfig, c backup.Connection) error {
	c = inside(c)
	if err := checkInside(c); err != nil {
		return err
	}
	cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	cfg.DialFunc = bridgeDialer(c)
	return nil
}

// engineRun is one run of a container engine's command. It is killed with this process.
type engineRun struct {
	container backup.Container
	cmd       *exec.Cmd
	said      tail
	killer    killer
	ended     chan struct{}
	err       error // how it ended; read it after ended is closed
}

// runEngine starts the engine's command. The caller waits for its end, see stop.
func runEngine(c backup.Container, stdin io.Reader, stdout io.Writer, args ...string) (*engineRun, error) {
	r := &engineRun{container: c, ended: make(chan struct{})}
	r.cmd = exec.Command(c.Engine, args...)
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = stdin, stdout, &r.said
	r.cmd.Env = engineEnviron()
	r.cmd.WaitDelay = grace
	tie(r.cmd)
	started := make(chan error)
	go func() {
		unlock := holdThread()
		defer unlock()
		err := r.cmd.Start()
		started <- err
		if err == nil {
			r.err = r.cmd.Wait()
			r.killer.done()
			close(r.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, engineMissing(c.Engine, err)
	}
	return r, nil
}

// execArgs are the arguments that run a command in the container, its standard input open.
func execArgs(c backup.Container, command ...string) []string {
	return append([]string{"exec", "-i", c.Name}, command...)
}

// stop gives the command some time to end by itself, then ends it, and returns when it is gone.
func (r *engineRun) stop(patience time.Duration) {
	select {
	case <-r.ended:
		return
	case <-time.After(patience):
	}
	_ = r.killer.end(r.cmd.Process) // one that is gone already is what we want
	<-r.ended
}

// engineEnviron is plainEnviron and what leads the engines' commands to their daemons.
func engineEnviron() []string {
	env := plainEnviron()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch {
		case strings.HasPrefix(name, "DOCKER_"), strings.HasPrefix(name, "CONTAINER_"), strings.HasPrefix(name, "CONTAINERS_"),
			strings.HasPrefix(name, "XDG_"), name == "SSH_AUTH_SOCK", name == "DBUS_SESSION_BUS_ADDRESS":
			env = append(env, pair)
		}
	}
	return env
}

// engineMissing is for a command that cannot be started.
func engineMissing(engine string, err error) error {
	fault := &backup.Error{Kind: backup.Unreachable, Text: "cannot run " + engine + ": " + innermost(err), Err: err}
	if errors.Is(err, exec.ErrNotFound) {
		fault.Text = "the command " + engine + " is not installed, or not on PATH"
		fault.Hint = "Install it, or connect to the database in another way."
	}
	return fault
}

// explain says why a command in the container failed, from what was said on standard error. The
// engines' own messages are in English.
func (r *engineRun) explain() error {
	said, name, engine := r.said.String(), r.container.Name, r.container.Engine
	low := strings.ToLower(said)
	is := func(phrases ...string) bool {
		for _, phrase := range phrases {
			if strings.Contains(low, phrase) {
				return true
			}
		}
		return false
	}
	fault := &backup.Error{Kind: backup.Unreachable, Err: fmt.Errorf("%s: %w", lastLines(said, 3), firstOf(r.err, io.ErrUnexpectedEOF))}
	switch {
	case is("permission denied while trying to connect", "permission denied: ") && is("sock"):
		fault.Text = "you may not use " + engine + ": its socket is closed to you"
		fault.Hint = "Add yourself to the group that owns the socket (usually docker) and log in anew, or use a rootless engine."
	case is("cannot connect to the docker daemon", "failed to connect to the docker api", "cannot connect to podman", "unable to connect to podman"):
		fault.Text = engine + " does not run"
		fault.Hint = "Start it: sudo systemctl start " + engine
	case is("no such container", "no container with name or id"):
		fault.Text = fmt.Sprintf("%s knows no container %s", engine, name)
		fault.Hint = "See the names with: " + engine + " ps -a"
	case is("is not running", "container state improper", "exec sessions on running containers", "is paused", "is restarting"):
		fault.Text = fmt.Sprintf("%s does not run", r.container)
		fault.Hint = "Start it: " + engine + " start " + name
	case is("executable file not found", noBridge):
		fault.Text = fmt.Sprintf("%s has neither perl nor bash to reach the server in it", r.container)
		fault.Hint = "Use an image with bash in it, or publish the server's port and connect to that."
	case is("connection refused", "no such file or directory"):
		fault.Text = fmt.Sprintf("PostgreSQL in %s does not answer yet: nothing listens where it should", r.container)
		fault.Hint = fmt.Sprintf("Wait until it is up (%s logs %s), or correct host and port as the container sees them.", engine, name)
	default:
		if said == "" {
			said = firstOf(r.err, io.ErrUnexpectedEOF).Error()
		}
		fault.Text = fmt.Sprintf("cannot reach PostgreSQL in %s: %s", r.container, lastLines(said, 3))
		fault.Hint = execHint(r.container)
	}
	return fault
}

func execHint(c backup.Container) string {
	return fmt.Sprintf("Check that the container runs, and that this works: %s exec -i %s true", c.Engine, c.Name)
}
