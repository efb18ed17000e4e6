package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"

	"github.com/jackc/pgx/v5"
)

// crowded is a server on which a plain role has its databases and few sessions.
type crowded struct {
	*bench

	admin *bench
	hogs  []*pgx.Conn
}

func startCrowded(t *testing.T) *crowded {
	t.Helper()
	p := ownServer(t, ownDir(t), WithSetting("max_connections", "16"), WithSetting("max_wal_senders", "0"), WithSetting("superuser_reserved_connections", "2"))
	admin := &bench{Server: testServer(), t: t, sb: backup.Sandbox{Name: "test", Connection: p.Socket("live")}}
	plain := *admin
	plain.sb.Connection.User = "plain"
	t.Cleanup(func() { _ = p.Crash() })
	admin.run("template1", "CREATE ROLE plain LOGIN CREATEDB", "CREATE DATABASE live OWNER plain TEMPLATE template0")
	c := &crowded{bench: &plain, admin: admin}
	c.run("live", append(words(), "CREATE SCHEMA IF NOT EXISTS own", "CREATE TABLE own.big AS SELECT n, repeat(md5(n::text), 9) AS v FROM generate_series(1, 4000) AS n",
		"ALTER TABLE own.big ADD PRIMARY KEY (n)", "CREATE INDEX ON own.big (v)", "SELECT lo_from_bytea(0, 'x')")...)
	return c
}

// leave takes sessions until the plain role may have so many more.
func (c *crowded) leave(n int) {
	c.t.Helper()
	c.free()
	for c.room() > n {
		c.hogs = append(c.hogs, c.admin.open("template1"))
	}
	c.admin.eventually("those on their way out are gone", func() bool { return c.room() >= n })
}

// room is how many more sessions the plain role may have.
func (c *crowded) room() int {
	c.t.Helper()
	text := c.admin.text("template1", strings.Replace(strings.Replace(roomSQL, "session_user", "'plain'", 1), "$1", "'live'", 1))
	n, err := strconv.Atoi(text)
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

func (c *crowded) free() {
	for _, conn := range c.hogs {
		closeConn(conn)
	}
	c.hogs = nil
	c.admin.eventually("they are gone", func() bool { return c.admin.strangers() == "0" })
}

// TestTooManyConnections has other sessions take what the server has, all but a few: a backup and a
// restore go on with fewer of their own, or fail with cause and remedy and leave everything as it was.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	c := startCrowded(t)
	m, parts := c.capture("live")
	row := tally.Of(t, "postgres: no connection left")
	limits := map[string]func(n int){
		"the server's": c.leave,
		"the role's":   func(n int) { c.admin.run("template1", fmt.Sprintf("ALTER ROLE plain CONNECTION LIMIT %d", n)) },
		"the database's": func(n int) {
			c.admin.run("template1", fmt.Sprintf("ALTER DATABASE live CONNECTION LIMIT %d", n))
		},
	}
	for whose, limit := range limits {
		worked := map[string]int{}
		for _, n := range []int{0, 2, 5, 7} {
			limit(n)
			row.Try(whose)
			_, err := c.Capture(t.Context(), c.sb, newShelf(), nil)
			c.tolerable(whose, "backup", n, err)
			if err == nil && worked["backup"] == 0 {
				worked["backup"] = n
			}
			job := c.job("shadow_of_live")
			err = c.Fill(t.Context(), job, m, parts, nil)
			c.tolerable(whose, "restore", n, err)
			if err == nil && worked["restore"] == 0 {
				worked["restore"] = n
			}
			c.free()
			c.admin.run("template1", "DROP DATABASE IF EXISTS shadow_of_live", "ALTER ROLE plain CONNECTION LIMIT -1", "ALTER DATABASE live CONNECTION LIMIT -1")
			if got := c.admin.databases(); !slices.Equal(got, []string{"live"}) {
				row.Left("%s %d: databases %q", whose, n, got)
			}
		}
		t.Logf("%s: enough sessions for a backup are %d, for a restore %d", whose, worked["backup"], worked["restore"])
		if worked["backup"] == 0 || worked["backup"] > 5 || whose != "the database's" && worked["restore"] == 0 {
			t.Errorf("%s: enough sessions for a backup are %d, for a restore %d", whose, worked["backup"], worked["restore"])
		}
	}
}

func (c *crowded) tolerable(whose, work string, n int, err error) {
	c.t.Helper()
	if err == nil {
		return
	}
	fault := backup.AsError(err)
	if fault.Kind != backup.Unreachable || !strings.Contains(fault.Hint, "max_connections") {
		c.t.Errorf("%s with %d sessions of %s: %s %v | %s | %v", work, n, whose, fault.Kind, err, fault.Hint, fault.Err)
	}
}
