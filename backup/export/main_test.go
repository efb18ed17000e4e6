package export

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/testkit"

	"go.uber.org/goleak"
)

// Other versions of PostgreSQL are tried by naming folders in the environment:
// HOLDFAST_TEST_SERVER has initdb and postgres, HOLDFAST_TEST_TOOLS has pg_dump, pg_restore and psql.

// theServer is the one private server that tests share.
var theServer = testkit.Shared[*postgres.Private]{
	Start: func(folder string) (*postgres.Private, error) {
		return postgres.StartPrivate(context.Background(), folder,
			postgres.WithoutFsync(), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithSetting("wal_level", "logical"))
	},
	Stop: func(server *postgres.Private) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return server.Stop(ctx)
	},
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := theServer.End(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func sharedServer(t testing.TB) *postgres.Private {
	t.Helper()
	return theServer.Get(t)
}

// tool gives the path of a client program.
func tool(t testing.TB, name string) string {
	t.Helper()
	if folder := os.Getenv("HOLDFAST_TEST_TOOLS"); folder != "" {
		return filepath.Join(folder, name)
	}
	paths, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s is missing: install the package postgresql-client", name)
	}
	return paths[len(paths)-1]
}

// command is a client program that is connected to a database.
func command(t testing.TB, database, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := sharedServer(t).Socket(database)
	cmd := exec.Command(tool(t, name), args...)
	cmd.Env = append(os.Environ(), "PGHOST="+c.Host, "PGPORT="+strconv.Itoa(int(c.Port)), "PGUSER="+c.User, "PGDATABASE="+database)
	return cmd
}

// output runs a client program, which must not complain: what it writes.
func output(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", cmd.Args, err, said.String())
	}
	return string(out)
}

// run executes statements, each for itself.
func run(t testing.TB, database string, statements ...string) {
	t.Helper()
	cmd := command(t, database, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1")
	cmd.Stdin = strings.NewReader(strings.Join(append([]string{"SET client_min_messages = error"}, statements...), ";\n") + ";\n")
	output(t, cmd)
}

// ask gives the answer to a query.
func ask(t testing.TB, database, query string) string {
	t.Helper()
	return strings.TrimSuffix(output(t, command(t, database, "psql", "-X", "-A", "-t", "-c", query)), "\n")
}

// fresh makes a database that is dropped with the test, and runs statements in it.
func fresh(t testing.TB, name, options string, statements ...string) {
	t.Helper()
	run(t, "template1", "CREATE DATABASE "+quoteIdent(name)+" TEMPLATE template0 "+options)
	t.Cleanup(func() { run(t, "template1", "DROP DATABASE "+quoteIdent(name)+" WITH (FORCE)") })
	if len(statements) > 0 {
		run(t, name, statements...)
	}
}

// capture takes a backup of a database into memory.
func capture(t testing.TB, database string, exclude ...string) (*backup.Manifest, shelf) {
	t.Helper()
	s := &postgres.Server{
		Tools: filepath.Dir(tool(t, "pg_dump")), Home: "0123456789abcdef", Workers: 2,
		Clock: func() time.Time { return time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC) },
	}
	parts := shelf{}
	m, err := s.Capture(t.Context(), backup.Sandbox{Name: "test", Connection: sharedServer(t).Socket(database), ExcludeTables: exclude}, &sink{shelf: parts}, nil)
	if err != nil {
		t.Fatalf("%v (%s)", err, backup.AsError(err).Hint)
	}
	return m, parts
}

// shelf keeps the parts of a backup in memory.
type shelf map[string][]byte

func (s shelf) Open(_ context.Context, name string) (io.ReadCloser, error) {
	text, ok := s[name]
	if !ok {
		return nil, backup.Errorf(backup.Damaged, "", "the part %s is not there", name)
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

// edited gives a shelf on which one part is what change makes of it.
func (s shelf) edited(name string, change func([]byte) []byte) shelf {
	other := maps.Clone(s)
	other[name] = change(slices.Clone(s[name]))
	return other
}

// sink fills a shelf.
type sink struct {
	mu    sync.Mutex
	shelf shelf
}

func (s *sink) Create(_ context.Context, name string) (backup.PartWriter, error) {
	return &part{sink: s, name: name}, nil
}

func (s *sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.shelf)
}

type part struct {
	bytes.Buffer

	sink *sink
	name string
}

func (p *part) Seal() error {
	p.sink.mu.Lock()
	defer p.sink.mu.Unlock()
	p.sink.shelf[p.name] = p.Bytes()
	return nil
}

func (p *part) Discard() {}

// contents is pg_dump's text of a database, its lines sorted: rows have no order.
func contents(t testing.TB, database string, args ...string) []string {
	t.Helper()
	lines := slices.Sorted(strings.Lines(output(t, command(t, database, "pg_dump", args...))))
	return slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, `\restrict`) || strings.HasPrefix(line, `\unrestrict`) || // random each time
			strings.Contains(line, " SET (pg_attver=") // a note of some servers, which their own pg_dump hides
	})
}

// same compares two lists line by line.
func same(t testing.TB, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("missing: %.200s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("too much: %.200s", line)
		}
	}
	if !t.Failed() {
		t.Errorf("lines differ in number: %d and %d", len(want), len(got))
	}
}
