package engine

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/testkit"
)

// TestRestoreText follows RESTORE.txt by its letters: its commands are typed into a shell at a
// terminal, with the recovery key where a password is asked for and with the one word filled in
// that the text tells the reader to fill in. HOLDFAST_TEST_SERVER and HOLDFAST_TEST_TOOLS choose
// the version of PostgreSQL.
func TestRestoreText(t *testing.T) {
	kopia := testkit.StockKopia(t)
	old, fresh := privateServer(t), privateServer(t)
	e := open(t)
	e.server.Tools = os.Getenv("HOLDFAST_TEST_TOOLS")
	made, err := e.InitVault(t.Context(), InitVault{})
	must(t, err)
	for _, sql := range troubleSQL() {
		run(t, old, sql, "postgres")
	}
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: old.Socket("postgres")}, PutSandbox{})
	must(t, err)
	b, err := e.CreateBackup(t.Context(), "shop", "", 0)
	must(t, err)
	_, err = e.CreateBackup(t.Context(), "shop", "another one", 0)
	must(t, err)

	r := &reader{t: t, key: string(made.Key), home: t.TempDir(), server: fresh, kopia: kopia}
	r.follow(readText(t, e, b.ID))
	if m := storedManifest(t, e, b.ID); len(m.LargeObjects.Parts) < 2 && toolsMajor(t) >= 17 {
		t.Errorf("the large objects are in %d parts; the test means several", len(m.LargeObjects.Parts))
	}
	want, got := plainDump(t, old, "postgres"), plainDump(t, fresh, "restored")
	if !slices.Equal(want, got) {
		t.Errorf("the restored database differs: %d and %d lines", len(want), len(got))
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("missing: %s", line)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(r.home, "backup", backup.PartReadme))
	must(t, err)
	if string(text) != readText(t, e, b.ID) {
		t.Error("the text that kopia gives is another one")
	}
	if _, err := os.Stat(filepath.Join(r.home, "kopia.config")); err == nil {
		t.Error("kopia stays connected")
	}
	r.damaged(filepath.Join(r.home, "backup"))
}

// troubleSQL makes a bit of everything that RESTORE.txt must bring back.
func troubleSQL() []string {
	return []string{
		`CREATE ROLE clerk LOGIN`, `CREATE ROLE "the reader's"`,
		`CREATE TYPE mood AS ENUM ('sad', 'happy')`,
		`CREATE TABLE orders (id serial PRIMARY KEY, note text, at timestamptz DEFAULT now(), twice int GENERATED ALWAYS AS (7) STORED)`,
		`INSERT INTO orders (note) SELECT CASE WHEN n % 5 > 0 THEN E'line\n\\.\n\ttab ü ' || n END FROM generate_series(1, 3000) n`,
		`ALTER TABLE orders OWNER TO clerk`,
		"CREATE TABLE \"it's a\nname \"\"%s\"\" :x \\q\" (\"co\nl'umn\" int, b bytea, f float8)",
		"INSERT INTO \"it's a\nname \"\"%s\"\" :x \\q\" VALUES (1, '\\xcafe', 0.1), (2, NULL, 'NaN')",
		`CREATE TABLE nothing ()`, `INSERT INTO nothing DEFAULT VALUES`, `CREATE TABLE hollow (a int)`,
		`CREATE TABLE hashed (k mood, n int) PARTITION BY HASH (k)`,
		`CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)`,
		`CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
		`INSERT INTO hashed SELECT k, n FROM unnest(enum_range(NULL::mood)) k, generate_series(1, 50) n`,
		`CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY, order_id int REFERENCES orders)`,
		`INSERT INTO items (order_id) SELECT 1 + n % 3000 FROM generate_series(1, 9000) n`,
		`CREATE SEQUENCE tickets START 5 INCREMENT 5`, `SELECT setval('tickets', 4710, false)::text`,
		`CREATE MATERIALIZED VIEW seen AS SELECT count(*) AS n FROM items`,
		`SELECT count(lo_from_bytea(n, decode(repeat(md5(n::text), 1 + n % 7), 'hex')))::text FROM generate_series(70001, 71500) n`,
		`SELECT lo_from_bytea(80001, decode(repeat('00ff0a5c', 300000), 'hex'))::text`,
		`GRANT SELECT ON LARGE OBJECT 80001 TO "the reader's"`,
	}
}

// reader is somebody who has the vault, its key and RESTORE.txt.
type reader struct {
	t      *testing.T
	key    string
	home   string
	server *postgres.Private
	kopia  string
	shown  string
}

var (
	password = regexp.MustCompile(`(?i)password[^\n]*: $`)
	snapshot = regexp.MustCompile(`\bk[0-9a-f]{32}\b`)
)

// follow runs the text's commands in one shell.
func (r *reader) follow(text string) {
	r.t.Helper()
	terminal, shell := r.shell()
	count := 0
	for line := range strings.Lines(text) {
		command, indented := strings.CutPrefix(line, "    ")
		if !indented {
			continue
		}
		if strings.Contains(command, "RENAME TO …") {
			break // the reader is done
		}
		count++
		r.command(terminal, r.filled(command), !strings.Contains(command, "globals.sql"))
	}
	if count != 9 {
		r.t.Errorf("the text has %d commands:\n%s", count, text)
	}
	fmt.Fprintln(terminal, "exit")
	r.until(terminal, "")
	must(r.t, shell.Wait())
}

// shell starts a shell at a terminal, with the servers and programs that the text asks for.
func (r *reader) shell() (*os.File, *exec.Cmd) {
	r.t.Helper()
	person, program := openTerminal(r.t)
	c := r.server.Socket("postgres")
	programs := r.home + "/bin"
	must(r.t, os.Mkdir(programs, 0o700))
	must(r.t, os.Symlink(r.kopia, programs+"/kopia"))
	cmd := exec.Command("/bin/sh", "-i")
	cmd.Dir = r.home
	cmd.Env = []string{
		"HOME=" + r.home, "PATH=" + programs + ":" + toolFolder(r.t) + ":/usr/bin:/bin", "PS1=", "PS2=", "TERM=dumb", "LC_ALL=C.UTF-8",
		"PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User, "KOPIA_CHECK_FOR_UPDATES=false",
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	must(r.t, cmd.Start())
	must(r.t, program.Close())
	fmt.Fprintln(person, "stty -echo; echo $((1 + 1))ready")
	r.until(person, "2ready\r\n")
	return person, cmd
}

// command types one command and waits for its end, which must be a good one.
func (r *reader) command(terminal *os.File, command string, good bool) {
	r.t.Helper()
	fmt.Fprintln(terminal, strings.TrimSuffix(command, "\n")+"; echo ended:$?:") // one line: what follows would answer a question
	said := r.until(terminal, "ended:")
	code := strings.TrimSuffix(r.until(terminal, ":"), ":")
	if good && code != "0" {
		r.t.Fatalf("%s\nended with %s:\n%s", command, code, said)
	}
	r.shown = said
}

// until reads what is shown up to a mark, or to the end, and types the key where it is asked for.
func (r *reader) until(terminal *os.File, mark string) string {
	r.t.Helper()
	var shown []byte
	one := make([]byte, 1)
	must(r.t, terminal.SetReadDeadline(time.Now().Add(2*time.Minute)))
	for mark == "" || !bytes.HasSuffix(shown, []byte(mark)) {
		if _, err := terminal.Read(one); err != nil {
			if mark != "" {
				r.t.Fatalf("the shell ended: %v\n%s", err, shown)
			}
			break // the other end is closed
		}
		shown = append(shown, one[0])
		if password.Match(shown) {
			fmt.Fprintln(terminal, r.key)
			shown = append(shown, '\n')
		}
	}
	return string(shown)
}

// damaged hurts the files one by one: restore.sh must not say that the database is complete.
func (r *reader) damaged(folder string) {
	files, err := filepath.Glob(filepath.Join(folder, "data", "*.copy"))
	must(r.t, err)
	more, err := filepath.Glob(filepath.Join(folder, "large-objects", "*"))
	must(r.t, err)
	run(r.t, r.server, "CREATE DATABASE again TEMPLATE template0", "postgres")
	for _, file := range slices.Concat(files[:2], more[:1]) {
		whole, err := os.ReadFile(file)
		must(r.t, err)
		for what, hurt := range map[string]func() error{
			"cut": func() error {
				return os.Truncate(file, int64(1+bytes.LastIndexByte(whole[:max(0, len(whole)-1)], '\n')))
			}, // a row less
			"gone": func() error { return os.Remove(file) },
		} {
			must(r.t, hurt())
			c := r.server.Socket("again")
			cmd := exec.Command("sh", filepath.Join(folder, "restore.sh"), "again")
			cmd.Env = []string{"PATH=" + toolFolder(r.t) + ":/usr/bin:/bin", "PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User}
			if out, err := cmd.CombinedOutput(); err == nil || bytes.Contains(out, []byte("is complete")) {
				r.t.Errorf("%s is %s, and nobody says so:\n%s", file, what, out)
			}
			run(r.t, r.server, "DROP DATABASE again", "postgres")
			run(r.t, r.server, "CREATE DATABASE again TEMPLATE template0", "postgres")
			must(r.t, os.WriteFile(file, whole, 0o600))
		}
	}
}

// openTerminal makes a terminal: the person's end, and the program's.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { person.Close() })
	raw, err := person.SyscallConn() // Fd would make reads wait without end
	must(t, err)
	var n int
	must(t, raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	}))
	must(t, err)
	program, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	return person, program
}

func privateServer(t *testing.T) *postgres.Private {
	t.Helper()
	server, err := postgres.StartPrivate(t.Context(), reachable(t), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())
	must(t, err)
	t.Cleanup(func() { _ = server.Stop(t.Context()) })
	return server
}

// toolFolder is where psql and pg_restore of the server's version are.
func toolFolder(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("HOLDFAST_TEST_TOOLS"); folder != "" {
		return folder
	}
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_restore")
	must(t, err)
	if len(folders) == 0 {
		t.Fatal("no client tools of PostgreSQL are installed")
	}
	return filepath.Dir(slices.Max(folders))
}

func toolsMajor(t *testing.T) int {
	t.Helper()
	out, err := exec.Command(filepath.Join(toolFolder(t), "pg_dump"), "--version").Output()
	must(t, err)
	major, err := strconv.Atoi(regexp.MustCompile(`\) (\d+)`).FindStringSubmatch(string(out))[1])
	must(t, err)
	return major
}

// plainDump is pg_dump's text of a database, its lines sorted: rows have no order.
func plainDump(t *testing.T, server *postgres.Private, database string) []string {
	t.Helper()
	c := server.Socket(database)
	cmd := exec.Command(filepath.Join(toolFolder(t), "pg_dump"), "--dbname="+database, "--host="+c.Host, "--port="+strconv.Itoa(int(c.Port)), "--username="+c.User)
	out, err := cmd.Output()
	must(t, err)
	lines := slices.Sorted(strings.Lines(string(out)))
	return slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, `\restrict`) || strings.HasPrefix(line, `\unrestrict`) // random each time
	})
}

// readText is RESTORE.txt as it is in the vault.
func readText(t *testing.T, e *Engine, id backup.ID) string {
	t.Helper()
	parts, err := e.vault.Read(t.Context(), id, 0)
	must(t, err)
	defer parts.Close()
	part, err := parts.Open(t.Context(), backup.PartReadme)
	must(t, err)
	defer part.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(part)
	must(t, err)
	return text.String()
}

func storedManifest(t *testing.T, e *Engine, id backup.ID) *backup.Manifest {
	t.Helper()
	parts, err := e.vault.Read(t.Context(), id, 0)
	must(t, err)
	must(t, parts.Close())
	return parts.Manifest()
}
