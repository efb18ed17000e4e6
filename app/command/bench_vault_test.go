//go:build bench

package command_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"holdfast/backup/tally"
)

// TestBenchWeek stores one full backup and seven daily ones, between which one row of a hundred that
// lie together changes.
func TestBenchWeek(t *testing.T) {
	asInstalled(t)
	size := sizeOf(t)
	server := startServer(t)
	l := newLive(t, server, "week", fmt.Sprintf(`
		CREATE TABLE orders (id bigint PRIMARY KEY, at timestamptz, note text, amount numeric);
		INSERT INTO orders SELECT n, now() - n * interval '1 minute', md5(n::text) || md5((n * 7)::text), n %% 10000 / 100.0 FROM generate_series(1, %d) n;`, size.scale*100_000))
	place := filepath.Join(l.dir, "elsewhere")
	l.run(0, "backup", "create", "shop", "--quiet")
	full := l.vaultBytes()
	l.run(0, "offsite", "add", "disk", "folder", "--path", place, "--approve-file", l.approval())
	l.run(0, "offsite", "sync", "disk")
	var sent, grown int64
	for day := 1; day <= 7; day++ {
		l.must(execSQL(server, "week", fmt.Sprintf("UPDATE orders SET note = md5(note) || md5(id::text) WHERE id BETWEEN %[1]d * %[2]d AND %[1]d * %[2]d + %[3]d", day, size.scale*10_000, size.scale*1000)))
		before, there := l.vaultBytes(), bytesIn(t, place)
		l.run(0, "backup", "create", "shop", "--quiet")
		l.run(0, "offsite", "sync", "disk")
		grown, sent = grown+l.vaultBytes()-before, sent+bytesIn(t, place)-there
	}
	all := l.vaultBytes()
	tally.Figure{What: "one full + 7 daily at 1 % churn / one full, stored", Ours: fmt.Sprintf("%d MB", all>>20), Peer: fmt.Sprintf("%d MB", full>>20),
		Value: float64(all) / float64(full), Must: 1.35, Goal: 1.15}.Report(t)
	tally.Figure{What: "off-site: bytes more there / bytes more in the vault", Ours: fmt.Sprintf("%d KB", sent>>10), Peer: fmt.Sprintf("%d KB", grown>>10),
		Value: float64(sent) / float64(grown), Must: 1.05, Goal: 1.00}.Report(t)
}

func (l *live) vaultBytes() int64 { return bytesIn(l.t, filepath.Join(l.dir, "home", "vault")) }

// bytesIn is the size of all files below a folder.
func bytesIn(t *testing.T, folder string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		n += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestBenchList lists the backups of a vault while it gets many.
func TestBenchList(t *testing.T) {
	asInstalled(t)
	counts := []int{1, 10, 100}
	if os.Getenv("SIZE") == "full" {
		counts = append(counts, 1000)
	}
	l := newLive(t, startServer(t), "many", "CREATE TABLE one AS SELECT 1 AS id")
	l.run(0, "retention", "set", "shop", "--on-demand", "all", "--approve-file", l.approval())
	scales := scalesOf("backups in the vault", "one more backup", "list them")
	var times []time.Duration
	made := 0
	for _, count := range counts {
		var last tally.Point
		for ; made < count; made++ {
			last = l.point("backup", "create", "shop", "--quiet")
		}
		times = l.listing(count)
		for i, p := range []tally.Point{last, {Took: middle(times)}} {
			p.Size = float64(count)
			scales[i].Points = append(scales[i].Points, p)
		}
	}
	reportAll(t, scales)
	tally.Figure{What: fmt.Sprintf("list %d backups", made), Value: middle(times).Seconds(), Unit: " s", Low: slices.Min(times).Seconds(), High: slices.Max(times).Seconds(), Must: 0.5, Goal: 0.1}.Report(t)
}

// listing lists so many backups five times.
func (l *live) listing(many int) (times []time.Duration) {
	l.t.Helper()
	for range 5 {
		cmd, begun := l.command("backup", "list", "--json"), time.Now()
		out, err := cmd.Output()
		l.must(err)
		times = append(times, time.Since(begun))
		var list []json.RawMessage
		l.must(json.Unmarshal(out, &list))
		if len(list) != many {
			l.t.Errorf("%d backups are listed of %d", len(list), many)
		}
	}
	return times
}

// TestBenchStart starts a command that touches no vault, by the program as it is built.
func TestBenchStart(t *testing.T) {
	asInstalled(t)
	l := &live{t: t, dir: t.TempDir(), env: withoutSecrets(os.Environ())}
	var times []time.Duration
	var peak int64
	for range 20 {
		cmd := l.command("--version")
		begun := time.Now()
		l.must(cmd.Run())
		times, peak = append(times, time.Since(begun)), max(peak, peakOf(cmd))
	}
	milli := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	tally.Figure{What: "start of a command that touches no vault", Value: milli(middle(times)), Unit: " ms", Low: milli(slices.Min(times)), High: milli(slices.Max(times)), Must: 60, Goal: 25}.Report(t)
	tally.Figure{What: "its memory", Value: float64(peak) / (1 << 20), Unit: " MB", Must: 80, Goal: 50}.Report(t)
	info, err := os.Stat(program(t))
	l.must(err)
	tally.Figure{What: "the program's size", Value: float64(info.Size()) / (1 << 20), Unit: " MB"}.Report(t)
}
