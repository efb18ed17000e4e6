//go:build bench

package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// benchSize says how much is measured: SIZE=small is a quick look, SIZE=medium half of SIZE=full in
// fewer rounds.
type benchSize struct {
	scale  int // pgbench's; the other tables follow it
	rounds int
}

func sizeOf(t *testing.T) benchSize {
	t.Helper()
	switch size := os.Getenv("SIZE"); size {
	case "", "small":
		return benchSize{scale: 10, rounds: 3}
	case "medium":
		return benchSize{scale: 50, rounds: 3}
	case "full":
		return benchSize{scale: 100, rounds: 5}
	default:
		t.Fatalf("SIZE is %q: give small, medium or full", size)
		return benchSize{}
	}
}

// peersSQL makes what most databases hold beside pgbench's tables, about 17 MB for each of its scale:
// keys, times, JSON, prose of words some of which are frequent, and pictures, which do not compress.
const peersSQL = `
	CREATE TABLE customers (id uuid PRIMARY KEY, name text NOT NULL, email text UNIQUE);
	INSERT INTO customers SELECT md5(n::text)::uuid, 'Customer ' || n, 'c' || n || '@example.org' FROM generate_series(1, %[1]d * 2000) n;
	CREATE TABLE orders (id bigserial PRIMARY KEY, customer uuid REFERENCES customers, at timestamptz, amount numeric(10,2), note text);
	INSERT INTO orders (customer, at, amount, note) SELECT md5((1 + n %% (%[1]d * 2000))::text)::uuid, now() - n * interval '1 minute', n %% 10000 / 100.0, md5(n::text)
		FROM generate_series(1, %[1]d * 36000) n;
	CREATE TABLE events (id bigserial PRIMARY KEY, at timestamptz, payload jsonb);
	INSERT INTO events (at, payload) SELECT now() - n * interval '1 second',
		jsonb_build_object('kind', n %% 7, 'user', md5(n::text), 'tags', jsonb_build_array(n %% 3, n %% 5, 'x' || n %% 100))
		FROM generate_series(1, %[1]d * 40000) n;
	CREATE TABLE articles (id uuid PRIMARY KEY, body text);
	INSERT INTO articles
		WITH words AS (SELECT array_agg(left(translate(md5((n * 17)::text), '0123456789', 'etaoinshrd'), 2 + n %% 9)) AS w FROM generate_series(0, 4095) n)
		SELECT md5(n::text)::uuid, (SELECT string_agg(w[1 + (hashint4(n * 151 + k) & 4095) * (hashint4(n * 151 + k) >> 12 & 4095) / 4096], ' ') FROM generate_series(1, 150) k)
		FROM words, generate_series(1, %[1]d * 4000) n;
	CREATE TABLE pictures (id int PRIMARY KEY, data bytea);
	INSERT INTO pictures SELECT n, (SELECT string_agg(decode(md5((n * 2000 + k)::text), 'hex'), '') FROM generate_series(1, 1200) k) FROM generate_series(1, %[1]d * 40) n;
	CREATE INDEX ON orders (customer, at);
	CREATE INDEX ON events (at);
	ANALYZE`

// pgbenchPart is which part of the scale pgbench's tables have: their rows are mostly blanks, of
// which a database has less.
const pgbenchPart = 0.6

// TestBenchPeers compares a first backup, a second one and a verified restore with what people use
// otherwise, all in turn: medians, and the median of the rounds' ratios.
func TestBenchPeers(t *testing.T) {
	b, size := startPeers(t)
	b.rivals = rivalsOf(t)
	for n := range size.rounds {
		b.round(n)
	}
	b.report()
}

// TestBenchRestore measures the restore alone, in more rounds, beside what the server itself needs.
func TestBenchRestore(t *testing.T) {
	b, size := startPeers(t)
	b.run(0, "backup", "create", "shop", "--quiet")
	b.must(b.shell(dumpFolder).Run())
	b.must(b.shell(plainFolder).Run())
	for n := range 2*size.rounds - 1 {
		b.restore(n, b.live)
		limit := fmt.Sprintf("limit_%d", n)
		b.must(execSQL(b.server, "postgres", "CREATE DATABASE "+limit))
		b.take("limit of restores", b.shell(restoreLimit, "PGDATABASE="+limit))
		if got, want := b.rowsIn(limit), b.rowsIn("peers"); got != want {
			t.Errorf("the limit of restores has %s rows of %s", got, want)
		}
		b.must(execSQL(b.server, "postgres", "DROP DATABASE "+limit))
	}
	b.reportRestore()
	b.ratio("verified restore / limit: COPY, indexes, keys", "restore", "limit of restores", 0, 0)
	b.ratio("limit: COPY, indexes, keys / pg_restore -j2 of -Fd", "limit of restores", "pg_restore -j2", 0, 0)
}

// plainFolder makes what restoreLimit reads: the rows as the server takes them.
const plainFolder = `rm -rf "$OUT/plain"; pg_dump -Fd -Z0 -j2 -f "$OUT/plain"`

// restoreLimit is what a restore cannot do without on two sessions: the rows, as plain text and in the
// cheapest way the server knows, then indexes and keys. Nothing is decompressed, decrypted, compared or
// analyzed.
const restoreLimit = `pg_restore --section=pre-data -d "$PGDATABASE" "$OUT/plain"
	pg_restore --list "$OUT/plain" | awk '/TABLE DATA/ { print $1 + 0, $6 "." $7 }' | while read -r n table; do
		echo "$(stat -c %s "$OUT/plain/$n.dat") $n $table"
	done | sort -rn | xargs -L 1 -P 2 bash -c 'psql -Xq -v ON_ERROR_STOP=1 -c BEGIN -c "TRUNCATE $2" -c "COPY $2 FROM STDIN (FREEZE)" -c COMMIT < "$OUT/plain/$1.dat"'
	pg_restore --section=post-data -j2 -d "$PGDATABASE" "$OUT/plain"`

// rowsIn counts the rows of the large tables of a database.
func (b *peerBench) rowsIn(database string) string {
	b.t.Helper()
	out, err := b.shell(`for table in pgbench_accounts customers orders events articles pictures; do psql -XAtqc "SELECT count(*) FROM $table"; done`, "PGDATABASE="+database).Output()
	b.must(err)
	return strings.Join(strings.Fields(string(out)), " ")
}

// startPeers makes the database that all of them work with.
func startPeers(t *testing.T) (*peerBench, benchSize) {
	t.Helper()
	asInstalled(t)
	size := sizeOf(t)
	server := startServer(t, postgres.WithSetting("max_wal_size", "8GB"))
	l := newLive(t, server, "peers", "")
	c := server.Connection("peers")
	fill := exec.Command(filepath.Join(server.Programs(), "pgbench"), "--initialize", "--quiet", fmt.Sprintf("--scale=%d", int(pgbenchPart*float64(size.scale))), "--host="+c.Host, fmt.Sprintf("--port=%d", c.Port), "--username="+c.User, "peers")
	if out, err := fill.CombinedOutput(); err != nil {
		t.Fatalf("pgbench: %v\n%s", err, out)
	}
	l.must(execSQL(server, "peers", fmt.Sprintf(peersSQL, size.scale)))
	return &peerBench{live: l, sample: map[string][]time.Duration{}}, size
}

// peerBench holds what each way took, by name.
type peerBench struct {
	*live
	rivals []rival
	sample map[string][]time.Duration
	peak   int64 // of our own processes, bytes
}

// rival is another way to back up, on standard shell and Debian's packages.
type rival struct {
	name, script string
	must, goal   float64 // our time as a part of its
}

// dumpFolder makes what pg_restore -j2 reads.
const dumpFolder = `rm -rf "$OUT/d"; pg_dump -Fd -j2 -f "$OUT/d"`

// rivalsOf gives those whose programs are here, and says which are not.
func rivalsOf(t *testing.T) []rival {
	t.Helper()
	all := []rival{
		{"pg_dump -Fc", `pg_dump -Fc -f "$OUT/c.dump"`, 0.35, 0.20},
		{"pg_dump -Fd -j2", dumpFolder, 0.50, 0.35},
		{"pg_dump | zstd | age", `set -o pipefail; pg_dump -Fc -Z0 | zstd -q -3 -T2 | age -r "$(age-keygen -y "$OUT/identity")" -o "$OUT/z.age"`, 1.00, 0.75},
		{"restic, first", `set -o pipefail; rm -rf "$OUT/restic"; export RESTIC_REPOSITORY="$OUT/restic" RESTIC_PASSWORD_FILE="$OUT/../approval" RESTIC_CACHE_DIR="$OUT/restic-cache"; restic init -q; pg_dump -Fc -Z0 | restic backup -q --stdin --stdin-filename shop.dump`, 0.75, 0.50},
		{"limit: COPY to nowhere", `psql -XAtc "SELECT format('COPY %s TO STDOUT', oid::regclass) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relpages DESC" | tr '\n' '\0' | xargs -0 -n 1 -P 2 psql -XAtqc > /dev/null`, 2.5, 1.4},
	}
	return slices.DeleteFunc(all, func(r rival) bool {
		for _, tool := range []string{"zstd", "age", "restic"} {
			if strings.Contains(r.script, tool+" ") && !there(tool) {
				t.Logf("not measured, %s is not installed: %s", tool, r.name)
				return true
			}
		}
		return false
	})
}

func there(tool string) bool {
	_, err := exec.LookPath(tool)
	return err == nil
}

// round runs each way once. Ours begins with a vault that is empty.
func (b *peerBench) round(n int) {
	b.t.Helper()
	fresh := b.fresh(n)
	b.take("first", fresh.command("backup", "create", "shop", "--quiet"))
	b.take("second", fresh.command("backup", "create", "shop", "--quiet"))
	var list []struct {
		Added int64 `json:"added_bytes"`
	}
	fresh.decode(&list, "backup", "list")
	if list[0].Added > 1<<20 {
		b.t.Errorf("a second backup with nothing changed added %d bytes", list[0].Added)
	}
	for _, r := range b.rivals {
		b.take(r.name, b.shell(r.script))
	}
	b.restore(n, fresh)
	b.must(os.RemoveAll(filepath.Join(b.dir, fmt.Sprintf("home-%d", n))))
}

// restore restores the newest backup into a database of its own, and the folder into another.
func (b *peerBench) restore(n int, from *live) {
	b.t.Helper()
	ours, theirs := fmt.Sprintf("ours_%d", n), fmt.Sprintf("theirs_%d", n)
	b.take("restore", from.command("restore", "latest:shop", "--to-database", ours, "--approve-file", b.approval(), "--quiet"))
	b.must(execSQL(b.server, "postgres", "CREATE DATABASE "+theirs))
	b.take("pg_restore -j2", b.shell(`pg_restore -j2 -d "$INTO" "$OUT/d"`, "INTO="+theirs))
	for _, name := range []string{ours, theirs} {
		b.must(execSQL(b.server, "postgres", "DROP DATABASE "+name))
	}
}

// shell runs a script whose files go into $OUT, with PostgreSQL's own programs.
func (b *peerBench) shell(script string, env ...string) *exec.Cmd {
	b.t.Helper()
	out := filepath.Join(b.dir, "out")
	b.must(os.MkdirAll(out, 0o700))
	if identity := filepath.Join(out, "identity"); there("age-keygen") {
		if _, err := os.Stat(identity); err != nil {
			b.must(exec.Command("age-keygen", "-o", identity).Run())
		}
	}
	c := b.server.Connection(b.database)
	cmd := exec.Command("bash", "-ec", script)
	cmd.Env = append(slices.Clone(b.env), "OUT="+out, "PATH="+b.server.Programs()+":"+os.Getenv("PATH"), "PGHOST="+c.Host, fmt.Sprintf("PGPORT=%d", c.Port), "PGUSER="+c.User, "PGDATABASE="+c.Database)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

func (b *peerBench) take(name string, cmd *exec.Cmd) {
	b.t.Helper()
	took := b.time(cmd)
	b.sample[name] = append(b.sample[name], took)
	if name == "first" || name == "second" || name == "restore" {
		b.peak = max(b.peak, peakOf(cmd))
	}
}

func (b *peerBench) report() {
	b.t.Helper()
	for _, r := range b.rivals {
		b.ratio("full backup / "+r.name, "first", r.name, r.must, r.goal)
	}
	b.ratio("second backup, nothing changed / first", "second", "first", 0.60, 0.35)
	b.reportRestore()
}

func (b *peerBench) reportRestore() {
	b.t.Helper()
	b.ratio("verified restore / pg_restore -j2 of -Fd", "restore", "pg_restore -j2", 0.85, 0.60)
	tally.Figure{What: "peak memory of these", Value: float64(b.peak >> 20), Unit: " MB", Must: 250, Goal: 128}.Report(b.t)
}

// ratio reports what one way takes of another's time.
func (b *peerBench) ratio(what, ours, peer string, must, goal float64) {
	b.t.Helper()
	mine, theirs := b.sample[ours], b.sample[peer]
	ratios := make([]float64, len(mine))
	for i := range mine {
		ratios[i] = mine[i].Seconds() / theirs[i].Seconds()
	}
	slices.Sort(ratios)
	tally.Figure{
		What: what, Ours: fmt.Sprintf("%.2f s", middle(mine).Seconds()), Peer: fmt.Sprintf("%.2f s", middle(theirs).Seconds()),
		Value: ratios[len(ratios)/2], Low: ratios[0], High: ratios[len(ratios)-1], Must: must, Goal: goal,
	}.Report(b.t)
}

func middle(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
