//go:build unix

package engine

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// TestNoConnectionLeft has others take every session that the server has left, at each stage of a
// restore: it is done all the same, or the live database is as it was, the error says what to do, and
// nothing is left once there is room again.
func TestNoConnectionLeft(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "the server has no connection left in the middle of a restore")
	a := newArenaIn(t, filepath.Dir(reachable(t)), tortureSQL, postgres.WithSetting("max_connections", "24"), postgres.WithSetting("max_wal_senders", "0"))
	good := a.fingerprint("shop")
	id := a.take()
	a.exec("shop", damageSQL)
	bad := a.fingerprint("shop")
	for _, at := range []string{"at saving: tables", "at create", "at tables", "at indexes", "at compare", "at swap"} {
		row.Try(at)
		var hogs []*pgx.Conn
		crowd := func() {
			for {
				conn, err := a.connect("postgres")
				if err != nil {
					return
				}
				hogs = append(hogs, conn)
			}
		}
		var failed error
		a.during(at, crowd, func(e *Engine) {
			rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(id)})
			failed = err
			if err != nil && (rec != nil && rec.Status == backup.StatusCompleted || !strings.Contains(backup.AsError(err).Hint, "max_connections")) {
				t.Errorf("%s: %v | %s, %+v", at, err, backup.AsError(err).Hint, rec)
			}
			t.Logf("%s: %d others: %v", at, len(hogs), err)
		})
		for _, conn := range hogs {
			_ = conn.Close(context.Background()) // the server notices in any case
		}
		a.recover()
		if failed != nil {
			if a.whole(bad) != bad {
				row.Lost("%s: the live database was changed", at)
			}
		} else {
			a.whole(good)
			a.bad = bad
			a.damage()
		}
		a.settled()
	}
	a.restore(id)
	a.whole(good)
}
