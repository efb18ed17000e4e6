package pgarchive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Kinds of data blocks.
const (
	blockData  = 1
	blockBlobs = 3
)

// maxPiece limits one piece of a large object, pg_dump writes pieces of some KiB.
const maxPiece = 1 << 30

// Blocks takes the large-object blocks of a split archive, one after the other.
type Blocks interface {
	Objects

	// Begin starts a block; its bytes, as they are in the archive, go to the writer.
	Begin() (io.Writer, error)
	// End completes the block.
	End() error
}

// Split reads an uncompressed archive from r as it comes. Header and table of contents go to
// toc, every block of large objects to blocks. A block of table data is an error: the archive
// is one whose tables were all left out. So is a block that is announced and does not come.
func Split(r io.Reader, toc io.Writer, blocks Blocks) (*Archive, error) {
	d := &decoder{r: bufio.NewReaderSize(r, 1<<17), copy: toc}
	a, err := readArchive(d)
	if err != nil {
		return nil, err
	}
	if a.Header.Compression != 0 {
		return nil, fmt.Errorf("%w: its data is compressed", ErrFormat)
	}
	seen := map[int]bool{}
	for {
		d.copy = nil
		kind, err := d.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return a, a.complete(seen)
		}
		if err != nil {
			return nil, fmt.Errorf("read archive: %w", err)
		}
		id, err := d.block(a, kind, blocks)
		if err != nil {
			return nil, err
		}
		seen[id] = true
	}
}

// complete says whether every block that the table of contents announces was there: nothing
// else marks the end of an archive.
func (a *Archive) complete(seen map[int]bool) error {
	for i := range a.Entries {
		if e := &a.Entries[i]; e.HasData && !seen[e.DumpID] {
			return fmt.Errorf("%w: the data of %s %q is missing", ErrFormat, e.Desc.S, e.Tag.S)
		}
	}
	return nil
}

// block reads one block whose kind was read already, and gives the dump ID that it is for.
func (d *decoder) block(a *Archive, kind byte, blocks Blocks) (id int, err error) {
	if kind == blockData {
		return 0, d.unexpectedData(a)
	}
	if kind != blockBlobs {
		return 0, fmt.Errorf("%w: a block of unknown kind %d", ErrFormat, kind)
	}
	w, err := blocks.Begin()
	if err != nil {
		return 0, err
	}
	if id, err = d.blobBlock(kind, w, blocks); err != nil {
		return 0, err
	}
	return id, blocks.End()
}

// blobBlock reads a block of large objects whose kind was read already; its bytes go to w as
// they are.
func (d *decoder) blobBlock(kind byte, w io.Writer, objects Objects) (id int, err error) {
	d.copy = w
	d.pass([]byte{kind})
	id = d.int()
	for {
		oid := uint32(int32(d.int())) // pg_dump writes it as a signed number
		if oid == 0 || d.err != nil {
			return id, d.err
		}
		objects.Object(oid)
		d.pieces(objects)
	}
}

// pieces reads one large object: pieces, each with its length, up to an empty one.
func (d *decoder) pieces(objects Objects) {
	if d.piece == nil {
		d.piece = make([]byte, 1<<15)
	}
	for d.err == nil {
		left := d.count("bytes in one piece", maxPiece)
		if left == 0 {
			return
		}
		for left > 0 && d.err == nil {
			p := d.piece[:min(left, len(d.piece))]
			d.read(p)
			if d.err == nil {
				objects.Contents(p)
			}
			left -= len(p)
		}
	}
}

// unexpectedData names the table whose rows are in the archive though they must not be.
func (d *decoder) unexpectedData(a *Archive) error {
	id := d.int()
	if d.err != nil {
		return d.err
	}
	if e := a.Entry(id); e != nil {
		return fmt.Errorf("the archive holds rows of %q.%q, which it must not", e.Namespace.S, e.Tag.S)
	}
	return fmt.Errorf("the archive holds rows of an unknown table (dump ID %d)", id)
}
