package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/backup/rowsum"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// sequencesAtOnce is how many sequences one statement asks for.
const sequencesAtOnce = 200

// compareSequences compares every sequence with the manifest.
func compareSequences(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) error {
	for some := range slices.Chunk(m.Sequences, sequencesAtOnce) {
		var sql strings.Builder
		for i, q := range some {
			if i > 0 {
				sql.WriteString(" UNION ALL ")
			}
			fmt.Fprintf(&sql, "SELECT %d, last_value, is_called FROM %s", i, quoteName(q.Schema, q.Name))
		}
		rows, err := conn.Query(ctx, sql.String())
		if err != nil {
			return err
		}
		var i int
		var last int64
		var called bool
		_, err = pgx.ForEachRow(rows, []any{&i, &last, &called}, func() error {
			if q := some[i]; q.Last != last || q.IsCalled != called {
				return backup.Errorf(backup.Damaged, "Use another backup, and verify this one.",
					"the sequence %s stands at %d, the backup says %d", quoteName(q.Schema, q.Name), last, q.Last)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compareBlobCount compares the number of large objects.
func compareBlobCount(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) error {
	var count int64
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_largeobject_metadata").Scan(&count); err != nil {
		return err
	}
	if count != m.LargeObjects.Count {
		return backup.Errorf(backup.Damaged, "Use another backup, and verify this one.",
			"there are %d large objects, the backup says %d", count, m.LargeObjects.Count)
	}
	return nil
}

const (
	blobChunk   = 256 << 10 // bytes of one large object read at once
	blobsAtOnce = 500       // large objects in one statement
)

// compareBlobs reads all large objects and compares their contents.
func compareBlobs(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) error {
	if err := compareBlobCount(ctx, conn, m); err != nil || m.LargeObjects.Count == 0 {
		return err
	}
	var sum rowsum.Blobs
	for after, more := int64(-1), true; more; {
		large, last, err := addSmall(ctx, conn, &sum, after)
		if err != nil {
			return err
		}
		for _, oid := range large {
			if err := addLarge(ctx, conn, &sum, oid); err != nil {
				return err
			}
		}
		more, after = last >= 0, last
	}
	if sum.Hex() != m.LargeObjects.Hash {
		return backup.Errorf(backup.Damaged, "Use another backup, and verify this one.", "the contents of the large objects are not those of the backup")
	}
	return nil
}

// addSmall adds the next large objects after an OID, except those that do not fit into one chunk,
// which it names. last is the last OID seen, -1 when there are no more.
func addSmall(ctx context.Context, conn *pgx.Conn, sum *rowsum.Blobs, after int64) (large []uint32, last int64, err error) {
	rows, err := conn.Query(ctx, `SELECT oid, lo_get(oid, 0, $3) FROM
		(SELECT oid FROM pg_largeobject_metadata WHERE oid::bigint > $1 ORDER BY oid LIMIT $2) o`, after, blobsAtOnce, blobChunk)
	if err != nil {
		return nil, -1, err
	}
	last = -1
	var oid uint32
	var text []byte
	_, err = pgx.ForEachRow(rows, []any{&oid, (*pgtype.DriverBytes)(&text)}, func() error {
		last = max(last, int64(oid))
		if len(text) == blobChunk {
			large = append(large, oid)
			return nil
		}
		sum.Begin(oid)
		sum.Contents(text)
		return nil
	})
	return large, last, err
}

// addLarge adds one large object piece by piece.
func addLarge(ctx context.Context, conn *pgx.Conn, sum *rowsum.Blobs, oid uint32) error {
	sum.Begin(oid)
	for at := int64(0); ; at += blobChunk {
		var text []byte
		if err := conn.QueryRow(ctx, "SELECT lo_get($1, $2, $3)", oid, at, blobChunk).Scan(&text); err != nil {
			return err
		}
		sum.Contents(text)
		if len(text) < blobChunk {
			return nil
		}
	}
}
