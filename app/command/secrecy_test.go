package command_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backup/postgres"
)

// TestNothingSecretInClear looks at every process and every file while a database is backed up
// and restored: the password is in no argument and no environment, a marker stored in a table
// and in a large object is in no file.
func TestNothingSecretInClear(t *testing.T) {
	t.Parallel()
	password, marker := rand.Text(), "marker-"+rand.Text()
	server := startServer(t, postgres.WithTCP(password))
	dir := t.TempDir()
	passwordFile := filepath.Join(dir, "password")
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := newLiveWith(t, server, "secrecy", shopSQL+fmt.Sprintf(`
		CREATE TABLE secrets AS SELECT n, '%[1]s' AS text FROM generate_series(1, 1000) AS n;
		SELECT lo_from_bytea(815, convert_to('%[1]s', 'UTF8'));`, marker), "--password-file", passwordFile)

	w := &watcher{t: t, dir: l.dir, password: []byte(password), marker: []byte(marker), stop: make(chan struct{}), stopped: make(chan struct{})}
	go w.watch()
	l.run(0, "backup", "create", "shop")
	l.must(execSQL(server, "secrecy", "DELETE FROM secrets"))
	_, stderr := l.run(0, "restore", "latest:shop", "--approve-file", l.approval())
	close(w.stop)
	<-w.stopped
	w.files()

	if got := l.query("SELECT count(*) FROM secrets"); got != "1000" {
		t.Errorf("%s rows came back", got)
	}
	if strings.Contains(stderr, password) || strings.Contains(stderr, marker) {
		t.Error("the progress shows a secret")
	}
	if w.tools.Load() == 0 {
		t.Error("no client tool was seen, so nothing was looked at")
	}
	for _, found := range w.found {
		t.Error(found)
	}
}

// TestSecretFilesStayClosed looks at every process and every file of the home while secret files are
// looked for, reminded of and exported: what is in them is nowhere but in the file that was asked for
// in clear, and in no output.
func TestSecretFilesStayClosed(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	marker := "marker-" + rand.Text()
	place := t.TempDir()
	code, out := filepath.Join(place, "code"), filepath.Join(place, "out")
	for path, text := range map[string]string{
		"code/.env":         "REDIS_URL=redis://:" + marker + "@localhost:6379/0\nS3_ENDPOINT=https://" + marker + ":x@s3.example.org\nBROKEN='" + marker,
		"code/.env.local":   "MYSQL=mysql://ann:a/" + marker + "@localhost/x\nTOKEN=" + marker + "\n",
		"code/compose.yaml": "services: {cache: {image: 'redis', command: 'redis-server --requirepass " + marker + "'}}\n",
		"code/token":        marker,
		"seal":              "seal " + marker[:4],
		"out/.keep":         "",
	} {
		path = filepath.Join(place, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	l := newLiveWith(t, server, "closed", "CREATE TABLE t AS SELECT 1 AS x", "--code", code, "--secret", filepath.Join(code, "token"))
	w := &watcher{t: t, dir: l.dir, password: []byte(rand.Text()), marker: []byte(marker), stop: make(chan struct{}), stopped: make(chan struct{})}
	go w.watch()
	var said strings.Builder
	run := func(args ...string) {
		t.Helper()
		stdout, stderr := l.run(0, args...)
		said.WriteString(stdout + stderr)
	}
	run("remind", "--json")
	run("sandbox", "show", "shop", "--json")
	run("secrets", "list", "shop", "--json")
	for format, sealed := range map[string]bool{"age": true, "keepass": true, "bitwarden": false, "1password": false} {
		file := filepath.Join(out, format)
		args := []string{"secrets", "export", "shop", "--format", format, "--out", file, "--approve-file", l.approval(), "--json"}
		if sealed {
			args = append(args, "--seal-file", filepath.Join(place, "seal"))
		}
		run(args...)
		text, err := os.ReadFile(file)
		l.must(err)
		if bytes.Contains(text, []byte(marker)) == sealed {
			t.Errorf("%s: the secret in clear: %v", format, !sealed)
		}
	}
	l.must(os.WriteFile(filepath.Join(code, "token"), []byte(marker+"2"), 0o600))
	run("remind")
	run("backup", "create", "shop")
	run("audit", "--json")
	waitFor(l.stay(), "holdfast: ")
	bundle := filepath.Join(place, "diagnostics.zip")
	run("config", "diagnostics", "--out", bundle)
	close(w.stop)
	<-w.stopped
	w.files()
	if strings.Contains(said.String(), marker) || strings.Contains(unzipped(t, bundle), marker) {
		t.Error("a secret is shown")
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 5 {
		t.Errorf("beside the exports: %v, %v", left, err)
	}
	for _, found := range w.found {
		t.Error(found)
	}
}

// unzipped gives what all files of an archive say.
func unzipped(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var all strings.Builder
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(&all, in)
		if err := errors.Join(err, in.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// TestWrongPassword: exit code, cause, remedy, and no password in the text.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	password := rand.Text()
	server := startServer(t, postgres.WithTCP(password))
	dir := t.TempDir()
	wrong, right := filepath.Join(dir, "wrong"), filepath.Join(dir, "right")
	for path, text := range map[string]string{wrong: rand.Text(), right: password} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := newLiveWith(t, server, "passwords", "CREATE TABLE t AS SELECT 1 AS x", "--password-file", right)
	_, stderr := l.run(4, "sandbox", "edit", "shop", "--password-file", wrong)
	if !strings.Contains(stderr, "password") || !strings.Contains(stderr, "fix:") || strings.Contains(stderr, password) {
		t.Errorf("the error says: %s", stderr)
	}
	l.run(0, "backup", "create", "shop") // the one that was kept still holds
	l.must(server.Stop(t.Context()))
	_, stderr = l.run(4, "backup", "create", "shop")
	if !strings.Contains(stderr, "cannot reach PostgreSQL") || !strings.Contains(stderr, "fix:") {
		t.Errorf("a server that is down: %s", stderr)
	}
}

// watcher looks for secrets in clear until it is stopped.
type watcher struct {
	t                *testing.T
	dir              string
	password, marker []byte
	stop, stopped    chan struct{}
	tools            atomic.Int64
	found            []string
}

func (w *watcher) watch() {
	defer close(w.stopped)
	for round := 0; ; round++ {
		select {
		case <-w.stop:
			return
		case <-time.After(2 * time.Millisecond):
		}
		w.processes()
		if round%20 == 0 {
			w.files()
		}
	}
}

func (w *watcher) processes() {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		args, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		if bytes.Contains(args, []byte("pg_dump")) || bytes.Contains(args, []byte("pg_restore")) {
			w.tools.Add(1)
		}
		env, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ")) // it may have ended meanwhile
		w.look("arguments of "+path, args)
		w.look("environment of "+path, env)
	}
}

func (w *watcher) files() {
	_ = filepath.WalkDir(w.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil //nolint:nilerr // files come and go
		}
		text, _ := os.ReadFile(path)
		w.look(path, text)
		return nil
	})
}

func (w *watcher) look(where string, text []byte) {
	for what, secret := range map[string][]byte{"the password": w.password, "the marker": w.marker} {
		if bytes.Contains(text, secret) {
			w.found = append(w.found, what+" is in clear in "+where)
		}
	}
}
