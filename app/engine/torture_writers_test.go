//go:build unix

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/backup"
)

// sizeEnv says how many MB the database of TestRestoreUnderWriters has; 30 without it.
const sizeEnv = "HOLDFAST_TORTURE_MB"

// bank is a database that others keep using. Whatever they do, the balances add up.
type bank struct {
	*arena
	ctx    context.Context
	acked  [4]atomic.Int64 // of each writer, the transactions that the server said are committed
	cut    atomic.Int64
	joined atomic.Int64
}

const (
	accounts = 100
	total    = accounts * 1000
)

const bankSQL = `CREATE TABLE account AS SELECT n AS id, 1000 AS balance FROM generate_series(1, 100) AS n;
	ALTER TABLE account ADD PRIMARY KEY (id);
	CREATE TABLE entry (writer int, n int, PRIMARY KEY (writer, n));
	CREATE TABLE bulk AS SELECT n, sha512(n::text::bytea) || sha512((n + 7)::text::bytea) AS noise FROM generate_series(1, %d) AS n;
	ALTER TABLE bulk ADD PRIMARY KEY (n)`

// TestRestoreUnderWriters restores a database while writers keep writing to it and others come and go in
// a tight loop. Nobody ever sees a half state, and every transaction that the server acknowledged is in
// the database that was replaced or in the one that is live.
func TestRestoreUnderWriters(t *testing.T) {
	t.Parallel()
	size := 30
	if text := os.Getenv(sizeEnv); text != "" {
		var err error
		size, err = strconv.Atoi(text)
		must(t, err)
	}
	rows := size * 1000000 / 170
	ctx, stop := context.WithCancel(t.Context())
	b := &bank{arena: newArena(t, fmt.Sprintf(bankSQL, rows)), ctx: ctx}
	id := b.take()
	must(t, b.try("shop", "INSERT INTO entry VALUES (-1, -1)")) // later than the backup

	var crowd sync.WaitGroup
	for i := range b.acked {
		crowd.Go(func() { b.write(i) })
		crowd.Go(b.comeAndGo)
	}
	asked := make(chan backup.Prompt, 1)
	opts := tortureOptions(b.home(), nil)
	opts.Approve = func(_ context.Context, p backup.Prompt) (string, error) {
		asked <- p
		return tortureApproval, nil
	}
	for b.acked[0].Load() == 0 || b.joined.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	e, err := Open(t.Context(), opts)
	must(t, err)
	begun := time.Now()
	rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(id)})
	took := time.Since(begun)
	must(t, e.Close(context.Background()))
	after := b.acked[0].Load()
	for err == nil && b.acked[0].Load() < after+5 && !t.Failed() { // they are back at work
		time.Sleep(time.Millisecond)
	}
	stop()
	crowd.Wait()
	if prompt := <-asked; !strings.Contains(prompt.Loss, "open sessions are cut") {
		t.Errorf("the sessions were not counted: %q", prompt.Loss)
	}
	swapped := b.text("shop", "SELECT count(*)::text FROM entry WHERE writer = -1") == "0"
	if swapped != (err == nil) {
		t.Errorf("swapped %v, and the restore says %v", swapped, err)
	}
	t.Logf("%d MB in %.1f s: swapped %v (%v), %d sessions cut, %d came and went", size, took.Seconds(), swapped, err, b.cut.Load(), b.joined.Load())
	b.settled()
	b.complete(rec, strconv.Itoa(rows))
}

// complete looks for every acknowledged transaction, and for the bulk.
func (b *bank) complete(rec *backup.Restore, rows string) {
	b.t.Helper()
	databases := []string{"shop"}
	if rec.Status == backup.StatusCompleted {
		databases = append(databases, rec.Replaced)
	}
	var found [len(b.acked)]map[string]bool
	for i := range found {
		found[i] = map[string]bool{}
	}
	for _, database := range databases {
		if got := b.text(database, "SELECT count(*)::text FROM bulk"); got != rows {
			b.t.Errorf("%s has %s rows of %s", database, got, rows)
		}
		for i := range found {
			for _, n := range strings.Fields(b.text(database, fmt.Sprintf("SELECT string_agg(n::text, ' ') FROM entry WHERE writer = %d", i))) {
				found[i][n] = true
			}
		}
	}
	for i := range found {
		for n := range b.acked[i].Load() {
			if !found[i][strconv.FormatInt(n+1, 10)] {
				b.t.Errorf("writer %d: the transaction %d was acknowledged and is nowhere", i, n+1)
				return
			}
		}
	}
}

// write moves money until it is told to stop, and checks at each step what it sees.
func (b *bank) write(i int) {
	n := int64(1)
	for b.ctx.Err() == nil {
		conn, err := b.connect("shop")
		for err == nil && b.ctx.Err() == nil {
			if err = b.transfer(conn, i, n); err == nil {
				b.acked[i].Store(n)
			}
			if err == nil || taken(err) {
				n++
			}
		}
		b.check(err)
		if err != nil {
			b.cut.Add(1)
		}
		if conn != nil {
			_ = conn.Close(context.Background()) // it may be cut already
		}
	}
}

// taken says that an entry is there already: the commit before had come through, though the session was
// cut before it could say so.
func taken(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refused.Code == "23505"
}

func (b *bank) transfer(conn *pgx.Conn, i int, n int64) error {
	ctx := context.Background()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return err
	}
	var sum, tables int
	err = tx.QueryRow(ctx, "SELECT (SELECT sum(balance) FROM account), (SELECT count(*) FROM pg_indexes WHERE tablename IN ('account', 'entry', 'bulk'))").Scan(&sum, &tables)
	if err == nil && (sum != total || tables != 3) {
		b.t.Errorf("a writer saw a half state: balances of %d, %d indexes", sum, tables)
	}
	from := int(n)%accounts + 1
	for _, sql := range []string{
		fmt.Sprintf("INSERT INTO entry VALUES (%d, %d)", i, n),
		fmt.Sprintf("UPDATE account SET balance = balance + CASE id WHEN %d THEN -1 ELSE 1 END WHERE id IN (%d, %d)", min(from, accounts-1), min(from, accounts-1), accounts),
	} {
		if err == nil {
			_, err = tx.Exec(ctx, sql)
		}
	}
	if err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// comeAndGo connects in a tight loop.
func (b *bank) comeAndGo() {
	for b.ctx.Err() == nil {
		conn, err := b.connect("shop")
		b.check(err)
		if err != nil {
			continue
		}
		b.joined.Add(1)
		_ = conn.Close(context.Background()) // it may be cut already
	}
}

// check lets pass what a session may meet: that it is cut or not let in. Anything that the server says
// about what is in the database is a half state.
func (b *bank) check(err error) {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || slices.Contains([]string{"57P01", "55000", "3D000", "23505", "40P01", "53300"}, refused.Code) {
		return
	}
	b.t.Errorf("a session met: %s %s", refused.Code, refused.Message)
}
