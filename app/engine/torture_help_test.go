//go:build unix

package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// arena is a home with a vault and one sandbox, "shop", on a server of its own.
type arena struct {
	t      *testing.T
	dir    string
	server *postgres.Private
	good   string    // fingerprint of the database when the backup was taken
	bad    string    // and when it is damaged
	backup backup.ID // of the good state
}

// tortureSQL makes something of each kind that a restore has a stage for.
const tortureSQL = `
	CREATE TABLE state AS SELECT 'good'::text AS v;
	CREATE TABLE item (id bigserial PRIMARY KEY, text text NOT NULL);
	INSERT INTO item (text) SELECT repeat(md5(n::text), 8) FROM generate_series(1, 4000) AS n;
	CREATE TABLE part (id int PRIMARY KEY, item bigint NOT NULL REFERENCES item);
	INSERT INTO part SELECT n, n FROM generate_series(1, 1000) AS n;
	CREATE INDEX ON part (item);
	CREATE MATERIALIZED VIEW lengths AS SELECT length(text) AS l, count(*) FROM item GROUP BY 1;
	SELECT lo_from_bytea(0, decode(repeat('ab', 20000), 'hex')) FROM generate_series(1, 20);
	CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
	CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION watch();`

// damageSQL makes of any state of the database the same damaged one.
const damageSQL = `
	UPDATE state SET v = 'bad';
	DELETE FROM part WHERE id % 2 = 0;
	DELETE FROM item WHERE id > 2000 AND id % 3 = 0;
	SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = (SELECT min(oid) FROM pg_largeobject_metadata HAVING count(*) = 20);
	REFRESH MATERIALIZED VIEW lengths;`

const fingerprintSQL = `SELECT concat_ws('/', (SELECT v FROM state),
	(SELECT count(*) || ' ' || md5(string_agg(id || text, '' ORDER BY id)) FROM item),
	(SELECT count(*) || ' ' || sum(item) FROM part), (SELECT count(*) FROM pg_largeobject_metadata),
	(SELECT sum(count) FROM lengths), (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'), (SELECT count(*) FROM pg_event_trigger))`

// newArena makes the home and its server, with a database that sql fills.
func newArena(t *testing.T, sql string) *arena {
	t.Helper()
	return newArenaIn(t, filepath.Dir(reachable(t)), sql)
}

// newArenaIn is newArena in a folder.
func newArenaIn(t *testing.T, dir, sql string, options ...postgres.PrivateOption) *arena {
	t.Helper()
	a := &arena{t: t, dir: dir}
	must(t, os.MkdirAll(filepath.Join(a.dir, "tmp"), 0o700))
	var err error
	a.server, err = postgres.StartPrivate(t.Context(), filepath.Join(a.dir, "server"), append(options, postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())...)
	must(t, err)
	t.Cleanup(func() { must(t, a.server.Stop(context.Background())) })
	a.exec("postgres", "CREATE DATABASE shop")
	a.exec("shop", sql)
	a.with(func(e *Engine) {
		must(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return tortureApproval, nil }))
		_, err := e.InitVault(t.Context(), InitVault{})
		must(t, err)
		_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: a.server.Connection("shop")}, PutSandbox{})
		must(t, err)
	})
	return a
}

// newTorture is an arena with a backup of the good state, and a damaged live database.
func newTorture(t *testing.T) *arena {
	t.Helper()
	a := newArena(t, tortureSQL)
	a.good = a.fingerprint("shop")
	a.backup = a.take()
	a.exec("shop", damageSQL)
	a.bad = a.fingerprint("shop")
	return a
}

// take makes a backup of the shop.
func (a *arena) take() (id backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		b, err := e.CreateBackup(a.t.Context(), "shop", "", 0)
		must(a.t, err)
		id = b.ID
	})
	return id
}

// restore brings a backup back, all of it.
func (a *arena) restore(id backup.ID) (rec *backup.Restore) {
	a.t.Helper()
	a.with(func(e *Engine) {
		var err error
		rec, err = e.Restore(a.t.Context(), RestoreRequest{Ref: string(id)})
		must(a.t, err)
	})
	return rec
}

// undo takes a restore back.
func (a *arena) undo(id backup.ID) (rec *backup.Restore) {
	a.t.Helper()
	a.with(func(e *Engine) {
		var err error
		rec, err = e.Undo(a.t.Context(), string(id), false, 0)
		must(a.t, err)
	})
	return rec
}

func (a *arena) home() string { return filepath.Join(a.dir, "home") }

// with is one life of the program.
func (a *arena) with(do func(*Engine)) {
	a.t.Helper()
	e, err := Open(a.t.Context(), tortureOptions(a.home(), nil))
	must(a.t, err)
	defer func() { must(a.t, e.Close(context.Background())) }()
	do(e)
}

func (a *arena) exec(database, sql string) {
	a.t.Helper()
	must(a.t, a.try(database, sql))
}

func (a *arena) try(database, sql string) error {
	conn, err := a.connect(database)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.PgConn().Exec(context.Background(), sql).ReadAll()
	return err
}

func (a *arena) connect(database string) (*pgx.Conn, error) {
	c := a.server.Connection(database)
	cfg, err := pgx.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	return pgx.ConnectConfig(context.Background(), cfg)
}

// text gives the one value of a query, "" for NULL.
func (a *arena) text(database, sql string) string {
	a.t.Helper()
	conn, err := a.connect(database)
	must(a.t, err)
	defer conn.Close(context.Background())
	var value *string
	must(a.t, conn.QueryRow(context.Background(), sql).Scan(&value))
	if value == nil {
		return ""
	}
	return *value
}

func (a *arena) fingerprint(database string) string {
	a.t.Helper()
	return a.text(database, fingerprintSQL)
}

// databases gives the names of all but the server's own.
func (a *arena) databases() []string {
	a.t.Helper()
	return strings.Fields(a.text("postgres", "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')"))
}

// kill runs a victim to its death.
func (a *arena) kill(v victim) {
	a.t.Helper()
	v.Home = a.home()
	text, err := json.Marshal(v)
	must(a.t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestTortureVictim$", "-test.count=1")
	cmd.Env = append(environment(a.dir), victimEnv+"="+string(text))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	_ = cmd.Run() // how it ended is looked at next
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		a.t.Fatalf("the victim ended by itself: %s\n%s", cmd.ProcessState, said.String())
	}
}

// recover is the next start of the program. What is still going on at the server for the dead one
// may end a little later: the next start after that finds it.
func (a *arena) recover() (starts int) {
	a.t.Helper()
	for starts = 1; ; starts++ {
		var found backup.Recovery
		a.with(func(e *Engine) {
			var err error
			found, err = e.Recover(a.t.Context())
			must(a.t, err)
		})
		if len(found.Pending) == 0 {
			return starts
		}
		if starts == 5 {
			a.t.Fatalf("never recovered: %q", found.Pending)
		}
	}
}

// settled checks that nothing is left of any run but what the books say.
func (a *arena) settled() {
	a.t.Helper()
	a.quiet()
	want := []string{}
	a.with(func(e *Engine) {
		restores, err := e.Restores(a.t.Context())
		must(a.t, err)
		for _, r := range restores {
			if r.Status == backup.StatusRunning || r.Unsettled {
				a.t.Errorf("the restore %s is still open: %s, %s", r.ID, r.Status, r.Stage)
			}
			if r.Status == backup.StatusCompleted && r.Replaced != "" && !r.ReplacedGone {
				want = append(want, r.Replaced)
			}
			if r.Status == backup.StatusCompleted && r.Target != "shop" {
				want = append(want, r.Target)
			}
		}
		all, err := e.History(a.t.Context(), backup.Query{Deleted: true})
		must(a.t, err)
		for _, b := range all {
			if b.Status == backup.StatusRunning || b.Uncleaned || b.DeletedBy != "" && b.Status != backup.StatusDeleted {
				a.t.Errorf("the backup %s is still open: %s, uncleaned %v", b.ID, b.Status, b.Uncleaned)
			}
		}
	})
	want = append(want, "shop")
	slices.Sort(want)
	if got := a.databases(); !slices.Equal(got, want) {
		a.t.Errorf("databases on the server: %q, the books say %q", got, want)
	}
	if banned := a.text("postgres", "SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datallowconn AND datname <> 'template0'"); banned != "" {
		a.t.Errorf("databases that refuse sessions: %s", banned)
	}
	a.noFiles()
}

// quiet waits until no session of a dead process is left; the server ends them by itself.
func (a *arena) quiet() {
	a.t.Helper()
	const left = `SELECT string_agg(what, ', ') FROM (
		SELECT application_name || ' ' || coalesce(state, '') AS what FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'
		UNION ALL SELECT 'advisory lock ' || objid FROM pg_locks WHERE locktype = 'advisory') AS l`
	deadline := time.Now().Add(20 * time.Second)
	for last := a.text("postgres", left); last != ""; last = a.text("postgres", left) {
		if time.Now().After(deadline) {
			a.t.Fatalf("left on the server: %s", last)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// noFiles finds no temporary file.
func (a *arena) noFiles() {
	a.t.Helper()
	temporary := regexp.MustCompile(`\.tmp|\.holdfast-`)
	for _, dir := range []string{"home", "tmp"} {
		must(a.t, filepath.WalkDir(filepath.Join(a.dir, dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && (temporary.MatchString(d.Name()) || dir == "tmp" && d.Name() != "tmp") {
				a.t.Errorf("left behind: %s", path)
			}
			return err
		}))
	}
}

// whole checks that the live database is one of the states, wholly, and says which.
func (a *arena) whole(states ...string) string {
	a.t.Helper()
	got := a.fingerprint("shop")
	if !slices.Contains(states, got) {
		a.t.Errorf("the live database is %q, none of %q", got, states)
	}
	return got
}

// works checks that the next backup and the next restore do, and damages the database again.
func (a *arena) works() {
	a.t.Helper()
	a.take()
	a.restore(a.backup)
	a.whole(a.good)
	a.damage()
}

// damage drops what was kept and brings the database to its damaged state again.
func (a *arena) damage() {
	a.t.Helper()
	var kept []backup.ID
	a.with(func(e *Engine) {
		all, err := e.Restores(a.t.Context())
		must(a.t, err)
		for _, r := range all {
			if r.Status == backup.StatusCompleted && r.Replaced != "" && !r.ReplacedGone {
				kept = append(kept, r.ID)
			}
		}
	})
	a.drop(kept...)
	a.exec("shop", damageSQL)
	a.whole(a.bad)
}

// drop gives the space of replaced databases back.
func (a *arena) drop(restores ...backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		for _, id := range restores {
			_, err := e.Undo(a.t.Context(), string(id), true, 0)
			must(a.t, err)
		}
	})
}

// roundsTime is when the second and third round are left out, unless more is asked for.
const roundsTime = 12 * time.Second

// each tries the moments in turn: every one three times, or so many tries in all as the environment
// says, and every one at least once.
func (a *arena) each(moments []string, try func(at string, within time.Duration)) {
	a.t.Helper()
	row := tally.Of(a.t, "")
	tried := 0
	for range max(len(moments), tally.Rounds(a.t, 3*len(moments))) {
		at, round := moments[tried%len(moments)], tried/len(moments)
		if round > 0 && row.Over(roundsTime) {
			break
		}
		row.Try(at)
		try(at, spread(round))
		tried++
		if a.t.Failed() {
			a.t.Fatalf("after a death at %q, round %d", at, round)
		}
	}
	a.t.Logf("%d deaths at %d moments", tried, len(moments))
}

// spread lets the first round die at the very moment, later ones within some time after it.
func spread(round int) time.Duration {
	return time.Duration(round%4) * 40 * time.Millisecond
}

// restart starts the stopped server again; it listens somewhere else then, and the books follow.
func (a *arena) restart(options ...postgres.PrivateOption) {
	a.t.Helper()
	var err error
	a.server, err = postgres.StartPrivate(a.t.Context(), filepath.Join(a.dir, "server"), append(options, postgres.WithoutFsync())...)
	must(a.t, err)
	a.with(func(e *Engine) {
		for _, s := range e.Sandboxes() {
			s.Connection = a.server.Connection(s.Connection.Database)
			_, err := e.EditSandbox(a.t.Context(), s, PutSandbox{})
			must(a.t, err)
		}
	})
}
