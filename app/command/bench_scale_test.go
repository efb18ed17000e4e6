//go:build bench

package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// scaleRows is a hundredth of a GB of COPY text; no two parts of it are alike.
const (
	scaleRows = 80_000
	scaleSQL  = `CREATE TABLE part_%[1]d AS SELECT n AS id, now() - n * interval '1 second' AS at, md5(n::text) AS customer,
		jsonb_build_object('kind', n %% 7, 'user', md5((n * 7)::text)) AS payload, n %% 10000 / 100.0 AS amount
		FROM generate_series(%[1]d * %[2]d::bigint, (%[1]d + 1) * %[2]d::bigint - 1) n; ALTER TABLE part_%[1]d ADD PRIMARY KEY (id)`
)

// TestBenchSize takes a database there and back while it grows to eight times its size.
func TestBenchSize(t *testing.T) {
	asInstalled(t)
	hundredths := 4 // of a GB, in the smallest database
	if os.Getenv("SIZE") == "full" {
		hundredths = 100
	}
	server := startServer(t, postgres.WithSetting("max_wal_size", "8GB"))
	l := newLive(t, server, "growing", "")
	scales := scalesOf("MB of rows", "first backup", "second backup, nothing changed", "verified restore")
	for part, times := range []int{1, 2, 4, 8} {
		l.must(execSQL(server, "growing", partsSQL(part, times, hundredths)))
		l.grow(scales, part)
	}
	reportAll(t, scales)
}

// partsSQL adds what makes the database times as large as its first part was, in tables of one part.
func partsSQL(part, times, hundredths int) string {
	from := times / 2
	if part == 0 {
		from = 0
	}
	var all strings.Builder
	for n := from; n < times; n++ {
		fmt.Fprintf(&all, scaleSQL+";\n", n, hundredths*scaleRows)
	}
	return all.String() + "CHECKPOINT"
}

// TestBenchManyTables does the same with a growing number of small tables.
func TestBenchManyTables(t *testing.T) {
	asInstalled(t)
	counts := []int{10, 100, 1000}
	if os.Getenv("SIZE") == "full" {
		counts = append(counts, 5000, 10_000)
	}
	server := startServer(t, postgres.WithSetting("max_locks_per_transaction", "256"))
	l := newLive(t, server, "tables", "")
	scales := scalesOf("tables", "first backup", "second backup, nothing changed", "verified restore")
	made := 0
	for n, count := range counts {
		for ; made < count; made += min(1000, count-made) {
			l.must(execSQL(server, "tables", fmt.Sprintf(`DO $$ BEGIN FOR i IN %d..%d LOOP
				EXECUTE format('CREATE TABLE item_%%s (id int PRIMARY KEY, name text, at timestamptz DEFAULT now()); INSERT INTO item_%%s (id, name) SELECT g, md5((g * %%s)::text) FROM generate_series(1, 10) g', i, i, i);
				END LOOP; END $$`, made+1, made+min(1000, count-made))))
		}
		l.must(execSQL(server, "tables", "ANALYZE"))
		l.growOf(scales, n, float64(count))
	}
	reportAll(t, scales)
}

func scalesOf(of string, names ...string) []*tally.Scale {
	var scales []*tally.Scale
	for _, name := range names {
		scales = append(scales, &tally.Scale{What: name, Of: of})
	}
	return scales
}

func reportAll(t *testing.T, scales []*tally.Scale) {
	t.Helper()
	for _, s := range scales {
		s.Report(t)
	}
}

// grow adds a point whose size is what the backup read.
func (l *live) grow(scales []*tally.Scale, n int) {
	l.t.Helper()
	l.growOf(scales, n, 0)
}

// growOf adds a point to the scales of the first backup, the second and the restore; the vault is new.
func (l *live) growOf(scales []*tally.Scale, n int, size float64) {
	l.t.Helper()
	fresh := l.fresh(n)
	create := []string{"backup", "create", "shop", "--quiet"}
	into := fmt.Sprintf("back_%d", n)
	points := []tally.Point{
		fresh.point(create...), fresh.point(create...),
		fresh.point("restore", "latest:shop", "--to-database", into, "--approve-file", l.approval(), "--quiet"),
	}
	if size == 0 {
		var list []struct {
			Raw int64 `json:"raw_bytes"`
		}
		fresh.decode(&list, "backup", "list")
		size = float64(list[0].Raw >> 20)
	}
	for i, p := range points {
		p.Size = size
		scales[i].Points = append(scales[i].Points, p)
	}
	l.must(execSQL(l.server, "postgres", "DROP DATABASE "+into))
	l.must(os.RemoveAll(filepath.Join(l.dir, fmt.Sprintf("home-%d", n))))
}

// point measures one command; a limit that binds fails the test.
func (l *live) point(args ...string) tally.Point {
	l.t.Helper()
	cmd := l.command(args...)
	took := l.time(cmd)
	peak := peakOf(cmd)
	if peak > maxMemory {
		l.t.Errorf("holdfast %s: peak memory %d MB", strings.Join(args, " "), peak>>20)
	}
	return tally.Point{Took: took, Memory: peak}
}

// fresh is the same sandbox with a home of its own.
func (l *live) fresh(n int) *live {
	l.t.Helper()
	own := *l
	own.env = slices.Clone(l.env)
	for i, pair := range own.env {
		if strings.HasPrefix(pair, "HOLDFAST_HOME=") {
			own.env[i] = "HOLDFAST_HOME=" + filepath.Join(l.dir, fmt.Sprintf("home-%d", n))
		}
		if strings.HasPrefix(pair, "HOLDFAST_KEY_FILE=") {
			own.env[i] = "HOLDFAST_KEY_FILE=" + filepath.Join(l.dir, fmt.Sprintf("key-%d", n))
		}
	}
	c := l.server.Connection(l.database)
	own.run(0, "vault", "init")
	own.run(0, "gate", "set-passphrase", "--approve-file", l.approval())
	own.run(0, "sandbox", "add", "shop", "--dsn", fmt.Sprintf("host=%s port=%d user=%s dbname=%s", c.Host, c.Port, c.User, c.Database))
	return &own
}
