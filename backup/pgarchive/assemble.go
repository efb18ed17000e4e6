package pgarchive

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// chunkBytes is how much of a table's rows stands behind one length.
const chunkBytes = 64 << 10

// endOfRows ends the rows of a table in an archive. It is what psql wants to see, and pg_dump
// writes it for pg_restore too.
const endOfRows = "\\.\n\n\n"

// Writer writes an archive with its data, block by block, in the order of its entries, which is
// the order in which pg_restore reads a pipe.
//
// Where blocks are is written into the table of contents at once, from the sizes that are known
// before. The places of the others (of a block of large objects behind another one) are filled
// in by Close when the output can be sought in, as pg_dump does it; else pg_restore finds them by
// itself.
type Writer struct {
	out     counted
	archive *Archive
	next    []int // indexes of the entries with data that are to come
}

// counted counts what is written, and remembers the first error.
type counted struct {
	to  io.Writer
	at  uint64
	err error
}

func (c *counted) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.to.Write(p)
	c.at += uint64(n)
	c.err = err
	return n, err
}

// NewWriter writes header and table of contents of a. rows says for each TABLE DATA entry, by
// its dump ID, how many bytes of COPY text it will get. The archive is kept and changed.
func NewWriter(to io.Writer, a *Archive, rows map[int]int64) (*Writer, error) {
	if a.Header.Compression != 0 {
		return nil, fmt.Errorf("%w: its data is compressed", ErrFormat)
	}
	w := &Writer{out: counted{to: to}, archive: a}
	var toc bytes.Buffer
	if err := Write(&toc, a); err != nil {
		return nil, err
	}
	w.place(uint64(toc.Len()), rows)
	toc.Reset()
	if err := Write(&toc, a); err != nil {
		return nil, err
	}
	_, err := w.out.Write(toc.Bytes())
	return w, err
}

// place fills in the offsets that are known before the data is.
func (w *Writer) place(at uint64, rows map[int]int64) {
	known := true
	for i := range w.archive.Entries {
		e := &w.archive.Entries[i]
		e.Offset = 0
		if !e.HasData {
			continue
		}
		w.next = append(w.next, i)
		e.State = OffsetNotSet
		if known {
			e.State, e.Offset = OffsetSet, at
		}
		n, ok := rows[e.DumpID]
		known = known && ok
		at += blockSize(&w.archive.Header, n)
	}
}

// blockSize gives the bytes of a block with n bytes of COPY text.
func blockSize(h *Header, n int64) uint64 {
	number := 1 + uint64(h.IntSize)
	text := uint64(n) + uint64(len(endOfRows))
	chunks := (text + chunkBytes - 1) / chunkBytes
	return 1 + number + text + chunks*number + number
}

// begin takes the next entry, whose block begins at start and must be for id.
func (w *Writer) begin(id int, start uint64) (*Entry, error) {
	if len(w.next) == 0 || w.archive.Entries[w.next[0]].DumpID != id {
		return nil, fmt.Errorf("%w: the data of the entry %d does not come in its order", ErrFormat, id)
	}
	e := &w.archive.Entries[w.next[0]]
	w.next = w.next[1:]
	if e.State == OffsetSet && e.Offset != start {
		return nil, fmt.Errorf("%w: the data before %s %q has another size than was announced", ErrFormat, e.Desc.S, e.Tag.S)
	}
	return e, nil
}

// Rows begins the block of a TABLE DATA entry; its COPY text, without an end, is written to the
// result, whose Close completes the block.
func (w *Writer) Rows(id int) (io.WriteCloser, error) {
	if _, err := w.begin(id, w.out.at); err != nil {
		return nil, err
	}
	e := &encoder{intSize: int(w.archive.Header.IntSize)}
	e.out = append(e.out, blockData)
	e.int(id)
	if _, err := w.out.Write(e.out); err != nil {
		return nil, err
	}
	r := &rowsWriter{w: w, chunk: make([]byte, 0, chunkBytes)}
	return r, nil
}

// rowsWriter cuts COPY text into chunks.
type rowsWriter struct {
	w     *Writer
	chunk []byte
	e     encoder
}

func (r *rowsWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		taken := min(len(p), chunkBytes-len(r.chunk))
		r.chunk = append(r.chunk, p[:taken]...)
		p = p[taken:]
		if len(r.chunk) == chunkBytes {
			if err := r.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// number writes one number.
func (r *rowsWriter) number(n int) error {
	r.e.intSize, r.e.out = int(r.w.archive.Header.IntSize), r.e.out[:0]
	r.e.int(n)
	_, err := r.w.out.Write(r.e.out)
	return err
}

func (r *rowsWriter) flush() error {
	if len(r.chunk) == 0 {
		return nil
	}
	if err := r.number(len(r.chunk)); err != nil {
		return err
	}
	_, err := r.w.out.Write(r.chunk)
	r.chunk = r.chunk[:0]
	return err
}

// Close completes the block.
func (r *rowsWriter) Close() error {
	if _, err := io.WriteString(r, endOfRows); err != nil {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	return r.number(0)
}

// Objects is told of the large objects that pass.
type Objects interface {
	// Object starts a large object.
	Object(oid uint32)
	// Contents gives bytes of the present large object; p is only valid during the call.
	Contents(p []byte)
}

// Blobs copies blocks of large objects, as Split gave them, from r up to its end.
func (w *Writer) Blobs(r io.Reader, objects Objects) error {
	d := blobDecoder(r, &w.archive.Header)
	for {
		start := w.out.at
		id, err := d.blob(&w.out, objects)
		if err == io.EOF { //nolint:errorlint // blob gives it bare, at the end only
			return nil
		}
		if err != nil {
			return err
		}
		e, err := w.begin(id, start)
		if err != nil {
			return err
		}
		e.State, e.Offset = OffsetSet, start
	}
}

// Close checks that all data came, and fills in the places that were not known before when the
// output can be sought in. It does not close the output.
func (w *Writer) Close() error {
	if w.out.err != nil {
		return w.out.err
	}
	if len(w.next) > 0 {
		e := &w.archive.Entries[w.next[0]]
		return fmt.Errorf("%w: the data of %s %q is missing", ErrFormat, e.Desc.S, e.Tag.S)
	}
	seeker, ok := w.out.to.(io.WriteSeeker)
	if !ok || w.blobEntries() < 2 {
		return nil
	}
	if _, err := seeker.Seek(0, io.SeekStart); err != nil {
		return nil //nolint:nilerr // a pipe: pg_restore finds the blocks by itself
	}
	if err := Write(w.out.to, w.archive); err != nil {
		return err
	}
	_, err := seeker.Seek(0, io.SeekEnd)
	return err
}

// blobEntries counts the entries whose places may not have been known before.
func (w *Writer) blobEntries() int {
	n := 0
	for i := range w.archive.Entries {
		if e := &w.archive.Entries[i]; e.HasData && e.Desc.S == DescBlobs {
			n++
		}
	}
	return n
}

// ReadBlobs reads blocks of large objects, as Split gave them, from r up to its end. h is the
// header of their archive. ids are the dump IDs that the blocks are for.
func ReadBlobs(r io.Reader, h *Header, objects Objects) (ids []int, err error) {
	d := blobDecoder(r, h)
	for {
		id, err := d.blob(io.Discard, objects)
		if err == io.EOF { //nolint:errorlint // blob gives it bare, at the end only
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
}

func blobDecoder(r io.Reader, h *Header) *decoder {
	return &decoder{r: bufio.NewReaderSize(r, 1<<17), intSize: int(h.IntSize)}
}

// blob reads one block, whose bytes go to w as they are: io.EOF when there is none.
func (d *decoder) blob(w io.Writer, objects Objects) (id int, err error) {
	kind, err := d.r.ReadByte()
	if err == io.EOF {
		return 0, io.EOF
	}
	if err != nil {
		return 0, fmt.Errorf("read archive: %w", err)
	}
	if kind != blockBlobs {
		return 0, fmt.Errorf("%w: a block of kind %d where large objects must be", ErrFormat, kind)
	}
	return d.blobBlock(kind, w, objects)
}
