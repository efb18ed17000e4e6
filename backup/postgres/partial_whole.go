package postgres

import (
	"context"
	"fmt"
	"slices"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// partialParent is a partitioned table that comes back with its partitions, or one of those below it.
type partialParent struct {
	name  backup.Name
	live  *liveTable // nil when it is not there
	notes []string
}

// livePartsSQL lists the partitions of a partitioned table that have rows.
const livePartsSQL = `SELECT n.nspname::text, c.relname::text FROM pg_partition_tree($1::oid::regclass) t
JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.isleaf AND c.relkind <> 'p' ORDER BY 1, 2`

// lookAtWhole finds out what is there of the partitioned tables that come back as a whole.
func (p *partial) lookAtWhole(ctx context.Context) error {
	p.whole = nil
	for _, w := range p.job.Whole {
		for i, name := range append([]backup.Name{w.Table}, w.Below...) {
			live, err := lookAtTable(ctx, p.conn, name.Schema, name.Name)
			if err != nil {
				return err
			}
			parent := &partialParent{name: name, live: live}
			p.whole = append(p.whole, parent)
			switch {
			case live == nil:
				parent.notes = []string{fmt.Sprintf("The partitioned table %s is not there now and is made again.", quoteName(name.Schema, name.Name))}
			case live.Kind != "p":
				p.tables[0].fate.Blocked = "what has the name " + quoteName(name.Schema, name.Name) + " now is no partitioned table"
			case i == 0:
				if parent.notes, err = p.newerParts(ctx, parent); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// newerParts names the partitions that the backup does not have.
func (p *partial) newerParts(ctx context.Context, w *partialParent) (notes []string, err error) {
	parts, err := collect[backup.Name](ctx, p.conn, livePartsSQL, w.live.OID)
	for _, part := range parts {
		if !slices.Contains(p.job.Tables, part) {
			notes = append(notes, fmt.Sprintf("The partition %s of %s is not in the backup and stays as it is.", quoteName(part.Schema, part.Name), w.live.Label))
		}
	}
	return notes, err
}

// isMissing says whether a table is one of those that are made again.
func (p *partial) isMissing(name backup.Name) bool {
	return slices.Contains(p.missing(), name)
}

// missing names the tables that are not there, those that are partitioned first.
func (p *partial) missing() (names []backup.Name) {
	for _, w := range p.whole {
		if w.live == nil {
			names = append(names, w.name)
		}
	}
	for _, t := range p.tables {
		if t.live == nil {
			names = append(names, backup.Name{Schema: t.stored.Schema, Name: t.stored.Name})
		}
	}
	return names
}

const isThereSQL = `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)`

func isThere(ctx context.Context, conn *pgx.Conn, name backup.Name) (there bool, err error) {
	err = conn.QueryRow(ctx, isThereSQL, name.Schema, name.Name).Scan(&there)
	return there, err
}
