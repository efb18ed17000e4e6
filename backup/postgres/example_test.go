package postgres_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"holdfast/backup"
	"holdfast/backup/postgres"
)

// What people paste is understood, and the password is parted from the rest.
func ExampleParseDSN() {
	c, password, _, err := postgres.ParseDSN("postgresql+asyncpg://app:hunter2@localhost:5433/shop?schema=public")
	fmt.Println(c.Host, c.Port, c.Database, c.User, len(password), err)
	// Output:
	// localhost 5433 shop app 7 <nil>
}

// A private server is on a socket of its own, and gone when it is stopped.
func ExampleStartPrivate() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "private")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // as root, the server runs as another user
		fmt.Println(err)
		return
	}
	private, err := postgres.StartPrivate(ctx, filepath.Join(dir, "server"), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())
	if err != nil {
		fmt.Println(err)
		return
	}
	sandbox := backup.Sandbox{Name: "mine", Connection: private.Connection("postgres")}
	server := &postgres.Server{Password: func(backup.Sandbox) (string, error) { return "", nil }, Clock: time.Now}
	fmt.Println("answers:", server.Ping(ctx, sandbox) == nil)
	fmt.Println("stopped:", private.Stop(ctx) == nil)
	fmt.Println("answers:", server.Ping(ctx, sandbox) == nil)
	// Output:
	// answers: true
	// stopped: true
	// answers: false
}
