package engine

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"holdfast/backup"
	"holdfast/backup/postgres"
)

// TestStockAge opens a sealed download of each format with the age command, which takes the passphrase at
// its terminal, and reads what comes out with the stock tool of the format.
func TestStockAge(t *testing.T) {
	t.Parallel()
	age, err := exec.LookPath("age")
	if err != nil {
		t.Fatal("age is missing: install the package age")
	}
	server, e, dir := privateServer(t), open(t), t.TempDir()
	_, err = e.InitVault(t.Context(), InitVault{})
	must(t, err)
	must(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return "correct horse", nil }))
	run(t, server, "CREATE DATABASE shop", "postgres")
	run(t, server, "CREATE TABLE orders AS SELECT n, repeat(md5(n::text), 3) AS note FROM generate_series(1, 700) n", "shop")
	folder := filepath.Join(dir, "uploads")
	must(t, os.Mkdir(folder, 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "one"), []byte("first"), 0o600))
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: server.Socket("shop"), Media: []string{folder}}, PutSandbox{})
	must(t, err)
	b, err := e.CreateBackup(t.Context(), "shop", "", 0)
	must(t, err)

	for format, read := range map[string]func(t *testing.T, path string){
		"dump": func(t *testing.T, path string) {
			loaded(t, server, "from_dump", "pg_restore", "--dbname=from_dump", path)
		},
		"sql": func(t *testing.T, path string) {
			loaded(t, server, "from_sql", "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname=from_sql", "--file="+path)
		},
		"json": func(t *testing.T, path string) {
			var snapshot struct {
				Manifest struct {
					Backup backup.ID `json:"backup"`
				} `json:"manifest"`
				Data map[string][]map[string]any `json:"data"`
			}
			text, err := os.ReadFile(path)
			must(t, err)
			must(t, json.Unmarshal(text, &snapshot))
			rows := snapshot.Data["public.orders"]
			if snapshot.Manifest.Backup != b.ID || len(rows) != 700 || !strings.HasPrefix(rows[0]["note"].(string), "c4ca4238a0b923820dcc509a6f75849b") {
				t.Errorf("the snapshot is of %s, with %d rows", snapshot.Manifest.Backup, len(rows))
			}
		},
		"media.tar.zst": func(t *testing.T, path string) {
			out, err := exec.Command("tar", "--zstd", "-xOf", path, "media/uploads/one").CombinedOutput()
			if err != nil || string(out) != "first" {
				t.Errorf("tar says %q: %v", out, err)
			}
		},
	} {
		t.Run(format, func(t *testing.T) {
			sealed, opened := filepath.Join(dir, "sealed."+format), filepath.Join(dir, "opened."+format)
			_, err := e.Download(t.Context(), DownloadRequest{Ref: string(b.ID), Format: format, Out: sealed, Passphrase: "battery staple"})
			must(t, err)
			openWith(t, age, "battery staple", opened, sealed)
			read(t, opened)
		})
	}
}

// openWith lets age open a file, and types the passphrase where it asks.
func openWith(t *testing.T, age, passphrase, opened, sealed string) {
	t.Helper()
	person, program := openTerminal(t)
	cmd := exec.Command(age, "-d", "-o", opened, sealed)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	must(t, cmd.Start())
	must(t, program.Close())
	fmt.Fprintln(person, passphrase)
	said, _ := io.ReadAll(person) // a terminal ends with an error
	if err := cmd.Wait(); err != nil {
		t.Fatalf("age: %v\n%s", err, said)
	}
}

// loaded reads a file into a new database with a stock tool, and looks at what is in it then.
func loaded(t *testing.T, server *postgres.Private, database, tool string, args ...string) {
	t.Helper()
	run(t, server, "CREATE DATABASE "+database, "postgres")
	c := server.Socket(database)
	cmd := exec.Command(filepath.Join(toolFolder(t), tool), args...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, out)
	}
	if sum := run(t, server, "SELECT sum(n) || ' ' || min(length(note)) FROM orders", database); sum != "245350 96" {
		t.Errorf("%s brings %s", tool, sum)
	}
}
