package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
	"holdfast/backup/rowsum"
)

// partBuffer collects small writes of a part before they go to the vault.
const partBuffer = 256 << 10

// dump is pg_dump's share of a capture: definitions, sequences and large objects.
type dump struct {
	c         *capture
	args      []string
	archive   *pgarchive.Archive // of the run that ended well
	checked   bool               // its definitions are those of the snapshot
	blobs     rowsum.Blobs
	blobParts []string
}

// newDump makes pg_dump's arguments. They are in the database's encoding, like what pg_dump
// writes: it takes its arguments in the encoding of its session.
func (c *capture) newDump(ctx context.Context) (*dump, error) {
	args := []string{
		"--format=custom", "--compress=0", "--no-password",
		"--snapshot=" + c.snapshot,
		fmt.Sprintf("--lock-wait-timeout=%d", lockTry.Milliseconds()),
	}
	if c.tools.Major >= 18 {
		args = append(args, "--no-statistics")
	}
	patterns, err := c.patterns(ctx)
	if err != nil {
		return nil, err
	}
	return &dump{c: c, args: append(args, patterns...)}, nil
}

// encode gives text in the database's encoding.
func (c *capture) encode(ctx context.Context, text string) (string, error) {
	return encodeText(ctx, c.leader, text, c.encoding)
}

// unexplainedTries is how often pg_dump may fail to lock tables that nobody is seen to hold:
// whoever did may be gone, but pg_dump's message, in the server's language, does not tell us.
const unexplainedTries = 3

// run runs pg_dump, again when it could not have its locks in time.
func (d *dump) run(ctx context.Context) error {
	for try := 1; ; try++ {
		err := d.once(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		said, isTool := errors.AsType[*toolError](err)
		if !isTool {
			return err
		}
		if err := d.c.changedSince(ctx); err != nil {
			return err
		}
		if d.archive != nil || !said.locking {
			return said.fault
		}
		who, err := d.c.blockers(ctx, oidsOf(d.c.tables))
		if err != nil {
			return err
		}
		if who == "" && try >= unexplainedTries {
			return said.fault
		}
		if err := d.c.waited(ctx, try, who); err != nil {
			return err
		}
	}
}

// toolError is an end of pg_dump with an error.
type toolError struct {
	fault   error
	locking bool // while it took its locks, nothing was written then
}

func (e *toolError) Error() string { return e.fault.Error() }
func (e *toolError) Unwrap() error { return e.fault }

// once runs pg_dump once, its output through the splitter.
func (d *dump) once(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	kid := d.c.server.child(ctx, d.c.sandbox, d.c.sandbox.Connection.Database, d.c.tools.Dump, d.args)
	kid.stdout, kid.inside = in, d.c.tools.inside
	d.c.ours.tool(kid.session)
	if err := kid.start(); err != nil {
		return firstOf(err, in.Close(), out.Close())
	}
	if err := in.Close(); err != nil {
		cancel()
		return firstOf(kid.wait(), err, out.Close())
	}
	toc := &lazyPart{ctx: ctx, sink: d.c.sink, name: backup.PartTOC}
	defer toc.discard()
	parts := &blobWriter{ctx: ctx, dump: d}
	defer parts.discard()
	d.checked = false
	archive, splitErr := pgarchive.Split(kid.given(out), toc, parts)
	if splitErr != nil && !errors.Is(splitErr, pgarchive.ErrFormat) {
		cancel() // it is we who cannot go on
	}
	closeErr := out.Close()
	if err := d.verdict(ctx, kid, splitErr); err != nil {
		return err
	}
	d.archive = archive
	if err := firstOf(closeErr, d.check(ctx)); err != nil {
		return err
	}
	return toc.seal()
}

// check looks, once pg_dump has asked for all definitions, whether they are still those of the
// snapshot. Large objects come after that, and may take long.
func (d *dump) check(ctx context.Context) error {
	if d.checked {
		return nil
	}
	d.checked = true
	return d.c.changedSince(ctx)
}

// verdict waits for pg_dump and says what really went wrong, if anything: when pg_dump dies its
// archive is cut off too, when we stop reading it dies too.
func (d *dump) verdict(ctx context.Context, kid *child, splitErr error) error {
	waitErr := kid.wait()
	if splitErr != nil && !errors.Is(splitErr, pgarchive.ErrFormat) {
		return splitErr
	}
	if waitErr == nil {
		return splitErr
	}
	if ctx.Err() != nil {
		return waitErr
	}
	said := kid.stderr()
	return &toolError{fault: waitErr, locking: strings.Contains(said, "LOCK TABLE") && !strings.Contains(said, lockSetting)}
}

// lazyPart is a part that is made with its first byte.
type lazyPart struct {
	ctx  context.Context
	sink backup.Sink
	name string
	part backup.PartWriter
	buf  *bufio.Writer
}

func (l *lazyPart) Write(p []byte) (int, error) {
	if l.part == nil {
		part, err := l.sink.Create(l.ctx, l.name)
		if err != nil {
			return 0, err
		}
		l.part, l.buf = part, bufio.NewWriterSize(part, partBuffer)
	}
	return l.buf.Write(p)
}

// seal completes the part. A part that nothing was written to is not there.
func (l *lazyPart) seal() error {
	if l.part == nil {
		return fmt.Errorf("nothing was written to %s", l.name)
	}
	if err := l.buf.Flush(); err != nil {
		return err
	}
	return l.part.Seal()
}

// discard drops a part that was not sealed.
func (l *lazyPart) discard() {
	if l.part != nil {
		l.part.Discard()
	}
}

// blobWriter puts every block of large objects into a part of its own.
type blobWriter struct {
	ctx  context.Context
	dump *dump
	part *lazyPart
}

// Begin implements pgarchive.Blocks.
func (b *blobWriter) Begin() (io.Writer, error) {
	if err := b.dump.check(b.ctx); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s/%d.blobs", backup.DirBlobs, len(b.dump.blobParts)+1)
	b.part = &lazyPart{ctx: b.ctx, sink: b.dump.c.sink, name: name}
	return b.part, nil
}

// Object implements pgarchive.Blocks.
func (b *blobWriter) Object(oid uint32) { b.dump.blobs.Begin(oid) }

// Contents implements pgarchive.Blocks.
func (b *blobWriter) Contents(p []byte) {
	b.dump.blobs.Contents(p)
	b.dump.c.track.bytes(len(p))
}

// End implements pgarchive.Blocks.
func (b *blobWriter) End() error {
	b.dump.blobs.End()
	b.dump.blobParts = append(b.dump.blobParts, b.part.name)
	return b.part.seal()
}

func (b *blobWriter) discard() {
	if b.part != nil {
		b.part.discard()
	}
}

// writePart writes a small part whole.
func writePart(ctx context.Context, sink backup.Sink, name, text string) error {
	part := &lazyPart{ctx: ctx, sink: sink, name: name}
	defer part.discard()
	if _, err := io.WriteString(part, text); err != nil {
		return err
	}
	return part.seal()
}
