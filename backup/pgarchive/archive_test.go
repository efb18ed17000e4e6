package pgarchive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// sample is an archive of pg_dump 15 with large objects and without rows.
func sample(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/pg15.dump")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// newer gives the same archive as a newer pg_dump would write it.
func newer(t testing.TB, minor byte) []byte {
	t.Helper()
	whole := sample(t)
	toc := tocOf(t, whole)
	a, err := Read(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	a.Header.Version.Minor = minor
	for i := range a.Entries {
		if a.Entries[i].Desc.S == "TABLE" {
			a.Entries[i].Relkind = 'r'
		}
	}
	var out bytes.Buffer
	if err := Write(&out, a); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), whole[len(toc):]...)
}

// tocOf gives the part of an archive before its data.
func tocOf(t testing.TB, whole []byte) []byte {
	t.Helper()
	var toc bytes.Buffer
	if _, err := Split(bytes.NewReader(whole), &toc, &collector{to: io.Discard}); err != nil {
		t.Fatal(err)
	}
	return toc.Bytes()
}

// collector is a Blocks that keeps what it is told.
type collector struct {
	to      io.Writer
	blocks  int
	ended   int
	objects []object
}

type object struct {
	oid  uint32
	text []byte
}

func (c *collector) Begin() (io.Writer, error) { c.blocks++; return c.to, nil }
func (c *collector) Object(oid uint32)         { c.objects = append(c.objects, object{oid: oid}) }
func (c *collector) End() error                { c.ended++; return nil }
func (c *collector) Contents(p []byte) {
	last := &c.objects[len(c.objects)-1]
	last.text = append(last.text, p...)
}

func TestReadSample(t *testing.T) {
	a, err := Read(bytes.NewReader(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	if a.Header.Version != (Version{1, 14, 0}) || a.Header.Database.S != "sample" || !strings.HasPrefix(a.Header.Server.S, "15.") || a.Header.Compression != 0 {
		t.Errorf("%+v", a.Header)
	}
	if len(a.Entries) != 19 {
		t.Errorf("%d entries", len(a.Entries))
	}
	table := a.Entry(215)
	if table == nil || table.OID != 16386 || table.CatalogOID != 1259 || table.Tag.S != "t" || table.Namespace.S != "public" || table.Owner.S != "postgres" ||
		table.AccessMethod.S != "heap" || table.Section != SectionPreData || !strings.HasPrefix(table.Defn.S, "CREATE TABLE public.t") || table.Copy.Valid {
		t.Errorf("%+v", table)
	}
	if a.Entry(1) != nil {
		t.Error("an entry that is not there")
	}
}

func TestSequences(t *testing.T) {
	for _, minor := range []byte{14, 15, 16} {
		a, err := Read(bytes.NewReader(newer(t, minor)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Sequences()
		if err != nil {
			t.Fatal(err)
		}
		want := []Sequence{
			{OID: 16395, Schema: "public", Name: "s', 7, false); --", Last: 42, IsCalled: false},
			{OID: 16385, Schema: "public", Name: "t_id_seq", Last: 2, IsCalled: true},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestParseSetval(t *testing.T) {
	for _, c := range []struct {
		defn   string
		last   int64
		called bool
		ok     bool
	}{
		{"SELECT pg_catalog.setval('public.s', 5, true);\n", 5, true, true},
		{"SELECT pg_catalog.setval('s'', 1, false);', -9223372036854775808, false);\n\n\n", -9223372036854775808, false, true},
		{"SELECT pg_catalog.setval('s', 9223372036854775808, true);", 0, false, false},
		{"SELECT pg_catalog.setval('s', 5, maybe);", 0, false, false},
		{"SELECT pg_catalog.setval('s', x, true);", 0, false, false},
		{"5, true);", 0, false, false},
		{"", 0, false, false},
	} {
		last, called, err := parseSetval(c.defn)
		if (err == nil) != c.ok || c.ok && (last != c.last || called != c.called) {
			t.Errorf("%q: %d %v %v", c.defn, last, called, err)
		}
	}
}

// TestSplitThenJoin reads from a pipe that gives one byte at a time.
func TestSplitThenJoin(t *testing.T) {
	for _, minor := range []byte{14, 15, 16} {
		whole := newer(t, minor)
		var again bytes.Buffer
		c := &collector{to: &again}
		if _, err := Split(iotest.OneByteReader(bytes.NewReader(whole)), &again, c); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), whole) {
			t.Errorf("1.%d: %d bytes became %d", minor, len(whole), again.Len())
		}
		want := []object{{16500, []byte("small")}, {16502, nil}, {4000000000, bytes.Repeat([]byte{0x0a, 0x5c, 0, 9}, 9000)}}
		if diff := cmp.Diff(want, c.objects, cmp.AllowUnexported(object{})); diff != "" || c.blocks != 1 || c.ended != 1 {
			t.Errorf("1.%d: %d blocks, %d ended: %s", minor, c.blocks, c.ended, diff)
		}
	}
	if !bytes.Equal(newer(t, 14), sample(t)) {
		t.Error("what was read is not written back as it was")
	}
}

// TestStockToolReadsIt lets pg_restore list what was split and joined.
func TestStockToolReadsIt(t *testing.T) {
	var again bytes.Buffer
	if _, err := Split(bytes.NewReader(sample(t)), &again, &collector{to: &again}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(stockTool(t), "--list")
	cmd.Stdin = &again
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "TABLE public t postgres") || !strings.Contains(string(out), "BLOBS") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestSplitRefusesRows(t *testing.T) {
	whole, err := os.ReadFile("testdata/pg15-rows.dump")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Split(bytes.NewReader(whole), io.Discard, &collector{to: io.Discard})
	if err == nil || !strings.Contains(err.Error(), `rows of "public"."t"`) {
		t.Error(err)
	}
}

// TestCutOff cuts an archive everywhere: whatever is missing must be noticed.
func TestCutOff(t *testing.T) {
	whole := newer(t, 16)
	toc := len(tocOf(t, whole))
	for n := range len(whole) {
		if n > toc+200 && n < len(whole)-200 {
			continue
		}
		_, err := Split(bytes.NewReader(whole[:n]), io.Discard, &collector{to: io.Discard})
		if !errors.Is(err, ErrFormat) {
			t.Fatalf("cut to %d of %d bytes (contents end at %d): %v", n, len(whole), toc, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := sample(t)
	change := func(at int, to ...byte) []byte {
		bad := bytes.Clone(good)
		copy(bad[at:], to)
		return bad
	}
	for name, bad := range map[string][]byte{
		"magic":        change(0, 'X'),
		"version 1.13": change(6, 13),
		"version 1.17": change(6, 17),
		"version 2.14": change(5, 2),
		"int size":     change(8, 200),
		"offset size":  change(9, 0),
		"tar format":   change(10, 3),
		"empty":        {},
	} {
		if _, err := Read(bytes.NewReader(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	packed := change(11, 0, 6)
	if _, err := Split(bytes.NewReader(packed), io.Discard, &collector{}); !errors.Is(err, ErrFormat) {
		t.Errorf("compressed: %v", err)
	}
	broken := io.MultiReader(bytes.NewReader(good[:100]), iotest.ErrReader(os.ErrDeadlineExceeded))
	if _, err := Read(broken); !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrFormat) {
		t.Errorf("a reader that fails: %v", err)
	}
}

// TestLengthsAreNotBelieved has a text that claims a gibibyte.
func TestLengthsAreNotBelieved(t *testing.T) {
	good := sample(t)
	at := bytes.Index(good, []byte("sample")) - 5
	bad := append(bytes.Clone(good[:at]), 0, 0, 0, 0, 0x40)
	bad = append(bad, make([]byte, 1000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(bytes.NewReader(bad))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 4<<20 {
		t.Errorf("%d bytes were taken for 1,000", taken)
	}
}

// TestSinkErrorsPass hands the error of whoever takes the parts through as it is.
func TestSinkErrorsPass(t *testing.T) {
	full := errors.New("full")
	if _, err := Split(bytes.NewReader(sample(t)), failing{full}, &collector{to: io.Discard}); !errors.Is(err, full) || errors.Is(err, ErrFormat) {
		t.Error(err)
	}
	if _, err := Split(bytes.NewReader(sample(t)), io.Discard, &collector{to: failing{full}}); !errors.Is(err, full) || errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzSplit(f *testing.F) {
	for _, minor := range []byte{14, 15, 16} {
		whole := newer(f, minor)
		f.Add(whole)
		f.Add(whole[:len(whole)-1])
	}
	f.Add([]byte("PGDMP\x01\x0e\x00\x04\x08\x01"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var again bytes.Buffer
		a, err := Split(bytes.NewReader(in), &again, &collector{to: &again})
		if err != nil {
			return
		}
		if !bytes.Equal(in, again.Bytes()) {
			t.Fatal("the joined parts are not the input")
		}
		_, _ = a.Sequences() // must not panic
		var out bytes.Buffer
		if err := Write(&out, a); err != nil {
			t.Fatal(err)
		}
		b, err := Read(&out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
	})
}
