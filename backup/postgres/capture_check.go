package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/backup/pgarchive"

	"github.com/jackc/pgx/v5"
)

const (
	codeLockTimeout = "55P03"
	lockTry         = time.Second            // how long one try waits for a lock
	lockPause       = 500 * time.Millisecond // between two tries, so that others come through
	lockPatience    = time.Minute            // how long all tries go on
)

// lockTries is how often a lock is tried.
func (s *Server) lockTries() int {
	patience := s.patience
	if patience == 0 {
		patience = lockPatience
	}
	return max(1, int(patience/(lockTry+lockPause)))
}

// lockSQL begins a transaction that waits shortly for locks; the settings end with it.
func lockSQL(then ...string) string {
	return fmt.Sprintf("%s; SET LOCAL lock_timeout = %d; %s; SET LOCAL lock_timeout = 0",
		beginSQL, lockTry.Milliseconds(), strings.Join(then, "; "))
}

// beginSnapshot begins a transaction under the snapshot.
func (c *capture) beginSnapshot() string {
	return beginSQL + "; SET TRANSACTION SNAPSHOT " + quoteLiteral(c.snapshot)
}

// lock starts conn's transaction under the snapshot and locks t against being changed.
//
// LOCK takes no snapshot, and what is imported stands before it; so the order does not matter
// to what is seen.
func (c *capture) lock(ctx context.Context, conn *pgx.Conn, t *table) error {
	sql := c.beginSnapshot() +
		fmt.Sprintf("; SET LOCAL lock_timeout = %d; LOCK TABLE ONLY %s IN ACCESS SHARE MODE; SET LOCAL lock_timeout = 0",
			lockTry.Milliseconds(), t.quoted())
	return c.tryLock(ctx, conn, sql, func() ([]uint32, error) { return []uint32{t.OID}, nil })
}

// tryLock runs sql until its locks are there. suspects gives the tables that somebody else may
// hold, for the error.
func (c *capture) tryLock(ctx context.Context, conn *pgx.Conn, sql string, suspects func() ([]uint32, error)) error {
	for try := 1; ; try++ {
		err := execute(ctx, conn, sql)
		if err == nil {
			return nil
		}
		if gone(err) {
			return &changedError{what: "a table"}
		}
		if !hasCode(err, codeLockTimeout) {
			return explain(c.where, err)
		}
		if err := execute(ctx, conn, "ROLLBACK"); err != nil {
			return explain(c.where, err)
		}
		oids, err := suspects()
		if err != nil {
			return err
		}
		who, err := c.blockers(ctx, oids)
		if err != nil {
			return err
		}
		if err := c.waited(ctx, try, who); err != nil {
			return err
		}
	}
}

// gone says that a name does not stand for a table any more.
func gone(err error) bool { return hasCode(err, "42P01", "3F000", "42809") }

// waited pauses after a lock was not to be had, says who has it, and gives up in the end.
func (c *capture) waited(ctx context.Context, try int, who string) error {
	if who == "" {
		who = "a session that is gone by now"
	}
	if try >= c.server.lockTries() {
		return backup.Errorf(backup.Busy, "Wait until it is done, or end it; then try again.", "waited too long for a lock held by %s", who)
	}
	c.track.stage("waiting for a lock held by " + who)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(lockPause):
		return nil
	}
}

// check compares the present of tables, which must be locked, with what the snapshot sees.
func (c *capture) check(ctx context.Context, tables ...*table) error {
	c.watchLock.Lock()
	defer c.watchLock.Unlock()
	present, err := c.present(ctx, tables)
	if err != nil {
		return explain(c.where, err)
	}
	for _, t := range tables {
		now := present[t.OID]
		if now == nil || !t.same(now) || now.Filenode != t.Filenode {
			return &changedError{what: "table " + t.quoted()}
		}
	}
	return nil
}

// same says whether now has the name and the columns of t.
func (t *table) same(now *table) bool {
	return t.Schema == now.Schema && t.Name == now.Name && t.Fingerprint == now.Fingerprint
}

// presentSQL looks at the present of tables.
const presentSQL = `SELECT c.oid, n.nspname::text, c.relname::text, c.relfilenode, ` + fingerprintSQL + `
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1)`

// changedSince gives a changedError when a table, or another definition, is not what it was. It is
// for definitions: pg_dump asks the server for many of them, and it answers for the present.
// Storage may have changed meanwhile: what is read is read under a lock of its own.
func (c *capture) changedSince(ctx context.Context) error {
	c.watchLock.Lock()
	defer c.watchLock.Unlock()
	present, err := c.present(ctx, c.tables)
	if err != nil {
		return explain(c.where, err)
	}
	for _, t := range c.tables {
		now := present[t.OID]
		if now == nil || !t.same(now) {
			return &changedError{what: "table " + t.quoted()}
		}
	}
	return c.compareStamp(ctx, anyKind)
}

// compareStamp gives a changedError when a kind of definitions that matters is not what it was.
func (c *capture) compareStamp(ctx context.Context, matters func(kind string) bool) error {
	what, err := c.stamp.changed(ctx, c.watch, matters)
	if err == nil && what != "" {
		return &changedError{what: what}
	}
	return explain(c.where, err)
}

// present reads the present of tables, by OID.
func (c *capture) present(ctx context.Context, tables []*table) (map[uint32]*table, error) {
	rows, err := c.watch.Query(ctx, presentSQL, oidsOf(tables))
	if err != nil {
		return nil, err
	}
	present := map[uint32]*table{}
	var now table
	_, err = pgx.ForEachRow(rows, []any{&now.OID, &now.Schema, &now.Name, &now.Filenode, &now.Fingerprint}, func() error {
		seen := now
		present[now.OID] = &seen
		return nil
	})
	return present, err
}

// compareTOC makes sure that pg_dump and we mean the same tables: rows without a definition, or
// a table without its rows, must not look like a backup.
func (c *capture) compareTOC(ctx context.Context, archive *pgarchive.Archive) error {
	const hint = "Report this as a fault of Holdfast."
	missing := map[uint32]*table{}
	for _, t := range c.tables {
		missing[t.OID] = t
	}
	var others []uint32
	for i := range archive.Entries {
		if e := &archive.Entries[i]; e.Desc.S == "TABLE" {
			if missing[e.OID] == nil {
				others = append(others, e.OID)
			}
			delete(missing, e.OID)
		}
	}
	for _, t := range missing {
		if t.Extension == "" {
			return backup.Errorf(backup.Failed, hint, "pg_dump left out table %s", t.quoted())
		}
	}
	var unread string // among the others are partitioned tables, which have no rows
	err := c.leader.QueryRow(ctx, "SELECT coalesce(min(oid::regclass::text), '') FROM pg_class WHERE relkind = 'r' AND oid = ANY ($1)", others).Scan(&unread)
	if err != nil {
		return explain(c.where, err)
	}
	if unread != "" {
		return backup.Errorf(backup.Failed, hint, "the rows of table %s were not copied", unread)
	}
	return nil
}
