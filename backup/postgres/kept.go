package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"
)

// Kept is a private server that outlives whoever started it. Its data and the folder of its socket
// have fixed places, so that a later process finds it again, running or not.
//
// Hazard: two processes that start or stop it at the same time are to be kept apart by the caller.
type Kept struct {
	Folder  string // data and log; only its owner may enter it, and the server when root runs it
	Sockets string // folder of its socket, short: the path of a socket may have 107 bytes
}

// keptPort is part of the socket's name; the server listens on no network.
const keptPort = 5432

// keptGrace is how long the server may take to end in order, and then to end at once.
const keptGrace = 20 * time.Second

// Connection says how to reach one of the server's databases.
func (k Kept) Connection(database string) backup.Connection {
	return backup.Connection{Host: k.Sockets, Port: keptPort, Database: database, User: privateUser}
}

func (k Kept) data() string { return filepath.Join(k.Folder, "data") }

// Start starts the server, and makes its data first if they are not there. It returns when the
// server takes connections, at once when it does already. Missing programs, and a version of them
// that does not fit the data, are Failed.
func (k Kept) Start(ctx context.Context) error {
	if k.Runs(ctx) {
		return nil
	}
	programs, err := k.programs()
	if err != nil {
		return privateError(err)
	}
	if err := errors.Join(k.makeSockets(), k.disown()); err != nil {
		return privateError(err)
	}
	cfg := &privateConfig{programs: programs, kept: &k}
	p, err := newPrivate(k.Folder, cfg)
	if err != nil {
		return privateError(err)
	}
	err = p.prepare(ctx, cfg)
	if err == nil {
		err = p.launch(ctx, cfg)
	}
	return privateError(errors.Join(err, p.letGo()))
}

// programs finds the server that made the data, or for new ones the newest.
func (k Kept) programs() (string, error) {
	text, err := os.ReadFile(filepath.Join(k.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return "", backup.Errorf(backup.Damaged, "Remove it and make it anew.", "the data of the private server are torn: PG_VERSION says nothing")
	}
	if found := newestServer(major); found != "" {
		return found, nil
	}
	return "", backup.Errorf(backup.Failed, "Install that server (package postgresql-"+strconv.Itoa(major)+"), or remove it and make it anew.",
		"the data are of PostgreSQL %d, whose server is not installed here any more", major)
}

// makeSockets makes the folder of the socket, and takes none that somebody else made.
func (k Kept) makeSockets() error {
	if err := os.Mkdir(k.Sockets, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(k.Sockets)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !ownedByServer(info) {
		return backup.Errorf(backup.Refused, "Remove it, if it is nothing of yours.", "%s is in the way: it is not a folder of this user alone", k.Sockets)
	}
	return nil
}

// Runs says whether the server takes connections.
func (k Kept) Runs(ctx context.Context) bool {
	if k.pid() == 0 {
		return false
	}
	conn, err := (&Server{}).connect(ctx, backup.Sandbox{Connection: k.Connection("postgres")}, "postgres")
	if err != nil {
		return false
	}
	closeConn(conn)
	return true
}

// pid is the number of the server's process, 0 when there is none. A number that another process
// has by now is not taken.
func (k Kept) pid() int {
	text, err := os.ReadFile(filepath.Join(k.data(), "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 || !servesFrom(pid, k.Sockets) {
		return 0
	}
	return pid
}

// disown makes the lock file of a server that is gone ours: another process may have its number by
// now, or nobody asked for its exit code, and then a new server refuses to start. That of its parent it
// passes over, and still looks at the rest of the file: whether the old one's memory is in use.
func (k Kept) disown() error {
	path := filepath.Join(k.data(), "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && k.pid() != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	lock := filepath.Join(k.Sockets, fmt.Sprintf(".s.PGSQL.%d.lock", keptPort))
	if err := os.Remove(lock); err != nil && !errors.Is(err, fs.ErrNotExist) { // it names no memory
		return err
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	return os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600)
}

// Stop ends the server by the number of its process: in order, and at once when that takes long. One
// that does not run is no error.
func (k Kept) Stop(ctx context.Context) error {
	for _, immediate := range []bool{false, true} {
		pid := k.pid()
		if pid == 0 {
			return privateStop(os.RemoveAll(k.Sockets))
		}
		process, err := os.FindProcess(pid)
		if err != nil {
			return privateStop(err)
		}
		if err := askServer(process, immediate); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return privateStop(err)
		}
		if k.awaitEnd(ctx, pid) {
			return privateStop(os.RemoveAll(k.Sockets))
		}
	}
	return privateStop(backup.Errorf(backup.Failed, "See its log: "+filepath.Join(k.Folder, "server.log"), "it does not end (process %d)", k.pid()))
}

func privateStop(err error) error { return backup.WithOp("stop the private PostgreSQL", err) }

// awaitEnd waits until the process is gone, for a while.
func (k Kept) awaitEnd(ctx context.Context, pid int) bool {
	bounded, stop := context.WithTimeout(ctx, keptGrace)
	defer stop()
	for servesFrom(pid, k.Sockets) {
		if bounded.Err() != nil {
			return false
		}
		pause(bounded, 20*time.Millisecond)
	}
	return true
}

// Fill makes a database out of SQL text. One of that name that is there is dropped first.
func (k Kept) Fill(ctx context.Context, database, sql string) error {
	name := quoteIdent(database)
	for _, step := range []struct{ in, sql string }{
		{"postgres", "DROP DATABASE IF EXISTS " + name},
		{"postgres", "CREATE DATABASE " + name},
		{database, sql},
	} {
		if err := k.exec(ctx, step.in, step.sql); err != nil {
			return backup.WithOp("fill "+database, err)
		}
	}
	return nil
}

func (k Kept) exec(ctx context.Context, database, sql string) error {
	conn, err := (&Server{}).connect(ctx, backup.Sandbox{Connection: k.Connection(database)}, database)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if _, err := conn.Exec(ctx, "SET search_path = public"); err != nil {
		return explain(k.Connection(database), err)
	}
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return explain(k.Connection(database), err)
}
