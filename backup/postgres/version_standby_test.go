package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// startStandby copies a stopped server and starts both again, the copy as a hot standby that puts off what
// is in the way of its sessions for at most delay.
func startStandby(t *testing.T, delay string, statements ...string) (primary, standby *bench) {
	t.Helper()
	folder, copied := mustReachable(t), mustReachable(t)
	start := func(folder string) (*Private, *bench) {
		private, err := StartPrivate(context.WithoutCancel(t.Context()), folder, WithoutFsync(), WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")))
		if err != nil {
			t.Fatal(err)
		}
		return private, &bench{Server: testServer(), t: t, sb: backup.Sandbox{Name: "test", Connection: private.Socket("live")}}
	}
	stop := func(private *Private) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := private.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
	first, primary := start(folder)
	primary.fresh("live", statements...)
	stop(first)
	if said, err := exec.CommandContext(t.Context(), "cp", "-a", folder+"/data", copied+"/data").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	again, primary := start(folder)
	t.Cleanup(func() { stop(again) })
	c := again.Socket("live")
	appendTo(t, copied+"/data/standby.signal", "")
	appendTo(t, copied+"/data/postgresql.auto.conf", fmt.Sprintf("primary_conninfo = 'host=%s port=%d user=%s'\nhot_standby = on\nmax_standby_streaming_delay = '%s'\n", c.Host, c.Port, c.User, delay))
	if err := giveToServer(copied + "/data/standby.signal"); err != nil {
		t.Fatal(err)
	}
	follower, standby := start(copied)
	t.Cleanup(func() { stop(follower) })
	return primary, standby
}

func mustReachable(t *testing.T) string {
	t.Helper()
	folder, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestStandby captures from a hot standby, which says what it cannot, and restores elsewhere.
func TestStandby(t *testing.T) {
	t.Parallel()
	primary, standby := startStandby(t, "30s", append(words(), `CREATE UNLOGGED TABLE fleeting (x int)`, `INSERT INTO fleeting VALUES (1)`)...)
	primary.run("live", `INSERT INTO words VALUES (9999, 'later')`)
	standby.eventually("the standby has caught up", func() bool {
		return standby.text("live", `SELECT count(*) FROM words WHERE id = 9999`) == "1"
	})
	p, err := standby.Preflight(t.Context(), standby.sb)
	if warnings := besideTools(p.Warnings); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "standby") {
		t.Errorf("%q %v", p.Warnings, err)
	}
	m, parts := standby.capture("live")
	if got := tableOf(t, m, "public", "words"); got.Rows != 5001 {
		t.Errorf("%d rows", got.Rows)
	}
	if got := tableOf(t, m, "public", "fleeting"); !got.Excluded {
		t.Errorf("%+v", got)
	}
	wantKind(t, standby.Prepare(t.Context(), standby.sb, m), backup.Refused, "standby", "primary")
	primary.restore(m, parts)
	standby.eventually("no session is left", func() bool { return standby.strangers() == "0" })
}
