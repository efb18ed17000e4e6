package pgarchive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ErrFormat is at the bottom of every error about bytes that are no archive we know.
var ErrFormat = errors.New("not a pg_dump archive of a known version")

// Limits on what a length may claim. They are far above what pg_dump writes.
const (
	maxText    = 1 << 30
	maxEntries = 1 << 24
	maxDeps    = 1 << 20
	firstChunk = 1 << 16 // memory given before any of the bytes came
)

const magic = "PGDMP"

// Formats of an archive, as pg_dump numbers them.
const (
	formatCustom    = 1
	formatTar       = 3
	formatDirectory = 5
)

// Read reads header and table of contents; r stands at the first data block afterwards if it
// is an *bufio.Reader, else somewhere behind.
func Read(r io.Reader) (*Archive, error) {
	buffered, ok := r.(*bufio.Reader)
	if !ok {
		buffered = bufio.NewReader(r)
	}
	return readArchive(&decoder{r: buffered})
}

// ReadTOC reads toc.dat, the table of contents of an archive in the format of a folder or of a tar
// file.
func ReadTOC(r io.Reader) (*Archive, error) {
	return readArchive(&decoder{r: bufio.NewReader(r), apart: true})
}

func readArchive(d *decoder) (*Archive, error) {
	a := &Archive{}
	d.header(&a.Header)
	count := d.count("entries", maxEntries)
	for range count {
		if d.err != nil {
			break
		}
		a.Entries = append(a.Entries, d.entry(&a.Header))
	}
	if d.err != nil {
		return nil, d.err
	}
	return a, nil
}

// decoder reads the primitives of the format. After the first error it gives zero values.
type decoder struct {
	r       *bufio.Reader
	copy    io.Writer // gets every byte that was read; nil: nobody
	apart   bool      // the data is in other files, whose names are in the entries
	intSize int
	buf     [9]byte
	piece   []byte // room for one piece of a large object, made when needed
	err     error
}

// fail remembers the first error.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
	}
}

// read fills p.
func (d *decoder) read(p []byte) {
	if d.err != nil {
		return
	}
	if _, err := io.ReadFull(d.r, p); err != nil {
		d.readFailed(err)
		return
	}
	d.pass(p)
}

// readFailed tells an archive that is cut off from a reader that failed.
func (d *decoder) readFailed(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		d.fail("it ends too early")
		return
	}
	d.err = fmt.Errorf("read archive: %w", err)
}

// pass hands read bytes on.
func (d *decoder) pass(p []byte) {
	if d.copy == nil || d.err != nil {
		return
	}
	if _, err := d.copy.Write(p); err != nil {
		d.err = err
	}
}

func (d *decoder) byte() byte {
	d.read(d.buf[:1])
	if d.err != nil {
		return 0
	}
	return d.buf[0]
}

// int reads a number: a byte for the sign, then the bytes of its amount, lowest first.
func (d *decoder) int() int {
	p := d.buf[:1+d.intSize]
	d.read(p)
	if d.err != nil {
		return 0
	}
	n := 0
	for i, b := range p[1:5] {
		n |= int(b) << (8 * i)
	}
	for _, b := range p[5:] {
		if b != 0 {
			d.fail("a number is too big")
			return 0
		}
	}
	if p[0] != 0 {
		return -n
	}
	return n
}

// count reads a number that says how many follow.
func (d *decoder) count(what string, limit int) int {
	n := d.int()
	if n < 0 || n > limit {
		d.fail("it claims %d %s", n, what)
		return 0
	}
	return n
}

// text reads a text: its length, -1 for NULL, then its bytes.
func (d *decoder) text() Text {
	n := d.int()
	if d.err != nil || n == -1 {
		return Text{}
	}
	if n < 0 || n > maxText {
		d.fail("it claims a text of %d bytes", n)
		return Text{}
	}
	return TextOf(string(d.bytes(n)))
}

// bytes reads n bytes, and takes the memory for them as they come: a length alone is no reason
// to believe that they do.
func (d *decoder) bytes(n int) []byte {
	p := make([]byte, 0, min(n, firstChunk))
	for len(p) < n && d.err == nil {
		step := min(n-len(p), max(len(p), firstChunk))
		p = append(p, make([]byte, step)...)
		d.read(p[len(p)-step:])
	}
	if d.err != nil {
		return nil
	}
	return p
}

// header reads up to the table of contents.
func (d *decoder) header(h *Header) {
	start := make([]byte, len(magic))
	d.read(start)
	if d.err == nil && string(start) != magic {
		d.fail("it does not start with %s", magic)
	}
	h.Version = Version{d.byte(), d.byte(), d.byte()}
	if v := h.Version; d.err == nil && (v.Major != 1 || v.Minor < minorAccessMethod || v.Minor > minorRelkind) {
		d.fail("its version is %d.%d; 1.14 to 1.16 can be read", v.Major, v.Minor)
	}
	h.IntSize, h.OffsetSize = d.byte(), d.byte()
	if format := d.byte(); d.err == nil && !d.readsFormat(format) {
		d.fail("its format is number %d, not the one that was expected", format)
	}
	if h.IntSize != 4 && h.IntSize != 8 || h.OffsetSize < 1 || h.OffsetSize > 8 {
		d.fail("it has numbers of %d and offsets of %d bytes", h.IntSize, h.OffsetSize)
	}
	if d.err != nil {
		return
	}
	d.intSize = int(h.IntSize)
	h.Compression = d.compression(h)
	for i := range h.Created {
		h.Created[i] = d.int()
	}
	h.Database, h.Server, h.Dumper = d.text(), d.text(), d.text()
}

func (d *decoder) readsFormat(format byte) bool {
	if d.apart {
		return format == formatTar || format == formatDirectory
	}
	return format == formatCustom
}

func (d *decoder) compression(h *Header) int {
	if h.Version.Minor >= minorCompression {
		return int(d.byte())
	}
	return d.int()
}

// entry reads one entry. Its fields come in the order of the struct.
func (d *decoder) entry(h *Header) Entry {
	e := Entry{DumpID: d.int(), HasData: d.int() != 0}
	if e.DumpID < 1 || e.DumpID > maxDumpID {
		d.fail("an entry has the number %d", e.DumpID)
	}
	e.CatalogOID, e.OID = d.oidText(), d.oidText()
	e.Tag, e.Desc = d.text(), d.text()
	e.Section = Section(d.int())
	e.Defn, e.Drop, e.Copy = d.text(), d.text(), d.text()
	e.Namespace, e.Tablespace, e.AccessMethod = d.text(), d.text(), d.text()
	if h.Version.Minor >= minorRelkind {
		e.Relkind = d.int()
	}
	e.Owner, e.WithOIDs = d.text(), d.text()
	e.Deps = d.deps()
	if d.apart {
		e.File = d.text()
		return e
	}
	e.State = OffsetState(d.byte())
	e.Offset = d.offset(int(h.OffsetSize))
	return e
}

// oidText reads an OID, which is written as a text.
func (d *decoder) oidText() uint32 {
	text := d.text()
	if d.err != nil {
		return 0
	}
	n, err := strconv.ParseUint(text.S, 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != text.S {
		d.fail("an OID is no number")
		return 0
	}
	return uint32(n)
}

// deps reads dump IDs, written as texts, up to a NULL.
func (d *decoder) deps() []Text {
	var deps []Text
	for d.err == nil {
		dep := d.text()
		if !dep.Valid {
			break
		}
		if len(deps) >= maxDeps {
			d.fail("an entry has more than %d dependencies", maxDeps)
			break
		}
		deps = append(deps, dep)
	}
	return deps
}

func (d *decoder) offset(size int) uint64 {
	p := d.buf[:size]
	d.read(p)
	if d.err != nil {
		return 0
	}
	var n uint64
	for i, b := range p {
		n |= uint64(b) << (8 * i)
	}
	return n
}
