package pgarchive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// rowsOf is the COPY text that tests give to table t of the sample.
func rowsOf(n int) []byte { return bytes.Repeat([]byte("1\tone\n"), n) }

// assembled adds rows to the sample's table and joins its large objects.
func assembled(t testing.TB, minor byte, rows []byte, to io.Writer) *Archive {
	t.Helper()
	whole := newer(t, minor)
	a, err := Read(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	blobs := whole[len(tocOf(t, whole)):]
	first := a.AddTableData([]Entry{{
		Tag: TextOf("t"), Namespace: TextOf("public"), Owner: TextOf("postgres"), OID: 16386,
		Copy: TextOf("COPY public.t (id, x) FROM stdin;\n"), Deps: []Text{TextOf("215")},
	}})
	w, err := NewWriter(to, a, map[int]int64{first: int64(len(rows))})
	if err != nil {
		t.Fatal(err)
	}
	block, err := w.Rows(first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(block, iotest.HalfReader(bytes.NewReader(rows))); err != nil {
		t.Fatal(err)
	}
	if err := block.Close(); err != nil {
		t.Fatal(err)
	}
	c := &collector{}
	if err := w.Blobs(bytes.NewReader(blobs), c); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(c.objects) != 3 {
		t.Errorf("%d large objects passed", len(c.objects))
	}
	return a
}

// dataOf reads the blocks of an archive as pg_restore does: by ID, where they begin and what is in
// a block of rows.
func dataOf(t testing.TB, whole []byte) (places map[int]uint64, rows map[int]string) {
	t.Helper()
	r := bytes.NewReader(whole)
	d := &decoder{r: bufio.NewReader(r)}
	if _, err := readArchive(d); err != nil {
		t.Fatal(err)
	}
	places, rows = map[int]uint64{}, map[int]string{}
	for {
		at := uint64(len(whole) - r.Len() - d.r.Buffered())
		kind, err := d.r.ReadByte()
		if err != nil {
			return places, rows
		}
		if kind == blockData {
			id := d.int()
			for n := d.int(); n != 0 && d.err == nil; n = d.int() {
				rows[id] += string(d.bytes(n))
			}
			places[id] = at
		} else {
			id, err := d.blobBlock(kind, io.Discard, &collector{})
			if err != nil {
				t.Fatal(err)
			}
			places[id] = at
		}
		if d.err != nil {
			t.Fatal(d.err)
		}
	}
}

func TestAssemble(t *testing.T) {
	for _, minor := range []byte{14, 15, 16} {
		for _, n := range []int{0, 1, 10922, 10923, 60000} { // 65,532 bytes with the end, 65,538, many chunks
			var whole bytes.Buffer
			rows := rowsOf(n)
			assembled(t, minor, rows, &whole)
			a, err := Read(bytes.NewReader(whole.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			places, texts := dataOf(t, whole.Bytes())
			at := slices.IndexFunc(a.Entries, func(e Entry) bool { return e.Desc.S == DescTableData })
			entry := a.Entries[at]
			if !entry.HasData || entry.Section != SectionData || entry.WithOIDs.S != "false" || texts[entry.DumpID] != string(rows)+"\\.\n\n\n" {
				t.Errorf("1.%d, %d rows: %+v, %d bytes", minor, n, entry, len(texts[entry.DumpID]))
			}
			for _, e := range a.Entries {
				if e.HasData && (e.State != OffsetSet || e.Offset != places[e.DumpID]) {
					t.Errorf("1.%d, %d rows: the data of %s is at %d, the contents say %d (%d)", minor, n, e.Desc.S, places[e.DumpID], e.Offset, e.State)
				}
				if !e.HasData && (e.State != OffsetNone || e.Offset != 0) {
					t.Errorf("%s: %d %d", e.Desc.S, e.State, e.Offset)
				}
			}
			if before := a.Entries[at-1].Section; before == SectionData || before == SectionPostData || a.Entries[at+1].Section != SectionData {
				t.Errorf("1.%d: the rows are between sections %d and %d", minor, before, a.Entries[at+1].Section)
			}
		}
	}
}

// TestAssembleForStockTool lets pg_restore read what was written, rows and large objects, in every
// version of the format that it knows. HOLDFAST_TEST_TOOLS names the folder of another one.
func TestAssembleForStockTool(t *testing.T) {
	tool := stockTool(t)
	version, err := exec.Command(tool, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	var major int
	if _, err := fmt.Sscanf(string(version), "pg_restore (PostgreSQL) %d", &major); err != nil {
		t.Fatal(err)
	}
	for minor, since := range map[byte]int{14: 12, 15: 16, 16: 17} {
		if major < since {
			continue
		}
		path := filepath.Join(t.TempDir(), "a.dump")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		assembled(t, minor, rowsOf(20000), f)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		piped := exec.Command(tool, "-f", "-")
		piped.Stdin = bytes.NewReader(text)
		for _, cmd := range []*exec.Cmd{piped, exec.Command(tool, "-f", "-", path)} {
			script, err := cmd.Output()
			if err != nil || !strings.Contains(string(script), "COPY public.t (id, x) FROM stdin;\n"+string(rowsOf(20000))+"\\.\n") ||
				strings.Count(string(script), "lo_open") != 3 {
				t.Errorf("1.%d: %d bytes came of it: %v", minor, len(script), err)
			}
		}
	}
}

// stockTool gives the path of pg_restore.
func stockTool(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("HOLDFAST_TEST_TOOLS"); folder != "" {
		return filepath.Join(folder, "pg_restore")
	}
	paths, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_restore")
	if err != nil || len(paths) == 0 {
		t.Fatal("pg_restore is missing: install the package postgresql-client")
	}
	return paths[len(paths)-1]
}

// TestPlacesAreFilledIn has two blocks of large objects, of which the second's place is known only afterwards.
func TestPlacesAreFilledIn(t *testing.T) {
	build := func(to io.Writer) {
		a := &Archive{Header: Header{Version: Version{1, 16, 0}, IntSize: 4, OffsetSize: 8}}
		for id := 1; id <= 2; id++ {
			a.Entries = append(a.Entries, Entry{DumpID: id, HasData: true, Section: SectionData, Desc: TextOf(DescBlobs), State: OffsetNotSet})
		}
		w, err := NewWriter(to, a, nil)
		if err != nil {
			t.Fatal(err)
		}
		for id := 1; id <= 2; id++ {
			if err := w.Blobs(bytes.NewReader(blobBlock(id, 7, "abc")), &collector{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.dump")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	build(f)
	if _, err := f.WriteString("behind"); err != nil { // the place to write is the end again
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var pipe bytes.Buffer
	build(&pipe)
	file = bytes.TrimSuffix(file, []byte("behind"))
	inFile, err := Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	inPipe, err := Read(bytes.NewReader(pipe.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	places, _ := dataOf(t, file)
	for i := range inFile.Entries {
		if e := inFile.Entries[i]; e.State != OffsetSet || e.Offset != places[e.DumpID] {
			t.Errorf("file: %+v, it is at %d", e, places[e.DumpID])
		}
	}
	if a, b := inPipe.Entries[0], inPipe.Entries[1]; a.State != OffsetSet || b.State != OffsetNotSet || b.Offset != 0 {
		t.Errorf("pipe: %+v %+v", a, b)
	}
}

// blobBlock is a block of one large object.
func blobBlock(id int, oid uint32, text string) []byte {
	e := &encoder{intSize: 4}
	e.out = append(e.out, blockBlobs)
	e.int(id)
	e.int(int(oid))
	if text != "" {
		e.int(len(text))
		e.out = append(e.out, text...)
	}
	e.int(0)
	e.int(0)
	return e.out
}

// TestAssembleNotices has data that is not what was announced.
func TestAssembleNotices(t *testing.T) {
	start := func(size int64) (*Writer, int) {
		a, err := Read(bytes.NewReader(sample(t)))
		if err != nil {
			t.Fatal(err)
		}
		first := a.AddTableData([]Entry{{Tag: TextOf("t"), Deps: []Text{TextOf("215")}}})
		w, err := NewWriter(io.Discard, a, map[int]int64{first: size})
		if err != nil {
			t.Fatal(err)
		}
		return w, first
	}
	blobs := sample(t)[len(tocOf(t, sample(t))):]
	wantFormat := func(what string, err error, word string) {
		t.Helper()
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", what, err)
		}
	}
	fill := func(w *Writer, id int, rows string) {
		t.Helper()
		block, err := w.Rows(id)
		if err == nil {
			_, err = io.WriteString(block, rows)
		}
		if err == nil {
			err = block.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w, _ := start(6)
	wantFormat("no rows", w.Blobs(bytes.NewReader(blobs), &collector{}), "order")
	w, first := start(6)
	fill(w, first, "1\tone\n2\ttwo\n")
	wantFormat("more rows", w.Blobs(bytes.NewReader(blobs), &collector{}), "another size")
	w, first = start(6)
	fill(w, first, "1\tone\n")
	wantFormat("no large objects", w.Close(), "missing")
	wantFormat("a cut block", w.Blobs(bytes.NewReader(blobs[:len(blobs)-1]), &collector{}), "too early")
	w, first = start(6)
	fill(w, first, "1\tone\n")
	_, err := w.Rows(first)
	wantFormat("rows again", err, "order")
	wantFormat("rows for large objects", w.Blobs(strings.NewReader("\x01"), &collector{}), "kind 1")
	full := errors.New("full")
	a, err := Read(bytes.NewReader(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewWriter(failing{full}, a, nil); !errors.Is(err, full) {
		t.Error(err)
	}
	a.Header.Compression = 1
	_, err = NewWriter(io.Discard, a, nil)
	wantFormat("compressed", err, "compressed")
}

func TestAddTableData(t *testing.T) {
	for _, c := range []struct {
		name     string
		sections []Section
		at       int
	}{
		{"before sequences", []Section{SectionPreData, SectionNone, SectionData, SectionPostData}, 2},
		{"no other data", []Section{SectionPreData, SectionNone, SectionPostData, SectionNone}, 2},
		{"nothing behind", []Section{SectionPreData, SectionNone}, 2},
		{"empty", nil, 0},
	} {
		a := &Archive{}
		for i, s := range c.sections {
			a.Entries = append(a.Entries, Entry{DumpID: i + 1, Section: s, Deps: []Text{TextOf("40"), TextOf("no number"), TextOf("99999999999")}})
		}
		want := 41
		if c.sections == nil {
			want = 1
		}
		if first := a.AddTableData([]Entry{{}, {}}); first != want || a.Entries[c.at].DumpID != want || a.Entries[c.at+1].DumpID != want+1 {
			t.Errorf("%s: %d, %+v", c.name, first, a.Entries)
		}
	}
}

func TestReadBlobs(t *testing.T) {
	c := &collector{}
	ids, err := ReadBlobs(bytes.NewReader(append(blobBlock(9, math.MaxUint32, "a"), blobBlock(10, 5, "")...)), &Header{IntSize: 4}, c)
	want := []object{{math.MaxUint32, []byte("a")}, {5, nil}}
	if diff := cmp.Diff(want, c.objects, cmp.AllowUnexported(object{})); err != nil || diff != "" || !slices.Equal(ids, []int{9, 10}) {
		t.Errorf("%v %v %s", ids, err, diff)
	}
	if ids, err := ReadBlobs(strings.NewReader(""), &Header{IntSize: 4}, c); ids != nil || err != nil {
		t.Error(ids, err)
	}
}
