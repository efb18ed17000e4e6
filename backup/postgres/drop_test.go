package postgres

import (
	"slices"
	"testing"

	"holdfast/backup"
)

func TestDropOurs(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	job := b.job("shadow")
	b.shadowed(job)
	b.fresh("kept")
	b.comment("kept", mark{Kind: markKept, Home: b.Home, Run: string(job.Run)})
	b.fresh("of another home")
	b.comment("of another home", mark{Kind: markKept, Home: "other", Run: string(job.Run)})
	b.fresh("somebody's")

	for _, name := range []string{"of another home", "somebody's"} {
		wantKind(t, b.DropOurs(t.Context(), b.sb, name), backup.Refused, name)
	}
	busy, err := b.connect(t.Context(), b.sb, "kept")
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(busy)
	for _, name := range []string{"shadow", "kept", "kept", "never there"} {
		if err := b.DropOurs(t.Context(), b.sb, name); err != nil {
			t.Error(err)
		}
	}
	if got := b.databases(); !slices.Equal(got, []string{"of another home", "somebody's"}) {
		t.Errorf("databases: %q", got)
	}
}

func TestDropOursNamesWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.shadowed(b.job("shadow"))
	b.run("shadow", "BEGIN", "CREATE TABLE x ()", "PREPARE TRANSACTION 'p'")
	wantKind(t, b.DropOurs(t.Context(), b.sb, "shadow"), backup.Failed, `"p"`, "ROLLBACK PREPARED")
	b.run("shadow", "ROLLBACK PREPARED 'p'")
	if err := b.DropOurs(t.Context(), b.sb, "shadow"); err != nil {
		t.Error(err)
	}
}
