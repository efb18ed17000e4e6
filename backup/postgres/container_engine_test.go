//go:build !windows

package postgres

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"holdfast/backup/testkit"
)

// testEngine stands in for a container engine's daemon: it serves what the docker command asks
// of one, over a Unix socket, and runs commands on this machine as the "container" says. As with
// the real one, a command whose client is gone is not ended: its input ends, its output is thrown
// away.
type testEngine struct {
	mu         sync.Mutex
	containers map[string]*testContainer
	commands   map[string]*testCommand
	attended   int        // commands that have a client
	left       *sync.Cond // a client is gone
	started    int
	log        [][]string // commands that were asked for
}

// testContainer is one container of a testEngine. Once it was added, its engine's lock guards it: change
// it through the engine.
type testContainer struct {
	id      string
	prefix  []string // goes before each command
	path    string   // the PATH in it; "" is ours
	stopped bool
	env     []string
	image   string
	ports   []published // that lead to its 5432
}

// testCommand is one command in a container, as that was when it was asked for. The engine's lock guards
// code and running, and that the command starts.
type testCommand struct {
	container *testContainer
	name      string // as it was asked for
	cmd       *exec.Cmd
	code      int
	running   bool
}

// startEngine starts a testEngine and puts a command for it in front of PATH: the one that
// HOLDFAST_TEST_DOCKER names, else this program, see engineCommand.
func startEngine(t *testing.T, names ...string) *testEngine {
	t.Helper()
	e := &testEngine{containers: map[string]*testContainer{}, commands: map[string]*testCommand{}}
	e.left = sync.NewCond(&e.mu)
	dir, err := os.MkdirTemp("", "hfe-")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(e.serve)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	program := os.Getenv("HOLDFAST_TEST_DOCKER")
	if program == "" {
		if program, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range append(names, "docker") {
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(dir, "s"))
	t.Setenv("DOCKER_CONFIG", dir)
	t.Cleanup(func() {
		e.idle() // what we started in a container ends when we are done
		_ = server.Close()
		<-served
		_ = os.RemoveAll(dir)
	})
	return e
}

// add makes a container; an ID names it too.
func (e *testEngine) add(name string, c *testContainer) *testContainer {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.id = fmt.Sprintf("%064x", len(e.containers)+1)
	e.containers[name], e.containers[c.id] = c, c
	return c
}

// stop stops a container: what runs in it is killed.
func (e *testEngine) stop(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.containers[name].stopped = true
	for _, c := range e.commands {
		if c.running && c.container == e.containers[name] {
			_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
		}
	}
}

// restart starts a container again.
func (e *testEngine) restart(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.containers[name].stopped = false
}

// restrict gives a container other programs, see withPath: those of the commands that are asked for from
// now on.
func (e *testEngine) restrict(t *testing.T, name string, programs ...string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	withPath(t, e.containers[name], programs...)
}

// counts counts the commands that were run in containers so far and those that run now.
func (e *testEngine) counts() (started, running int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.commands {
		if c.running {
			running++
		}
	}
	return e.started, running
}

// idle waits until no command has a client any more; each has ended by then.
func (e *testEngine) idle() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.attended > 0 {
		e.left.Wait()
	}
}

// asked gives all that was asked for so far as text.
func (e *testEngine) asked() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return fmt.Sprint(e.log)
}

func (e *testEngine) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if strings.HasPrefix(path[0], "v1.") {
		path = path[1:]
	}
	w.Header().Set("Api-Version", "1.45")
	w.Header().Set("Ostype", "linux")
	switch {
	case len(path) == 1 && path[0] == "_ping":
		_, _ = io.WriteString(w, "OK")
	case len(path) == 2 && path[1] == "json":
		e.list(w)
	case path[0] == "containers":
		e.container(w, r, path[1], path[2])
	case path[0] == "exec":
		_, _ = io.Copy(io.Discard, r.Body) // what follows it is the command's input
		e.exec(w, path[1], path[2])
	default:
		http.NotFound(w, r)
	}
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (e *testEngine) list(w http.ResponseWriter) {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := []map[string]any{}
	for name, c := range e.containers {
		if !c.stopped && name != c.id {
			list = append(list, map[string]any{"Id": c.id, "Names": []string{"/" + name}})
		}
	}
	answer(w, 200, list)
}

func (e *testEngine) container(w http.ResponseWriter, r *http.Request, name, verb string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.containers[name]
	switch {
	case c == nil:
		answer(w, 404, map[string]string{"message": "No such container: " + name})
	case verb == "json":
		for other, same := range e.containers {
			if same == c && other != c.id {
				name = other
			}
		}
		answer(w, 200, map[string]any{
			"Id": c.id, "Name": "/" + name, "Config": map[string]any{"Image": c.image, "Env": c.env, "Cmd": []string{"postgres"}},
			"NetworkSettings": map[string]any{"Ports": map[string]any{"5432/tcp": c.ports}}, "HostConfig": map[string]any{},
		})
	case c.stopped:
		answer(w, 409, map[string]string{"message": "container " + c.id + " is not running"})
	default:
		var asked struct{ Cmd []string }
		_ = json.NewDecoder(r.Body).Decode(&asked)
		id := fmt.Sprintf("%064x", 1000+len(e.commands))
		e.commands[id] = c.command(asked.Cmd)
		e.log = append(e.log, asked.Cmd)
		answer(w, 201, map[string]string{"Id": id})
	}
}

func (e *testEngine) exec(w http.ResponseWriter, id, verb string) {
	if verb == "json" {
		e.mu.Lock()
		defer e.mu.Unlock()
		c := e.commands[id]
		answer(w, 200, map[string]any{"ID": id, "Running": c.running, "ExitCode": c.code, "Pid": 1})
		return
	}
	c := e.receive(id)
	defer e.dismiss()
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
	e.attend(c, conn, buffered.Reader)
}

// command makes a command of a container, ready to start.
func (c *testContainer) command(asked []string) *testCommand {
	argv := slices.Concat(c.prefix, asked)
	if len(c.prefix) == 0 && c.path != "" {
		argv[0] = filepath.Join(c.path, argv[0])
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Dir = "/"
	if c.path != "" {
		cmd.Env = []string{"PATH=" + c.path}
	}
	return &testCommand{container: c, name: asked[0], cmd: cmd}
}

// receive notes that a client has come for a command, dismiss that it has gone.
func (e *testEngine) receive(id string) *testCommand {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.attended++
	return e.commands[id]
}

func (e *testEngine) dismiss() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.attended--
	e.left.Broadcast()
}

// attend runs a command for a client.
func (e *testEngine) attend(c *testCommand, conn net.Conn, from *bufio.Reader) {
	var input sync.WaitGroup
	defer input.Wait() // ends with the connection
	defer conn.Close()
	var lock sync.Mutex
	c.cmd.Stdout, c.cmd.Stderr = &framer{&lock, conn, 1}, &framer{&lock, conn, 2}
	in, err := c.cmd.StdinPipe()
	if err != nil || !e.start(c) {
		fmt.Fprintf(c.cmd.Stderr, "OCI runtime exec failed: exec failed: unable to start container process: exec: %q: executable file not found in $PATH: unknown\r\n", c.name)
		return
	}
	input.Go(func() {
		_, _ = io.Copy(in, from)
		_ = in.Close()
	})
	_ = c.cmd.Wait()
	e.end(c)
}

// start starts a command, where its container runs and has it.
func (e *testEngine) start(c *testCommand) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.container.stopped || c.cmd.Start() != nil {
		c.code = 127
		return false
	}
	c.running = true
	e.started++
	return true
}

// end notes that a command ended, and how.
func (e *testEngine) end(c *testCommand) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.running, c.code = false, c.cmd.ProcessState.ExitCode()
	if c.code < 0 {
		c.code = 137
	}
}

// framer writes one of the streams that share a connection. It never fails: what a client that
// is gone does not read is thrown away.
type framer struct {
	lock *sync.Mutex
	to   io.Writer
	kind byte
}

func (f *framer) Write(p []byte) (int, error) {
	f.lock.Lock()
	defer f.lock.Unlock()
	head := make([]byte, 8)
	head[0] = f.kind
	binary.BigEndian.PutUint32(head[4:], uint32(len(p)))
	_, _ = f.to.Write(append(head, p...))
	return len(p), nil
}

// isolate makes a folder of the server's programs whose postgres runs in a network of its own,
// where nobody from outside reaches a TCP port. "" when this machine does not let us.
func isolate(t *testing.T, programs string) string {
	t.Helper()
	const enter = "unshare --user --map-current-user --keep-caps --net"
	probe := exec.Command("sh", "-c", enter+" ip link set lo up")
	tie(probe)
	if err := runAsServer(probe); err != nil {
		t.Fatal(err)
	}
	if out, err := probe.CombinedOutput(); err != nil {
		t.Logf("no network of its own here: %s", bytes.TrimSpace(out))
		return ""
	}
	dir, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	script := "#!/bin/sh\nexec " + enter + ` sh -c 'ip link set lo up; exec "$0" "$@"' "` + programs + `/postgres" "$@"` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "postgres"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(programs, "initdb"), filepath.Join(dir, "initdb")); err != nil {
		t.Fatal(err)
	}
	return dir
}
