// Package pgcompare tells whether two databases are equal: it paints a picture of each and
// compares the pictures. It serves tests only; the program does not contain it.
//
// A picture holds what the system catalogs say, row by row and column by column, and a hash of
// the rows of every relation. Objects go by their names: OIDs, the numbers of columns, the order
// of rows and how things are stored do not count. Catalogs and columns are found in the server
// itself, so that what a newer server brings is compared without being told; a catalog that this
// package has never heard of is an error rather than a gap.
//
// It needs a superuser. Secrets (options of user mappings, connections of subscriptions) are in a
// picture only as hashes too short to tell anything but that they differ.
package pgcompare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Picture is all that counts of a database: objects by kind and name.
type Picture map[string]Object

// Object is what one object is like: a text for each column of its catalog.
type Object map[string]string

// Fingerprint reads the database that conn is in. conn must be a superuser's and not be in a
// transaction; its settings are as before when Fingerprint returns.
func Fingerprint(ctx context.Context, conn *pgx.Conn) (Picture, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }() // it only read
	return paint(ctx, tx)
}

// FingerprintWithin is Fingerprint in a superuser's transaction, as that sees the database. It goes on, with
// its settings as before.
func FingerprintWithin(ctx context.Context, tx pgx.Tx) (Picture, error) {
	inner, err := tx.Begin(ctx)
	if err != nil {
		return nil, err
	}
	picture, err := paint(ctx, inner)
	return picture, errors.Join(err, inner.Rollback(ctx)) // which takes the settings back
}

func paint(ctx context.Context, tx pgx.Tx) (Picture, error) {
	if _, err := tx.Exec(ctx, sessionSQL); err != nil {
		return nil, err
	}
	p := &painter{tx: tx, picture: Picture{}}
	for _, paint := range []func(context.Context) error{p.learn, p.catalogs, p.rights, p.sequences, p.largeObjects, p.rows} {
		if err := paint(ctx); err != nil {
			return nil, err
		}
	}
	return p.picture, nil
}

// sessionSQL makes texts alike: names are written with their schemas, values in full.
const sessionSQL = `SET LOCAL search_path = ''; SET LOCAL row_security = off; SET LOCAL extra_float_digits = 3;
SET LOCAL datestyle = ISO; SET LOCAL intervalstyle = postgres; SET LOCAL timezone = UTC; SET LOCAL bytea_output = hex;
SET LOCAL lc_monetary = 'C'; SET LOCAL statement_timeout = 0; SET LOCAL jit = off`

// Diff says in one line each what b has otherwise than a; nothing when they are equal.
func Diff(a, b Picture) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(both(a, b))) {
		was, had := a[name]
		is, has := b[name]
		switch {
		case !has:
			lines = append(lines, "missing: "+name)
		case !had:
			lines = append(lines, "too much: "+name)
		default:
			lines = append(lines, diffObject(name, was, is)...)
		}
	}
	return lines
}

func diffObject(name string, was, is Object) []string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(both(was, is))) {
		if was[key] != is[key] {
			lines = append(lines, fmt.Sprintf("%s: %s: %s became %s", name, key, around(was[key], is[key]), around(is[key], was[key])))
		}
	}
	return lines
}

// both gives the keys of both maps.
func both[M ~map[string]V, V any](a, b M) map[string]bool {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}

// shown is how much of a long text a line shows.
const shown = 200

// around quotes text, of a long one the part where it begins to differ from other.
func around(text, other string) string {
	if len(text) <= shown {
		return fmt.Sprintf("%q", text)
	}
	at := 0
	for at < len(text) && at < len(other) && text[at] == other[at] {
		at++
	}
	from := min(max(0, at-shown/4), len(text)-shown)
	return fmt.Sprintf("…%q…", strings.ToValidUTF8(text[from:from+shown], "?"))
}
