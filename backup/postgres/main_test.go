package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/testkit"

	"go.uber.org/goleak"
)

// Other versions of PostgreSQL are tried by naming folders in the environment:
// HOLDFAST_TEST_SERVER has initdb and postgres, HOLDFAST_TEST_TOOLS has pg_dump and pg_restore.

// theServers are the private servers of the tests: each test has one for itself, its subtests have the same.
// They listen on a socket (no password) and over TCP (thePassword).
var theServers = testkit.Pool[*Private]{
	Start: func(folder string) (*Private, error) {
		return StartPrivate(context.Background(), folder,
			WithTCP(thePassword), WithoutFsync(), WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), WithSetting("max_prepared_transactions", "4"), WithSetting("wal_level", "logical"))
	},
	Stop: func(server *Private) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return server.Stop(ctx)
	},
}

// thePassword is what the tests' servers ask for over TCP.
const thePassword = `p:a\ss'word "with" ümlaut`

func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); slices.Contains(engines(), name) {
		os.Exit(engineCommand(os.Args[1:]))
	} else if name == strangerName {
		os.Exit(strangerCommand(os.Args[1:]))
	}
	code := m.Run()
	if err := theServers.End(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// sharedServer is the server of this test.
func sharedServer(t *testing.T) *Private {
	t.Helper()
	return theServers.Get(t)
}

// testServer is a Server with a fixed clock, for the private server's socket.
func testServer() *Server {
	return &Server{Tools: os.Getenv("HOLDFAST_TEST_TOOLS"), Home: "0123456789abcdef", Workers: 3, Clock: func() time.Time { return time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC) }}
}

// socketSandbox is one database of the shared server, over its socket.
func socketSandbox(t *testing.T, database string) backup.Sandbox {
	t.Helper()
	return backup.Sandbox{Name: "test", Connection: sharedServer(t).Socket(database)}
}

// sharedMajor is the shared server's version.
func sharedMajor(t *testing.T) int {
	t.Helper()
	conn, err := testServer().connect(t.Context(), socketSandbox(t, "postgres"), "postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(conn)
	_, num := serverVersion(conn)
	return num / 10000
}

var _ backup.Server = (*Server)(nil)
