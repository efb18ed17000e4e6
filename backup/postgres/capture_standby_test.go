package postgres

import (
	"fmt"
	"sync"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// TestStandbyConflict replays on a hot standby what stands in the way of a backup there: rows that its
// snapshot sees are removed, or a table is locked that it reads. The standby ends its sessions. Once
// that is tried again; when it goes on the backup fails with cause and remedy; and the next one works.
func TestStandbyConflict(t *testing.T) {
	t.Parallel()
	primary, standby := startStandby(t, "100ms", "CREATE TABLE a AS SELECT n, repeat('x', 100) AS v FROM generate_series(1, 20000) AS n", "CREATE TABLE b AS SELECT 1 AS x",
		"SELECT lo_from_bytea(0, decode(repeat('ab', 2000), 'hex')) FROM generate_series(1, 400)")
	standby.run("live", "SELECT")
	row := tally.Of(t, "postgres: a standby ends the sessions of a backup")
	round := 0
	ways := map[string]func(){
		"rows are removed": func() {
			round++
			primary.run("live", fmt.Sprintf("DELETE FROM b; INSERT INTO b VALUES (%d)", round), "VACUUM b", "SELECT pg_switch_wal()")
		},
		"a table is locked": func() {
			primary.run("live", "BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE; SELECT txid_current(); COMMIT", "SELECT pg_switch_wal()")
		},
	}
	for what, way := range ways {
		for at, always := range map[string]bool{backup.DirTables + "/1.copy": true, backup.DirBlobs + "/1.blobs": false} {
			row.Try(fmt.Sprintf("%s, at %s, always %v", what, at, always))
			standby.conflicts(t, row, what+" at "+at, at, always, func() string {
				way()
				return primary.text("live", "SELECT pg_current_wal_lsn()")
			})
		}
	}
}

// conflicts backs up while something is done to the primary, in the first try or in each of them; way
// gives where the standby must have come to then.
func (b *bench) conflicts(t *testing.T, row *tally.Tally, what, at string, always bool, way func() string) {
	t.Helper()
	var lock sync.Mutex
	done, hits := map[int]bool{}, 0
	sink := newHookSink(func(try int, name string) error {
		lock.Lock()
		defer lock.Unlock()
		if name != at || done[try] || !always && try > 1 {
			return nil
		}
		done[try] = true
		before, to := b.text("live", endedSQL), way()
		b.eventually("the standby has replayed it", func() bool {
			return b.text("live", "SELECT pg_last_wal_replay_lsn() >= '"+to+"'::pg_lsn") == "true"
		})
		if b.text("live", endedSQL) != before {
			hits++
		}
		return nil
	})
	m, err := b.Capture(t.Context(), b.sb, sink, nil)
	fault := backup.AsError(errOrNone(err))
	t.Logf("%s, always %v, hit %d times, %d restarts: %v | %s", what, always, hits, sink.resets, err, fault.Hint)
	switch {
	case err == nil && m.Rows() != 20001:
		row.Lost("%s: %d rows", what, m.Rows())
	case err != nil && !always:
		row.Lost("%s: once, and it is not tried again: %v", what, err)
	case err != nil:
		wantKind(t, err, backup.Failed, "standby", "max_standby_streaming_delay")
	case always && hits > 1:
		row.Lost("%s: %d times, and it is as if nothing was", what, hits)
	}
	b.eventually("no session is left", func() bool { return b.strangers() == "0" })
	if _, err := b.Capture(t.Context(), b.sb, newShelf(), nil); err != nil {
		row.Lost("%s: the next backup: %v", what, err)
	}
}
