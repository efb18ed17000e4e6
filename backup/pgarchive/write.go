package pgarchive

import (
	"fmt"
	"io"
	"strconv"
)

// Write writes header and table of contents as pg_dump would. What Read gave is written back
// byte for byte.
func Write(w io.Writer, a *Archive) error {
	e := &encoder{intSize: int(a.Header.IntSize), offsetSize: int(a.Header.OffsetSize)}
	if e.intSize != 4 && e.intSize != 8 || e.offsetSize < 1 || e.offsetSize > 8 {
		return fmt.Errorf("%w: numbers of %d and offsets of %d bytes", ErrFormat, e.intSize, e.offsetSize)
	}
	e.header(&a.Header)
	e.int(len(a.Entries))
	for i := range a.Entries {
		e.entry(&a.Header, &a.Entries[i])
	}
	_, err := w.Write(e.out)
	return err
}

// encoder collects the primitives of the format.
type encoder struct {
	out                 []byte
	intSize, offsetSize int
}

func (e *encoder) header(h *Header) {
	e.out = append(e.out, magic...)
	e.out = append(e.out, h.Version.Major, h.Version.Minor, h.Version.Rev, h.IntSize, h.OffsetSize, formatCustom)
	if h.Version.Minor >= minorCompression {
		e.out = append(e.out, byte(h.Compression))
	} else {
		e.int(h.Compression)
	}
	for _, n := range h.Created {
		e.int(n)
	}
	e.texts(h.Database, h.Server, h.Dumper)
}

func (e *encoder) entry(h *Header, t *Entry) {
	e.int(t.DumpID)
	e.bool(t.HasData)
	e.texts(oidText(t.CatalogOID), oidText(t.OID), t.Tag, t.Desc)
	e.int(int(t.Section))
	e.texts(t.Defn, t.Drop, t.Copy, t.Namespace, t.Tablespace, t.AccessMethod)
	if h.Version.Minor >= minorRelkind {
		e.int(t.Relkind)
	}
	e.texts(t.Owner, t.WithOIDs)
	e.texts(t.Deps...)
	e.texts(Text{})
	e.out = append(e.out, byte(t.State))
	for i := range e.offsetSize {
		e.out = append(e.out, byte(t.Offset>>(8*i)))
	}
}

func oidText(oid uint32) Text { return TextOf(strconv.FormatUint(uint64(oid), 10)) }

func (e *encoder) int(n int) {
	sign := byte(0)
	if n < 0 {
		sign, n = 1, -n
	}
	e.out = append(e.out, sign)
	for i := range e.intSize {
		e.out = append(e.out, byte(n>>(8*i)))
	}
}

func (e *encoder) bool(b bool) {
	if b {
		e.int(1)
	} else {
		e.int(0)
	}
}

func (e *encoder) texts(texts ...Text) {
	for _, t := range texts {
		if !t.Valid {
			e.int(-1)
			continue
		}
		e.int(len(t.S))
		e.out = append(e.out, t.S...)
	}
}
