//go:build !windows

package postgres

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
)

// TestContainerRoundTrip backs up, restores, swaps and undoes through a container, once for each
// kind of bridge.
func TestContainerRoundTrip(t *testing.T) {
	b, e := containerBench(t)
	kinds := map[string][]string{"perl": {"sh", "perl"}, "bash": {"sh", "bash", "dd"}}
	b.roles()
	for kind, programs := range kinds {
		t.Run(kind, func(t *testing.T) {
			b := b.with(t)
			e.restrict(t, "pg", programs...)
			b.clean()
			b.fresh("shop", rich()...)
			m, parts := b.capture("shop")
			if err := b.Prepare(t.Context(), b.sb, m); err != nil {
				t.Fatal(err)
			}
			job := b.job("shadow")
			b.fill(job, m, parts)
			same(t, b.dump("shop"), b.dump("shadow"))
			if err := b.Reread(t.Context(), job, m, nil); err != nil {
				t.Error(err)
			}
			b.run("shop", "DROP TABLE plain CASCADE")
			swap := backup.SwapJob{Sandbox: b.sb, Run: job.Run, Live: "shop", Shadow: "shadow", Aside: "aside", Props: &m.Database}
			if err := b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if got := b.text("shop", "SELECT count(*) FROM pg_class WHERE relname = 'plain'"); got != "1" {
				t.Error("not restored")
			}
			back := backup.SwapJob{Sandbox: b.sb, Run: backup.NewID(), Live: "shop", Shadow: "aside", Aside: "second"}
			if err := b.Swap(t.Context(), back, func(backup.Stage) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if got := b.text("shop", "SELECT count(*) FROM pg_class WHERE relname = 'plain'"); got != "0" {
				t.Error("not undone")
			}
			b.eventually("no session is left", func() bool { return b.strangers() == "0" })
			b.nobodyLeft(e)
			b.clean()
		})
	}
	if strings.Contains(e.asked(), thePassword) {
		t.Error("the password is among the arguments")
	}
}

// TestContainerTools uses the client tools in the container, as this machine has none.
func TestContainerTools(t *testing.T) {
	b, e := containerBench(t)
	b.roles()
	b.fresh("shop", rich()...)
	outside := b.Server
	bare := *outside
	bare.Tools = t.TempDir()
	b.Server = &bare
	e.restrict(t, "pg", "sh", "perl")
	_, err := b.Preflight(t.Context(), b.on("shop"))
	wantKind(t, err, backup.Failed, "pg_dump and pg_restore were not found")

	e.restrict(t, "pg", insidePath(t)...)
	if p, err := b.Preflight(t.Context(), b.on("shop")); err != nil || p.ToolsVersion == "" {
		t.Fatal(p, err)
	}
	m, parts := b.capture("shop")
	if err := b.Prepare(t.Context(), b.sb, m); err != nil {
		t.Fatal(err)
	}
	job := b.job("shadow")
	b.fill(job, m, parts)
	if err := b.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	b.nobodyLeft(e)
	e.nothingInMemory(t)

	for name, stop := range map[string]func(cancel func()){
		"cancelled":                        func(cancel func()) { cancel() },
		"the engine's commands are killed": func(func()) { killChildren(t, "docker") },
	} {
		t.Run(name, func(t *testing.T) {
			b := b.with(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := b.Capture(ctx, b.on("shop"), newHookSink(func(_ int, name string) error {
				if name == backup.PartTOC {
					stop(cancel)
				}
				return nil
			}), nil)
			if err == nil {
				t.Error("it went well")
			}
			b.nobodyLeft(e)
			b.eventually("no session is left", func() bool { return b.strangers() == "0" })
			e.nothingInMemory(t)
		})
	}
	if strings.Contains(e.asked(), thePassword) {
		t.Error("the password is among the arguments")
	}
	b.Server = outside
	same(t, b.dump("shop"), b.dump("shadow"))
}

// TestContainerToolsEnd has a tool that runs on when nobody reads what it says.
func TestContainerToolsEnd(t *testing.T) {
	b, e := containerBench(t)
	e.restrict(t, "pg", append(insidePath(t), "sleep", "cat", "wc")...)
	ctx, cancel := context.WithCancel(t.Context())
	extra, err := memfile("extra")
	if err != nil {
		t.Fatal(err)
	}
	defer dropMemfile(extra)
	if err := extra.Truncate(3*4096 + 17); err != nil {
		t.Fatal(err)
	}
	run := func(script string, stdin io.Reader) (*child, *bytes.Buffer) {
		kid := b.child(ctx, b.sb, "postgres", "sh", []string{"-c", script}, extra)
		out := &bytes.Buffer{}
		kid.inside, kid.stdout, kid.stdin = true, out, stdin
		return kid, out
	}
	kid, out := run(`env; wc -c <"$0"; cat; exit 3`, strings.NewReader("the rest\x00\n"))
	kid.arg(kid.path(0))
	err = kid.run()
	wantKind(t, err, backup.Failed, "sh failed")
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 3 {
		t.Errorf("exit code: %v", err)
	}
	for _, want := range []string{"12305\n", "the rest\x00\n", "PGHOST=127.0.0.1\n", "PGPASSFILE=f0\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %q", want, out.String())
		}
	}
	if strings.Contains(out.String(), thePassword) {
		t.Error("the password is in the environment")
	}

	read, write := io.Pipe()
	kid, _ = run(`echo ready; exec sleep 1000`, nil)
	kid.stdout = write
	if err := kid.start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(read, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	cancel()
	wantKind(t, kid.wait(), backup.Cancelled)
	b.nobodyLeft(e)
	e.nothingInMemory(t)
}

// big is a table that a COPY does not put into buffers whole.
const big = "CREATE TABLE big AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 60000)"

// TestContainerBreaks ends captures in the middle of a COPY.
func TestContainerBreaks(t *testing.T) {
	b, e := containerBench(t)
	b.comeback = 10 * time.Millisecond // a container that stopped does not come back by itself
	b.fresh("live", big)
	middle := func(do func()) *hookSink {
		return newHookSink(func(_ int, name string) error {
			if strings.HasPrefix(name, backup.DirTables) {
				do()
			}
			return nil
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err := b.Capture(ctx, b.sb, middle(cancel), nil)
		wantKind(t, err, backup.Cancelled)
		b.eventually("no session is left", func() bool { return b.strangers() == "0" })
		b.nobodyLeft(e)
	})
	t.Run("the engine's commands are killed", func(t *testing.T) {
		_, err := b.Capture(t.Context(), b.sb, middle(func() { killChildren(t, "docker") }), nil)
		wantKind(t, err, backup.Unreachable, "PostgreSQL in container pg (docker)") // whether a session was up or coming up
		b.eventually("no session is left", func() bool { return b.strangers() == "0" })
		b.nobodyLeft(e)
	})
	t.Run("the container stops", func(t *testing.T) {
		_, err := b.Capture(t.Context(), b.sb, middle(func() { e.stop("pg") }), nil)
		wantKind(t, err, backup.Unreachable, "container pg (docker)")
		wantKind(t, b.Ping(t.Context(), b.sb), backup.Unreachable, "does not run", "docker start pg")
		b.nobodyLeft(e)
		e.restart("pg")
		if err := b.Ping(t.Context(), b.sb); err != nil {
			t.Error(err)
		}
	})
}

// TestContainerTrouble has what goes wrong before there is a connection.
func TestContainerTrouble(t *testing.T) {
	e := startEngine(t)
	e.add("stopped", &testContainer{stopped: true})
	e.add("bare", withPath(t, &testContainer{}))
	e.add("poor", withPath(t, &testContainer{}, "sh"))
	e.add("loud", withPath(t, &testContainer{prefix: []string{"sh", "-c", `echo "welcome to this fine shell"; exec "$@"`, "sh"}}, "sh"))
	e.add("perl", withPath(t, &testContainer{}, "sh", "perl"))
	e.add("bash", withPath(t, &testContainer{}, "sh", "bash", "dd"))
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	try := func(c backup.Connection) error {
		if c.Port == 0 {
			c.Port = port
		}
		return testServer().Ping(t.Context(), backup.Sandbox{Connection: c})
	}
	in := func(name string) backup.Connection {
		return backup.Connection{Container: backup.Container{Engine: "docker", Name: name}}
	}
	wantKind(t, try(in("unknown")), backup.Unreachable, "docker knows no container unknown", "docker ps -a")
	wantKind(t, try(in("stopped")), backup.Unreachable, "container stopped (docker) does not run", "docker start stopped")
	wantKind(t, try(in("bare")), backup.Unreachable, "neither perl nor bash")
	wantKind(t, try(in("poor")), backup.Unreachable, "neither perl nor bash")
	wantKind(t, try(in("loud")), backup.Unreachable, `says "welcome to this`)
	for _, name := range []string{"perl", "bash"} {
		wantKind(t, try(in(name)), backup.Unreachable, "PostgreSQL in container "+name+" (docker) does not answer yet", "docker logs "+name)
	}
	socket := in("perl")
	socket.Host = t.TempDir()
	wantKind(t, try(socket), backup.Unreachable, "does not answer yet")
	secure := in("perl")
	secure.Params = map[string]string{"sslmode": "require"}
	wantKind(t, try(secure), backup.Usage, "without TLS")
	for _, name := range []string{"-it", "a b", "a;b", "é", strings.Repeat("x", 300)} {
		wantKind(t, try(in(name)), backup.Usage, "is no name of a container")
	}
	hostless := in("perl")
	hostless.Host = "-h"
	wantKind(t, try(hostless), backup.Usage, "is no host name")
	if started, running := e.counts(); running != 0 || started != 5 {
		t.Errorf("%d commands ran, %d still do", started, running)
	}

	t.Setenv("DOCKER_HOST", "unix:///nowhere")
	wantKind(t, try(in("perl")), backup.Unreachable, "docker does not run", "systemctl start docker")
	t.Setenv("PATH", t.TempDir())
	wantKind(t, try(in("perl")), backup.Unreachable, "docker is not installed")
}

// TestContainerDialEnds has a container in which nothing answers.
func TestContainerDialEnds(t *testing.T) {
	e := startEngine(t)
	e.add("slow", &testContainer{prefix: []string{"sh", "-c", "cat >/dev/null", "sh"}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for started := 0; started == 0; started, _ = e.counts() {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	err := testServer().Ping(ctx, backup.Sandbox{Connection: backup.Connection{Container: backup.Container{Engine: "docker", Name: "slow"}}})
	wantKind(t, err, backup.Cancelled)
}
