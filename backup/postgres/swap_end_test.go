package postgres

import (
	"context"
	"errors"
	"sync"
	"testing"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

func TestSwapTakenBack(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	t.Run("the journal cannot be written", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		full := errors.New("disk full")
		if err := b.Swap(t.Context(), swap, func(backup.Stage) error { return full }); !errors.Is(err, full) {
			t.Error("got", err)
		}
		b.asBefore(t)
	})
	t.Run("cancelled after the journal", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		ctx, cancel := context.WithCancel(t.Context())
		wantKind(t, b.Swap(ctx, swap, func(backup.Stage) error { cancel(); return nil }), backup.Cancelled)
		b.asBefore(t)
	})
	t.Run("our own session is cut", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		err := b.Swap(t.Context(), swap, func(backup.Stage) error {
			b.run("template1", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast' AND pid <> pg_backend_pid()`)
			return nil
		})
		wantKind(t, err, backup.Unreachable)
		b.asBefore(t)
	})
	t.Run("a live database that refuses sessions keeps refusing", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		b.run("template1", "ALTER DATABASE live ALLOW_CONNECTIONS false")
		swap.Aside = "postgres"
		wantKind(t, b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }), backup.Failed)
		if got := b.text("template1", "SELECT datallowconn FROM pg_database WHERE datname = 'live'"); got != "false" {
			t.Error("the ban is gone")
		}
	})
	t.Run("committed, but nobody heard of it", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		a := b.mustAdmin()
		defer a.close()
		w := &swapping{s: b.Server, job: swap}
		if err := w.look(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if _, err := w.exchange(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if err := w.settle(t.Context(), a, errors.New("lost")); err != nil {
			t.Error(err)
		}
		if b.which("live") != "new" || b.which("aside") != "old" {
			t.Error("taken back")
		}
	})
	t.Run("cancelled while a session does not go", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var stop sync.WaitGroup
		defer stop.Wait()
		done, end := context.WithCancel(t.Context())
		defer end()
		stop.Go(func() { b.banWatcher(done, cancel) })
		b.run("live", "SELECT 1")
		err := b.Swap(ctx, swap, func(backup.Stage) error { return nil })
		if err != nil {
			wantKind(t, err, backup.Cancelled)
			b.asBefore(t)
		} else if b.which("live") != "new" {
			t.Error("no error, and not swapped")
		}
	})
}

// banWatcher cancels as soon as it sees the live database banned.
func (b *bench) banWatcher(ctx context.Context, cancel func()) {
	conn, err := b.connect(ctx, b.sb, "template1")
	if err != nil {
		return
	}
	defer closeConn(conn)
	for ctx.Err() == nil {
		var allowed bool
		err := conn.QueryRow(ctx, "SELECT datallowconn FROM pg_database WHERE datname = 'live'").Scan(&allowed)
		if err == nil && !allowed || errors.Is(err, pgx.ErrNoRows) {
			cancel()
			return
		}
	}
}
