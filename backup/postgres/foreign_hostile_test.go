//go:build unix

package postgres

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"

	"golang.org/x/sys/unix"
)

// TestHostileFolders changes a folder of pg_dump's so that pg_restore would read, or wait for, what is
// not in it: each is refused before a tool sees it.
func TestHostileFolders(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", "CREATE TABLE a AS SELECT 'x' AS v", "SELECT lo_from_bytea(4711, 'one')")
	outside := filepath.Join(t.TempDir(), "outside")
	put(t, outside, "not of the archive\n")
	row := tally.Of(t, "a folder that leads elsewhere")
	for what, harm := range map[string]func(folder string){
		"rows are a link": func(folder string) {
			b.replaced(rowsIn(t, folder), func(path string) error { return os.Symlink(outside, path) })
		},
		"toc.dat is a link": func(folder string) {
			b.replaced(filepath.Join(folder, tocFile), func(path string) error { return os.Symlink(outside, path) })
		},
		"a link to a folder": func(folder string) {
			b.replaced(filepath.Join(folder, "x"), func(path string) error { return os.Symlink("/", path) })
		},
		"rows are a pipe": func(folder string) {
			b.replaced(rowsIn(t, folder), func(path string) error { return unix.Mkfifo(path, 0o600) })
		},
		"an object outside":  func(folder string) { objectsIn(t, folder, "4711 ../../outside\n") },
		"an absolute name":   func(folder string) { objectsIn(t, folder, "4711 "+outside+"\n") },
		"a line without end": func(folder string) { objectsIn(t, folder, strings.Repeat("1", 1<<20)) },
		"a packed list":      func(folder string) { put(t, objectsIn(t, folder, "")+".gz", "") },
		"rows outside":       func(folder string) { renamed(t, folder, filepath.Base(rowsIn(t, folder)), "../x") },
	} {
		row.Try(what)
		folder := b.dumpTo("shop", strings.ReplaceAll(what, " ", "-"), "--format=directory", "--compress=0")
		harm(folder)
		_, err := b.LookFile(t.Context(), b.sb, folder, nil)
		t.Logf("%s: %v | %s", what, err, backup.AsError(errOrNone(err)).Hint)
		if backup.KindOf(err) != backup.Refused || backup.AsError(err).Hint == "" {
			row.Lost("%s: %v", what, err)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) replaced(path string, by func(path string) error) {
	b.t.Helper()
	_ = os.Remove(path) // it need not be there
	if err := by(path); err != nil {
		b.t.Fatal(err)
	}
}

// rowsIn gives the file with the rows of the one table.
func rowsIn(t *testing.T, folder string) string { return only(t, folder, "[0-9]*.dat") }

// objectsIn replaces the list of large objects and gives its path.
func objectsIn(t *testing.T, folder, text string) string {
	path := only(t, folder, "blobs*.toc")
	put(t, path, text)
	return path
}

func only(t *testing.T, folder, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q %v", pattern, found, err)
	}
	return found[0]
}

// renamed writes another name of the same or a shorter length into the table of contents.
func renamed(t *testing.T, folder, from, to string) {
	t.Helper()
	path := filepath.Join(folder, tocFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to += strings.Repeat("x", len(from)-len(to))
	if !bytes.Contains(text, []byte(from)) {
		t.Fatalf("%s is not named", from)
	}
	put(t, path, string(bytes.ReplaceAll(text, []byte(from), []byte(to))))
}

// TestHostileTar: a file of holes, longer than the archive, and a second file of a name are not read.
func TestHostileTar(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", "CREATE TABLE a AS SELECT 'x' AS v")
	path := b.dumpTo("shop", "x.tar", "--format=tar")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	end := len(bytes.TrimRight(whole, "\x00"))
	end += (tarBlock - end%tarBlock) % tarBlock
	put(t, path, string(whole[:end])+sparse("3000.dat", 1<<50)+string(make([]byte, 2*tarBlock)))
	_, err = b.LookFile(t.Context(), b.sb, path, nil)
	wantKind(t, err, backup.Refused, "more than itself", "who made it")
}

// sparse is a file of a tar file that has nothing but holes, as GNU tar writes it.
func sparse(name string, size int64) string {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Format: tar.FormatGNU, Typeflag: tar.TypeReg}) // to memory
	head := out.Bytes()[:tarBlock]
	head[156] = tar.TypeGNUSparse
	copy(head[386:], fmt.Sprintf("%011o\x00%011o\x00", 0, 0))
	head[483], head[484] = 0x80, 0
	for i := range 8 {
		head[487+i] = byte(size >> (8 * (7 - i)))
	}
	copy(head[148:], "        ")
	sum := 0
	for _, c := range head {
		sum += int(c)
	}
	copy(head[148:], fmt.Sprintf("%06o\x00 ", sum))
	return string(head)
}

// TestHostileScripts: a few bytes of gzip may be gigabytes of script. What is kept of it has a limit, and
// so has the memory that reading it takes.
func TestHostileScripts(t *testing.T) {
	b := startBench(t)
	b.fresh("shop")
	const title = "--\n-- PostgreSQL database dump\n--\n\n"
	for what, c := range map[string]struct {
		piece string
		times int
		words string
	}{
		"tables":           {"CREATE TABLE a" + strings.Repeat("x", 200) + "();\n", mostTables + 2, "more than 250000 tables"},
		"roles":            {"ALTER TABLE a OWNER TO r%d;\n", mostNames + 2, "more than 10000 roles"},
		"a comment":        {strings.Repeat("-", 1<<20), 100, "is missing"},
		"a line of a COPY": {strings.Repeat("x", 1<<20), 200, "have no end"},
	} {
		path := filepath.Join(t.TempDir(), "x.sql.gz")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := gzip.NewWriter(file)
		_, _ = fmt.Fprint(w, title) // closing says what went wrong
		if strings.Contains(what, "COPY") {
			_, _ = fmt.Fprint(w, "CREATE TABLE a (x text);\nCOPY a FROM stdin;\n")
		}
		for i := range c.times {
			_, _ = fmt.Fprint(w, strings.Replace(c.piece, "%d", fmt.Sprint(i), 1))
		}
		if err := firstOf(w.Close(), file.Close()); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err = b.LookFile(t.Context(), b.sb, path, nil)
		runtime.ReadMemStats(&after)
		t.Logf("%s: %v; %d MB from the system", what, err, (after.Sys-before.Sys)>>20)
		if err == nil || !strings.Contains(err.Error(), c.words) || backup.AsError(err).Hint == "" {
			t.Errorf("%s: %v", what, err)
		}
		if grown := int64(after.Sys) - int64(before.Sys); grown > 100<<20 {
			t.Errorf("%s: reading it took %d MB", what, grown>>20)
		}
	}
}
