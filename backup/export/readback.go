package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// CheckFile reads a download back to its end and compares it with the SHA-256 of what was written. An
// archive for pg_restore must list the rows of each table of the manifest. With a passphrase it is one that
// Seal sealed. report gets bytes read and bytes in all; it may be nil.
func CheckFile(ctx context.Context, f Format, m *backup.Manifest, file io.ReaderAt, size int64, passphrase string, digest []byte, report func(done, total int64)) error {
	err := checkFile(ctx, f, m, file, size, passphrase, digest, report)
	if err != nil && ctx.Err() == nil {
		return &backup.Error{Kind: backup.Failed, Text: "what was written does not read back: " + err.Error(), Hint: "Look at the disk, or write to another one.", Err: err}
	}
	return firstOf(ctx.Err(), err)
}

func checkFile(ctx context.Context, f Format, m *backup.Manifest, file io.ReaderAt, size int64, passphrase string, digest []byte, report func(done, total int64)) error {
	if passphrase != "" {
		var err error
		if file, size, err = unseal(file, size, passphrase); err != nil {
			return err
		}
	}
	sum := sha256.New()
	in := io.TeeReader(&rereading{ctx: ctx, from: io.NewSectionReader(file, 0, size), total: size, report: report}, sum)
	if f == FormatDump {
		if err := listsTables(in, m); err != nil {
			return err
		}
	}
	if _, err := io.CopyBuffer(io.Discard, in, make([]byte, 1<<18)); err != nil {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), digest) {
		return errors.New("its bytes are not those that were written")
	}
	return nil
}

// listsTables reads the head of an archive.
func listsTables(in io.Reader, m *backup.Manifest) error {
	archive, err := pgarchive.Read(in)
	if err != nil {
		return err
	}
	want, listed := 0, 0
	for i := range m.Tables {
		if m.Tables[i].Part != "" {
			want++
		}
	}
	for i := range archive.Entries {
		if archive.Entries[i].Desc.S == pgarchive.DescTableData {
			listed++
		}
	}
	if listed != want {
		return fmt.Errorf("it lists the rows of %d tables, and the backup has those of %d", listed, want)
	}
	return nil
}

// rereading reads, counts and heeds a cancel.
type rereading struct {
	ctx    context.Context //nolint:containedctx // as long as one CheckFile
	from   io.Reader
	done   int64
	total  int64
	report func(done, total int64)
}

// Read implements io.Reader.
func (c *rereading) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.from.Read(p)
	c.done += int64(n)
	if c.report != nil {
		c.report(c.done, c.total)
	}
	return n, err
}
