package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"holdfast/backup"
)

const (
	bankAccounts = 6
	bankMoney    = 1000 // in each account at first
)

// bankSQL makes accounts in tables of their own, some of them large, and a book of transfers.
func bankSQL() []string {
	sql := []string{"CREATE TABLE transfers(id bigserial PRIMARY KEY, source int, target int, amount int)"}
	for i := range bankAccounts {
		sql = append(sql, fmt.Sprintf("CREATE TABLE account_%d AS SELECT %d AS money", i, bankMoney),
			fmt.Sprintf("CREATE TABLE papers_%d AS SELECT repeat('x', 900) AS pad FROM generate_series(1, %d)", i, 1+i%2*500))
	}
	return sql
}

// transfer moves money in one transaction, n times over, until ctx ends.
func (b *bench) transfer(ctx context.Context, first int) error {
	conn := b.open("live")
	defer closeConn(conn)
	for n := first; ctx.Err() == nil; n += 2 {
		from, to := n%bankAccounts, (n*5+1)%bankAccounts
		err := execute(b.ctx(), conn, fmt.Sprintf(`BEGIN; SELECT pg_advisory_xact_lock(1);
			UPDATE account_%d SET money = money - 3; INSERT INTO transfers(source, target, amount) VALUES (%d, %d, 3); UPDATE account_%d SET money = money + 3; COMMIT`,
			from, from, to, to))
		if err != nil {
			return err
		}
	}
	return nil
}

// auditSQL counts what is wrong in a bank.
func auditSQL() string {
	sql := "(SELECT count(*) FROM transfers WHERE id > (SELECT last_value FROM transfers_id_seq))"
	for i := range bankAccounts {
		sql += fmt.Sprintf(" + (SELECT count(*) FROM account_%d a WHERE a.money <> %d"+
			" + (SELECT coalesce(sum(amount), 0) FROM transfers WHERE target = %d) - (SELECT coalesce(sum(amount), 0) FROM transfers WHERE source = %d))", i, bankMoney, i, i)
	}
	return "SELECT " + sql
}

// TestBankUnderFire takes backups of a bank that is never still, and whose tables and functions are
// changed during each; what is restored is a bank at one moment.
func TestBankUnderFire(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", bankSQL()...)
	ctx, stop := context.WithCancel(b.ctx())
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			if err := b.transfer(ctx, w); err != nil {
				t.Error(err)
			}
		})
	}
	defer writers.Wait()
	defer stop()
	seen := map[string]bool{}
	for round, changes := range [][]string{
		{},
		{"CREATE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE extra(x int); ALTER TABLE account_1 ADD COLUMN note text DEFAULT 'new'"},
		{"ALTER TABLE account_2 ALTER money TYPE bigint", "CREATE OR REPLACE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT 2'; TRUNCATE papers_1; ALTER TABLE account_1 DROP COLUMN note"},
		{"DROP TABLE extra", "VACUUM FULL account_4", "VACUUM FULL account_5"},
	} {
		try := 0
		parts := newShelf()
		m, err := b.Capture(b.ctx(), b.sb, parts, func(p backup.Progress) {
			if p.Stage == "definitions" && try < len(changes) {
				b.run("live", changes[try])
				try++
			}
		})
		if err != nil {
			t.Fatal(round, err)
		}
		b.fill(b.job("shadow"), m, parts)
		if wrong := b.text("shadow", auditSQL()); wrong != "0" {
			t.Errorf("round %d: %s accounts are wrong", round, wrong)
		}
		seen[b.text("shadow", "SELECT count(*) FROM transfers")] = true
		b.run("template1", "DROP DATABASE shadow WITH (FORCE)")
	}
	if len(seen) < 2 {
		t.Errorf("the bank was still: %v", slices.Sorted(maps.Keys(seen)))
	}
}
