package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// lockChunk is how many tables one LOCK names.
const lockChunk = 500

// lockAll begins the leader's transaction with locks on all tables, before the snapshot is
// taken: then nothing can change a table that the snapshot sees. A table that vanishes while
// the locks are taken makes the list be read anew.
func (c *capture) lockAll(ctx context.Context) error {
	c.track.stage("locking all tables")
	for range maxRestarts {
		tables, err := listTables(ctx, c.watch)
		if err != nil {
			return explain(c.where, err)
		}
		tables = slices.DeleteFunc(tables, func(t *table) bool { return t.Extension != "" })
		err = c.tryLock(ctx, c.leader, lockSQL(lockStatements(tables)...), func() ([]uint32, error) { return oidsOf(tables), nil })
		if _, changed := errors.AsType[*changedError](err); !changed {
			return err
		}
		if err := execute(ctx, c.leader, "ROLLBACK"); err != nil {
			return explain(c.where, err)
		}
	}
	return &changedError{what: "the list of tables"}
}

// lockStatements names the tables in chunks.
func lockStatements(tables []*table) []string {
	var statements []string
	for chunk := range slices.Chunk(tables, lockChunk) {
		names := make([]string, len(chunk))
		for i, t := range chunk {
			names[i] = "ONLY " + t.quoted()
		}
		statements = append(statements, "LOCK TABLE "+strings.Join(names, ", ")+" IN ACCESS SHARE MODE")
	}
	if len(statements) == 0 {
		return []string{"SELECT"}
	}
	return statements
}

func oidsOf(tables []*table) []uint32 {
	oids := make([]uint32, len(tables))
	for i, t := range tables {
		oids[i] = t.OID
	}
	return oids
}
