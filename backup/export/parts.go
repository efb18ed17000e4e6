package export

import (
	"io"

	"holdfast/backup"
	"holdfast/backup/rowsum"
)

// part opens a part of the backup for read.
func (e *exporting) part(name string, read func(io.Reader) error) error {
	from, err := e.parts.Open(e.ctx, name)
	if err != nil {
		return err
	}
	err = read(&watched{e: e, from: from})
	if closeErr := from.Close(); err == nil {
		err = closeErr
	}
	return err
}

// watched ends when the download is cancelled.
type watched struct {
	e    *exporting
	from io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.e.ctx.Err(); err != nil {
		return 0, err
	}
	return w.from.Read(p)
}

// passed counts bytes of contents for the progress.
func (e *exporting) passed(n int) {
	e.done += int64(n)
	e.report(e.done, e.m.Bytes())
}

// rows writes the rows of t to w and compares them with the manifest.
func (e *exporting) rows(t *backup.Table, w io.Writer) error {
	sum := &rowsum.Rows{}
	err := e.part(t.Part, func(r io.Reader) error {
		_, err := io.CopyBuffer(onlyWriter{io.MultiWriter(sum, counting{e}, w)}, r, make([]byte, 256<<10))
		return err
	})
	if err != nil {
		return err
	}
	name := t.Schema + "." + t.Name
	if sum.Rows() != t.Rows || sum.Bytes() != t.Bytes {
		return backup.Errorf(backup.Damaged, hintDamaged, "the part of the table %q has %d rows in %d bytes, the manifest says %d in %d",
			name, sum.Rows(), sum.Bytes(), t.Rows, t.Bytes)
	}
	if sum.Hex() != t.Hash {
		return backup.Errorf(backup.Damaged, hintDamaged, "the rows of the table %q are not those of the backup", name)
	}
	return nil
}

// onlyWriter hides what would let io.Copy go round its buffer.
type onlyWriter struct{ io.Writer }

// counting tells the progress.
type counting struct{ e *exporting }

func (c counting) Write(p []byte) (int, error) {
	c.e.passed(len(p))
	return len(p), nil
}

// blobSum sums up the large objects that pass. It is a pgarchive.Objects.
type blobSum struct {
	e   *exporting
	sum rowsum.Blobs
}

// Object implements pgarchive.Objects.
func (b *blobSum) Object(oid uint32) { b.sum.Begin(oid) }

// Contents implements pgarchive.Objects.
func (b *blobSum) Contents(p []byte) {
	b.sum.Contents(p)
	b.e.passed(len(p))
}

// compare compares all large objects with the manifest.
func (b *blobSum) compare() error {
	want := &b.e.m.LargeObjects
	if b.sum.Count() != want.Count || b.sum.Bytes() != want.Bytes || b.sum.Hex() != want.Hash {
		return backup.Errorf(backup.Damaged, hintDamaged, "the large objects (%d with %d bytes) are not those of the backup (%d with %d bytes)",
			b.sum.Count(), b.sum.Bytes(), want.Count, want.Bytes)
	}
	return nil
}
