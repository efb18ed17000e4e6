//go:build unix

package controller_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/app/controller"
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/platform"
	"holdfast/views"
)

// patience bounds every wait for something that must come.
const patience = 2 * time.Minute

const phrase = "correct horse"

// bench is a controller on a home of its own, with a private PostgreSQL that has the databases
// shop and blog, each a sandbox. It is the window too: it keeps what it is told.
type bench struct {
	*controller.Controller
	t      *testing.T
	server *postgres.Private
	dir    string

	seen // as of the last look of until

	mu      sync.Mutex
	live    seen
	changed chan struct{} // closed when something was told
}

// seen is what the window was told.
type seen struct {
	state    views.State
	question *views.Question
	closings int // how often the prompt was closed
	notes    []string
	at       views.Place // what a click on the last one opens
	attempts []views.Attempt
	folder   string // that was opened last
	said     *backup.Fault
	stages   []entered // of runs of shop
}

// entered is how far a run was when a stage of it began.
type entered struct {
	stage    string
	fraction float64
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := newServer(t)
	b.engine(func(e *engine.Engine) {
		must(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return phrase, nil }))
		_, err := e.InitVault(t.Context(), engine.InitVault{})
		must(t, err)
		for _, name := range []string{"shop", "blog"} {
			_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: name, Connection: b.server.Connection(name)}, engine.PutSandbox{})
			must(t, err)
		}
	})
	b.start()
	b.until("the first state", func() bool { return len(b.state.Sandboxes) == 2 })
	return b
}

// start makes the controller of the home.
func (b *bench) start() {
	life, end := context.WithCancel(context.Background())
	b.Controller = controller.New(life, "test", b, time.Now)
	b.t.Cleanup(func() { end(); b.Wait() })
	b.Refresh()
}

// TestMain reads the window's texts, as the program does.
func TestMain(m *testing.M) {
	if err := views.Speak("en"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// newServer makes a home with nothing in it, and a server with two databases.
func newServer(t *testing.T) *bench {
	t.Helper()
	dir, err := os.MkdirTemp("", "hf-ctl-") // short: it holds a socket
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o711)) // as root, the server's own user passes through
	t.Setenv("HOLDFAST_HOME", filepath.Join(dir, "home"))
	t.Setenv(engine.KeyFileEnv, filepath.Join(dir, "key"))
	b := &bench{t: t, dir: dir, changed: make(chan struct{})}
	b.server, err = postgres.StartPrivate(t.Context(), filepath.Join(dir, "server"), postgres.WithoutFsync())
	must(t, err)
	t.Cleanup(func() { must(t, b.server.Stop(context.Background())) })
	for _, name := range []string{"shop", "blog"} {
		b.sql("postgres", "CREATE DATABASE "+name)
		b.sql(name, "CREATE TABLE orders AS SELECT g AS id FROM generate_series(1, 1000) g; CREATE TABLE kept AS SELECT 1 AS x")
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// engine is the command beside the window.
func (b *bench) engine(do func(*engine.Engine)) {
	b.t.Helper()
	paths := platform.PathsIn(filepath.Join(b.dir, "home"))
	e, err := engine.Open(b.t.Context(), engine.Options{Version: "test", Now: time.Now, Paths: &paths, KeyFile: filepath.Join(b.dir, "key")})
	must(b.t, err)
	do(e)
	must(b.t, e.Close(context.Background()))
}

func (b *bench) connect(database string) *pgx.Conn {
	b.t.Helper()
	c := b.server.Connection(database)
	cfg, err := pgx.ParseConfig("sslmode=disable")
	must(b.t, err)
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	conn, err := pgx.ConnectConfig(b.t.Context(), cfg)
	must(b.t, err)
	return conn
}

// sql runs statements and gives the last one's first value.
func (b *bench) sql(database, statements string) string {
	b.t.Helper()
	conn := b.connect(database)
	defer func() { must(b.t, conn.Close(context.Background())) }()
	results, err := conn.PgConn().Exec(b.t.Context(), statements).ReadAll()
	must(b.t, err)
	if rows := results[len(results)-1].Rows; len(rows) > 0 {
		return string(rows[0][0])
	}
	return ""
}

// tell keeps something and wakes who waits for it.
func (b *bench) tell(keep func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	keep()
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *bench) Show(s views.State) {
	b.tell(func() {
		b.live.state = s
		if len(s.Sandboxes) == 0 || s.Sandboxes[0].Busy == nil {
			return
		}
		if busy := s.Sandboxes[0].Busy; !slices.ContainsFunc(b.live.stages, func(e entered) bool { return e.stage == busy.Progress.Stage }) {
			b.live.stages = append(b.live.stages, entered{busy.Progress.Stage, busy.Fraction})
		}
	})
}
func (b *bench) Ask(q *views.Question) {
	b.tell(func() {
		b.live.question = q
		if q == nil {
			b.live.closings++
		}
	})
}
func (b *bench) Attempt(a views.Attempt) {
	b.tell(func() { b.live.attempts = append(b.live.attempts, a) })
}
func (b *bench) Added(string) {}
func (b *bench) Notify(title, _ string) {
	b.tell(func() { b.live.notes = append(b.live.notes, title) })
}
func (b *bench) NotifyAt(title, text string, at views.Place) {
	b.Notify(title, text)
	b.tell(func() { b.live.at = at })
}
func (b *bench) OpenFolder(path string) error {
	b.tell(func() { b.live.folder = path })
	return nil
}
func (b *bench) Say(f *backup.Fault) {
	b.tell(func() { b.live.said = f })
}
func (b *bench) shop() views.Sandbox { return b.state.Sandboxes[0] }
func (b *bench) blog() views.Sandbox { return b.state.Sandboxes[1] }

// until waits for something to be true of what the window was told, and leaves that in b.
func (b *bench) until(what string, holds func() bool) {
	b.t.Helper()
	end := time.After(patience)
	for {
		b.mu.Lock()
		b.seen = b.live
		next := b.changed
		b.mu.Unlock()
		if holds() {
			return
		}
		select {
		case <-next:
		case <-end:
			b.t.Fatalf("waited in vain: %s; %+v; setup %+v; notes %q", what, b.state, b.state.Setup, b.notes)
		}
	}
}

// backUp takes a backup of shop and waits for it.
func (b *bench) backUp() backup.ID {
	b.t.Helper()
	had := len(b.shop().Backups)
	b.BackUp("shop", "")
	b.until("a backup of shop", func() bool { return b.shop().Busy == nil && len(b.shop().Backups) > had })
	if newest := b.shop().Backups[0]; newest.Status != backup.StatusCompleted {
		b.t.Fatalf("the backup is %s: %+v", newest.Status, newest.Error)
	}
	return b.shop().Backups[0].ID
}

// held makes backups of a sandbox wait until the function that it gives is called.
func (b *bench) held(sandbox string) (release func()) {
	b.t.Helper()
	pipe := filepath.Join(b.dir, "held-"+sandbox)
	must(b.t, syscall.Mkfifo(pipe, 0o600))
	b.edit(sandbox, func(s *backup.Sandbox) { s.Before = "cat " + pipe })
	return func() {
		b.t.Helper()
		f, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		must(b.t, err)
		must(b.t, f.Close())
		b.edit(sandbox, func(s *backup.Sandbox) { s.Before = "" })
	}
}

func (b *bench) edit(sandbox string, change func(*backup.Sandbox)) {
	b.t.Helper()
	b.engine(func(e *engine.Engine) {
		s, err := e.Sandbox(sandbox)
		must(b.t, err)
		change(&s)
		_, err = e.EditSandbox(b.t.Context(), s, engine.PutSandbox{})
		must(b.t, err)
	})
}

// approve answers the prompt that is open, or comes.
func (b *bench) approve() {
	b.t.Helper()
	b.until("the prompt", func() bool { return b.question != nil })
	b.Approve(phrase)
}
