//go:build bench

package command_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"holdfast/backup/tally"
)

// TestBenchWeek stores one full backup and seven daily ones, between which one row of a hundred that
// lie together changes.
func TestBenchWeek(t *testing.T) {
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

// TestBenchList lists the backups of a vault that has many.
func TestBenchList(t *testing.T) {
	many := 100
	if os.Getenv("SIZE") == "full" {
		many = 1000
	}
	l := newLive(t, startServer(t), "many", "CREATE TABLE one AS SELECT 1 AS id")
	l.run(0, "retention", "set", "shop", "--on-demand", "all", "--approve-file", l.approval())
	var first, last time.Duration
	for n := range many {
		took := l.time(l.command("backup", "create", "shop", "--quiet"))
		if n < 5 {
			first += took / 5
		}
		if n >= many-5 {
			last += took / 5
		}
	}
	var times []time.Duration
	var out []byte
	for range 5 {
		cmd, begun := l.command("backup", "list", "--json"), time.Now()
		var err error
		out, err = cmd.Output()
		l.must(err)
		times = append(times, time.Since(begun))
	}
	var list []json.RawMessage
	l.must(json.Unmarshal(out, &list))
	if len(list) != many {
		t.Errorf("%d backups are listed of %d", len(list), many)
	}
	tally.Figure{What: fmt.Sprintf("list %d backups", many), Value: middle(times).Seconds(), Unit: " s", Low: slices.Min(times).Seconds(), High: slices.Max(times).Seconds(), Must: 0.5, Goal: 0.1}.Report(t)
	tally.Figure{What: fmt.Sprintf("a backup with %d in the vault / with none", many), Ours: fmt.Sprintf("%.2f s", last.Seconds()), Peer: fmt.Sprintf("%.2f s", first.Seconds()),
		Value: last.Seconds() / first.Seconds()}.Report(t)
}

// TestBenchStart starts a command that touches no vault, by the program as it is built.
func TestBenchStart(t *testing.T) {
	l := &live{t: t, dir: t.TempDir(), env: withoutSecrets(os.Environ())}
	binary := filepath.Join(l.dir, "holdfast")
	if out, err := exec.Command("go", "build", "-o", binary, "holdfast").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	var times []time.Duration
	var peak int64
	for range 20 {
		cmd := l.command("--version")
		cmd.Path = binary
		begun := time.Now()
		l.must(cmd.Run())
		times, peak = append(times, time.Since(begun)), max(peak, peakOf(cmd))
	}
	milli := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	tally.Figure{What: "start of a command that touches no vault", Value: milli(middle(times)), Unit: " ms", Low: milli(slices.Min(times)), High: milli(slices.Max(times)), Must: 60, Goal: 25}.Report(t)
	tally.Figure{What: "its memory", Value: float64(peak) / (1 << 20), Unit: " MB", Must: 80, Goal: 50}.Report(t)
	info, err := os.Stat(binary)
	l.must(err)
	tally.Figure{What: "the program's size", Value: float64(info.Size()) / (1 << 20), Unit: " MB"}.Report(t)
}
