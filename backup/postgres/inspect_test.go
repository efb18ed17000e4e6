package postgres

import (
	"testing"

	"holdfast/backup"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", words()...)
	b.run("live", "ANALYZE", "BEGIN", "INSERT INTO more VALUES (1)", "PREPARE TRANSACTION 'p'")
	other, err := b.connect(t.Context(), b.sb, "live")
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(other)
	var got backup.Target
	b.eventually("one session is counted", func() bool { // closed ones may linger for a moment
		got, err = b.Inspect(t.Context(), b.on("live").Connection, b.sb)
		return err == nil && got.Sessions == 1
	})
	if !got.Exists || got.Tables != 2 || got.Rows != 10000 || got.Bytes < 1<<20 || len(got.Blockers) != 1 {
		t.Errorf("got %+v", got)
	}
	b.run("live", "ROLLBACK PREPARED 'p'")
	b.run("template1", allowSQL("live", false))
	if got, err := b.Inspect(t.Context(), b.on("live").Connection, b.sb); err != nil || !got.Exists || len(got.Blockers) != 0 {
		t.Errorf("banned: %+v, %v", got, err)
	}
	if got, err := b.Inspect(t.Context(), b.on("none").Connection, b.sb); err != nil || got.Exists {
		t.Errorf("missing: %+v, %v", got, err)
	}
	b.eventually("our own session in postgres is not counted", func() bool {
		got, err := b.Inspect(t.Context(), b.on("postgres").Connection, b.sb)
		return err == nil && got.Exists && got.Sessions == 0
	})
	far := b.sb
	far.Connection.Port++
	_, err = b.Inspect(t.Context(), far.Connection, far)
	wantKind(t, err, backup.Unreachable)
}
