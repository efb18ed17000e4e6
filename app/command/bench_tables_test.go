//go:build bench

package command_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// benchTables is how many small tables are measured, and benchRounds how often.
const (
	benchTables = 2000
	benchRounds = 5
)

// TestBenchTables compares a database of many small tables with pg_dump and pg_restore: each
// command in turn, the median of the pairs' ratios.
func TestBenchTables(t *testing.T) {
	asInstalled(t)
	server := startServer(t)
	for _, shape := range []struct{ name, columns, rows, index string }{
		{"bare", "id int PRIMARY KEY, name text, at timestamptz DEFAULT now()", "(id, name) SELECT g, md5(g::text) FROM generate_series(1, 10) g", ""},
		{"usual", "id bigserial PRIMARY KEY, owner bigint, name text NOT NULL, at timestamptz DEFAULT now(), payload jsonb",
			"(owner, name, payload) SELECT g, md5(g::text), jsonb_build_object('k', g) FROM generate_series(1, 20) g", "CREATE INDEX ON item_%1$s (name);"},
	} {
		t.Run(shape.name, func(t *testing.T) {
			l := newLive(t, server, shape.name, "")
			for from := 1; from <= benchTables; from += 200 { // no more locks than a server has
				l.must(execSQL(server, shape.name, fmt.Sprintf(`DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE format('CREATE TABLE item_%%1$s(%s); INSERT INTO item_%%1$s%s; %s', i); END LOOP; END $$`,
					from, from+199, shape.columns, quoted(shape.rows), shape.index)))
			}
			l.must(execSQL(server, shape.name, "ANALYZE"))
			file := filepath.Join(l.dir, "peer.dump")
			l.run(0, "backup", "create", "shop", "--quiet")
			l.compare(fmt.Sprintf("%d %s tables: backup / pg_dump -Fc", benchTables, shape.name), 1.3, 0.8, func(int) *exec.Cmd { return l.command("backup", "create", "shop", "--quiet") },
				func(int) *exec.Cmd { return l.peer("pg_dump", "-Fc", "-f", file) })
			l.compare(fmt.Sprintf("%d %s tables: restore / pg_restore -j2", benchTables, shape.name), 0, 0, func(n int) *exec.Cmd {
				return l.command("restore", "latest:shop", "--to-database", fmt.Sprintf("ours_%d", n), "--approve-file", l.approval(), "--quiet")
			}, func(n int) *exec.Cmd {
				name := fmt.Sprintf("%s_peer_%d", shape.name, n)
				l.must(execSQL(server, "postgres", "CREATE DATABASE "+name))
				return l.peer("pg_restore", "-j2", "-d", name, file)
			})
			dropCopies(t, server, shape.name)
		})
	}
}

// quoted is a text for the inside of a quoted one.
func quoted(text string) string {
	var doubled []rune
	for _, r := range text {
		if r == '\'' {
			doubled = append(doubled, r)
		}
		doubled = append(doubled, r)
	}
	return string(doubled)
}

// peer is one of PostgreSQL's own programs, on the sandbox's database.
func (l *live) peer(program string, args ...string) *exec.Cmd {
	c := l.server.Connection(l.database)
	cmd := exec.Command(filepath.Join(l.server.Programs(), program), args...)
	cmd.Env = append(slices.Clone(l.env), "PGHOST="+c.Host, fmt.Sprintf("PGPORT=%d", c.Port), "PGUSER="+c.User, "PGDATABASE="+c.Database)
	if program == "pg_restore" {
		cmd.Env = cmd.Env[:len(cmd.Env)-1]
	}
	return cmd
}

// compare runs two commands in turn and logs what the first takes of the second's time.
func (l *live) compare(what string, must, goal float64, ours, peers func(n int) *exec.Cmd) {
	l.t.Helper()
	var ratios []float64
	var mine, theirs []time.Duration
	for n := range benchRounds {
		a, b := l.time(ours(n)), l.time(peers(n))
		mine, theirs, ratios = append(mine, a), append(theirs, b), append(ratios, a.Seconds()/b.Seconds())
	}
	slices.Sort(ratios)
	f := tally.Figure{
		What: what, Ours: fmt.Sprintf("%.2f s", middle(mine).Seconds()), Peer: fmt.Sprintf("%.2f s", middle(theirs).Seconds()),
		Value: ratios[benchRounds/2], Low: ratios[0], High: ratios[benchRounds-1], Must: must, Goal: goal,
	}
	f.Report(l.t)
}

func (l *live) time(cmd *exec.Cmd) time.Duration {
	l.t.Helper()
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("%s: %v\n%s", filepath.Base(cmd.Path), err, out)
	}
	return time.Since(start)
}

// dropCopies removes what was restored, so that the next shape has the server to itself.
func dropCopies(t *testing.T, server *postgres.Private, shape string) {
	t.Helper()
	for n := range benchRounds {
		for _, name := range []string{fmt.Sprintf("ours_%d", n), fmt.Sprintf("%s_peer_%d", shape, n)} {
			if err := execSQL(server, "postgres", "DROP DATABASE "+name); err != nil {
				t.Fatal(err)
			}
		}
	}
}
