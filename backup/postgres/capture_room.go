package postgres

import (
	"context"
	"errors"
	"fmt"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// lockRoom is how many locks a backup takes, and how many a server has room for.
type lockRoom struct {
	Needed   int64 // by pg_dump, which locks whatever it reads, until it ends
	PerShare int64 // max_locks_per_transaction
	Shares   int64 // transactions that there can be
}

// lockRoomSQL counts what pg_dump locks in the schemas that are not left out.
const lockRoomSQL = `
SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm') AND c.relpersistence <> 't' AND n.nspname <> ALL (coalesce($1::text[], '{}')) AND ` + userSchemaSQL + `),
	current_setting('max_locks_per_transaction')::bigint,
	current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint`

func readLockRoom(ctx context.Context, conn *pgx.Conn, excludeSchemas []string) (r lockRoom, err error) {
	err = conn.QueryRow(ctx, lockRoomSQL, excludeSchemas).Scan(&r.Needed, &r.PerShare, &r.Shares)
	return r, err
}

// short says whether the locks may not fit. The server has some room beyond what it promises, so
// that they may fit all the same.
func (r lockRoom) short() bool { return r.Needed > r.PerShare*r.Shares }

// advice says what to set. A quarter is for what other sessions lock.
func (r lockRoom) advice() string {
	enough := (r.Needed + r.Needed/4) / max(r.Shares, 1)
	enough = max((enough/64+1)*64, 2*r.PerShare)
	return fmt.Sprintf("Raise %s from %d to %d (%d tables, sequences and views are locked at once) and restart PostgreSQL.", lockSetting, r.PerShare, enough, r.Needed)
}

// advised gives err, and when the server had no room for locks says what to set.
func (c *capture) advised(ctx context.Context, err error) error {
	fault, known := errors.AsType[*backup.Error](err)
	if !known || fault.Hint != lockHint {
		return err
	}
	c.watchLock.Lock()
	defer c.watchLock.Unlock()
	room, roomErr := readLockRoom(ctx, c.watch, nil)
	if roomErr != nil {
		return err
	}
	advised := *fault
	advised.Hint = room.advice()
	return &advised
}
