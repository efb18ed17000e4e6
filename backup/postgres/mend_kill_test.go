package postgres

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// victim is what the process that will be killed has to do. Its folder holds the backup's
// parts and, as journal, the record of the restore.
type victim struct {
	Sandbox  backup.Sandbox
	Record   backup.Restore
	Manifest backup.Manifest
}

// folder is the backup.Parts of the victim.
type folder string

func (f folder) path(name string) string {
	return filepath.Join(string(f), strings.ReplaceAll(name, "/", "_"))
}

func (f folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

func (f folder) store(t *testing.T, name string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = os.WriteFile(f.path(name+".new"), text, 0o600)
	}
	if err == nil {
		err = os.Rename(f.path(name+".new"), f.path(name))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (f folder) load(t *testing.T, name string, value any) {
	t.Helper()
	text, err := os.ReadFile(f.path(name))
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		t.Fatal(err)
	}
}

const victimFolder = "HOLDFAST_TEST_VICTIM"

// TestVictim restores and swaps in a process of its own; without a folder there is nothing to do.
func TestVictim(t *testing.T) {
	place := folder(os.Getenv(victimFolder))
	if place == "" {
		t.Skip("not a test of its own: TestKilledAnywhere starts it as the process that it kills")
	}
	var v victim
	place.load(t, "victim", &v)
	note := func(s backup.Stage) error {
		v.Record.Stage = s
		place.store(t, "journal", v.Record)
		return nil
	}
	if err := note(backup.StageShadow); err != nil {
		t.Fatal(err)
	}
	s := testServer()
	job := backup.ShadowJob{Sandbox: v.Sandbox, Shadow: v.Record.Shadow, Run: v.Record.ID, Purpose: "restore"}
	if err := s.Fill(t.Context(), job, &v.Manifest, place, nil); err != nil {
		t.Fatal(err)
	}
	swap := backup.SwapJob{
		Sandbox: v.Sandbox, Run: v.Record.ID, Live: v.Record.Target, Shadow: v.Record.Shadow, Aside: v.Record.Replaced, Props: &v.Manifest.Database,
	}
	if err := s.Swap(t.Context(), swap, note); err != nil {
		t.Fatal(err)
	}
}

// A restore killed at any moment ends, after Mend, with either database live and nothing left.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	rounds := tally.Rounds(t, 4)
	row := tally.Of(t, "postgres: killed while filling and swapping")
	b := startBench(t)
	b.fresh("live", append(words(), `CREATE TABLE which AS SELECT 'new' AS which`)...)
	m, parts := b.capture("live")
	place := folder(t.TempDir())
	for name, text := range parts.parts {
		if err := os.WriteFile(place.path(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	swapped := 0
	for round := range rounds {
		if round > 0 && row.Over(time.Minute) {
			break
		}
		row.Try("any")
		if b.killed(place, m) {
			swapped++
		}
	}
	t.Logf("%d of %d rounds were swapped", swapped, rounds)
}

// killed starts a restore, kills it at some moment, mends, and says whether it was swapped.
func (b *bench) killed(place folder, m *backup.Manifest) bool {
	b.t.Helper()
	b.clean()
	b.fresh("live", `CREATE TABLE which AS SELECT 'old' AS which`)
	id := backup.NewID()
	rec := backup.Restore{ID: id, Target: "live", Shadow: "live_shadow_" + string(id), Replaced: "aside", Stage: backup.StagePlanned}
	place.store(b.t, "victim", victim{Sandbox: b.sb, Record: rec, Manifest: *m})
	place.store(b.t, "journal", rec)
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimFolder+"="+string(place))
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	pause(b.t.Context(), time.Duration(rand.IntN(900))*time.Millisecond)
	_ = cmd.Process.Kill() // it may have ended already
	_ = cmd.Wait()         // with an error, most often
	place.load(b.t, "journal", &rec)
	mended, err := b.Mend(b.t.Context(), b.sb, &rec)
	if err != nil {
		b.t.Fatalf("%v, at stage %s", err, rec.Stage)
	}
	want, which := []string{"live"}, "old"
	if mended.Swapped {
		want, which = []string{"aside", "live"}, "new"
	}
	if got := b.databases(); !slices.Equal(got, want) || b.which("live") != which {
		b.t.Fatalf("%q, %s is live, %+v", got, b.which("live"), mended)
	}
	b.eventually("no session is left", func() bool { return b.strangers() == "0" })
	return mended.Swapped
}
