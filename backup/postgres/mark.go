package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// The kinds of databases that are ours.
const (
	markShadow = "shadow" // being filled, or filled and not swapped in yet
	markKept   = "kept"   // was live before a swap
)

// mark is how a database is known as ours, as JSON in its comment. A name can be taken by
// anybody; nobody else writes our home and run into a comment.
type mark struct {
	Kind    string  `json:"holdfast"`
	Home    string  `json:"home"`
	Run     string  `json:"run"`
	Purpose string  `json:"purpose"`
	Comment *string `json:"comment"` // of a kept one: the comment that people gave it
	Since   int64   `json:"since"`   // seconds since 1970

	// What follows lets a new catalog know it again.
	Sandbox string    `json:"sandbox,omitempty"`
	Target  string    `json:"target,omitempty"`       // the database that it was, or whose place it is to take
	Backup  backup.ID `json:"backup,omitempty"`       // of a kept one: what was restored into its place
	Saved   backup.ID `json:"saved_backup,omitempty"` // of a kept one: the backup of it
}

func (m mark) text() (string, error) {
	text, err := json.Marshal(m)
	return string(text), err
}

// parseMark reads a database's comment; ok is false when that is none of Holdfast's marks.
func parseMark(comment *string) (m mark, ok bool) {
	if comment == nil || json.Unmarshal([]byte(*comment), &m) != nil {
		return mark{}, false
	}
	return m, (m.Kind == markShadow || m.Kind == markKept) && m.Home != "" && m.Run != ""
}

// found is a database as it stands on the server.
type found struct {
	OID     uint32
	Name    string
	Allow   bool // ALLOW_CONNECTIONS
	Owner   string
	Comment *string

	Template bool // IS_TEMPLATE: the server drops none
}

// mark gives the mark of this home on d.
func (s *Server) mark(d *found) (mark, bool) {
	if d == nil {
		return mark{}, false
	}
	m, ok := parseMark(d.Comment)
	return m, ok && m.Home == s.Home
}

const foundQuery = `SELECT d.oid, d.datname, d.datallowconn, pg_get_userbyid(d.datdba), shobj_description(d.oid, 'pg_database'), d.datistemplate FROM pg_database d `

// find gives a database by name; nil when there is none.
func (a *admin) find(ctx context.Context, name string) (*found, error) {
	return a.findOne(ctx, foundQuery+"WHERE d.datname = $1", name)
}

// findOID follows a database through renames.
func (a *admin) findOID(ctx context.Context, oid uint32) (*found, error) {
	return a.findOne(ctx, foundQuery+"WHERE d.oid = $1", oid)
}

func (a *admin) findOne(ctx context.Context, query string, key any) (*found, error) {
	if name, isName := key.(string); isName && name == "" {
		return nil, nil
	}
	rows, err := a.conn.Query(ctx, query, key)
	if err != nil {
		return nil, a.explain(err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[found])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return d, a.explain(err)
}

// all gives every database that carries a mark of home.
func (a *admin) all(ctx context.Context, s *Server) ([]*found, error) {
	rows, err := a.conn.Query(ctx, foundQuery+"WHERE shobj_description(d.oid, 'pg_database') LIKE '{\"holdfast\":%' ORDER BY d.oid")
	if err != nil {
		return nil, a.explain(err)
	}
	marked, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[found])
	if err != nil {
		return nil, a.explain(err)
	}
	ours := marked[:0]
	for _, d := range marked {
		if _, ok := s.mark(d); ok {
			ours = append(ours, d)
		}
	}
	return ours, nil
}

// commentSQL sets or removes a database's comment.
func commentSQL(database string, comment *string) string {
	text := "NULL"
	if comment != nil {
		text = quoteLiteral(*comment)
	}
	return "COMMENT ON DATABASE " + quoteIdent(database) + " IS " + text
}

// markSQL puts a mark on a database.
func markSQL(database string, m mark) (string, error) {
	text, err := m.text()
	return commentSQL(database, &text), err
}

// lockKey is the advisory lock of a run. A run's ID is 64 random bits, so it is the key itself.
func lockKey(run backup.ID) (int64, error) {
	if err := backup.ValidateID(run); err != nil {
		return 0, err
	}
	bits, err := strconv.ParseUint(string(run), 16, 64)
	return int64(bits), err
}

// leaveTries is how often to look whether a session of an earlier step, which we closed and
// which is still on its way out, gave up the run's lock: about a second.
const leaveTries = 20

// lock takes the lock that shows other processes that the run lives. It ends with the session.
func (a *admin) lock(ctx context.Context, run backup.ID) error {
	key, err := lockKey(run)
	if err != nil {
		return err
	}
	for range leaveTries {
		var got bool
		if err := a.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&got); err != nil || got {
			return a.explain(err)
		}
		pause(ctx, pollTime)
	}
	return backup.Errorf(backup.Busy, "Wait until it has ended.", "another process works on the run %s", run)
}

// locked says whether a living session, on whichever database of the server, holds the run's
// lock, after as many looks.
func (a *admin) locked(ctx context.Context, run backup.ID, tries int) (held bool, err error) {
	key, err := lockKey(run)
	if err != nil {
		return false, err
	}
	high, low := uint32(uint64(key)>>32), uint32(uint64(key))
	held = true
	for i := 0; i < tries && held && err == nil; i++ {
		if i > 0 {
			pause(ctx, pollTime)
		}
		err = a.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND objsubid = 1 AND classid = $1 AND objid = $2)`, high, low).Scan(&held)
	}
	return held, a.explain(err)
}
