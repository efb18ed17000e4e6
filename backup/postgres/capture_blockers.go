package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// blockersSQL names who has, or waits for, a lock that shuts out readers. Someone who only
// waits stands in our way too, and so does the one in front, whom pg_blocking_pids names. A
// prepared transaction has no process.
const blockersSQL = `
WITH strong AS (
	SELECT DISTINCT l.pid, l.relation, l.granted, l.virtualtransaction FROM pg_locks l
	WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = ANY ($1)
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
), guilty AS (
	SELECT pid, relation FROM strong WHERE pid IS NOT NULL
	UNION SELECT b, relation FROM strong, unnest(pg_blocking_pids(pid)) b WHERE NOT granted AND b <> 0
)
SELECT 'process ' || g.pid, coalesce(nullif(a.application_name, ''), a.backend_type, ''), coalesce(a.usename, '')::text,
	coalesce('its statement began ' || to_char(a.query_start, 'YYYY-MM-DD HH24:MI:SS "UTC"'), ''), g.relation::regclass::text
FROM guilty g LEFT JOIN pg_stat_activity a ON a.pid = g.pid
UNION ALL
SELECT 'prepared transaction ' || quote_literal(p.gid), '', p.owner::text, to_char(p.prepared, '"prepared" YYYY-MM-DD HH24:MI:SS "UTC"'), s.relation::regclass::text
FROM strong s JOIN pg_locks t ON s.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = s.virtualtransaction
JOIN pg_prepared_xacts p ON p.transaction = t.transactionid
ORDER BY 1, 5`

// blockersShown is how many blockers are named.
const blockersShown = 3

// blocker is who keeps others from a table. What is not known, or may not be seen, is empty.
type blocker struct {
	Who      string // "process 4711"
	Program  string
	Role     string
	Since    string // "its statement began …"
	Relation string
}

func (b blocker) String() string {
	var known []string
	for _, text := range []string{b.Program, strings.TrimSuffix("role "+b.Role, "role "), b.Since} {
		if text != "" {
			known = append(known, text)
		}
	}
	if len(known) == 0 {
		return b.Who + " on " + b.Relation
	}
	return fmt.Sprintf("%s (%s) on %s", b.Who, strings.Join(known, ", "), b.Relation)
}

// blockers describes who holds the tables; "" when nobody is seen to.
func (c *capture) blockers(ctx context.Context, oids []uint32) (string, error) {
	c.watchLock.Lock()
	defer c.watchLock.Unlock()
	rows, err := c.watch.Query(ctx, blockersSQL, oids)
	if err != nil {
		return "", explain(c.where, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[blocker])
	var all []string
	for _, b := range found[:min(len(found), blockersShown)] {
		all = append(all, b.String())
	}
	return strings.Join(all, "; "), explain(c.where, err)
}
