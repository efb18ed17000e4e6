package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// readBuffer is how much of what comes from the server is looked at at once, in bytes.
const readBuffer = 256 << 10

// copyMany runs statements in one message. The rows of those that copy go to to, one table after
// the other; next is called before those of each.
//
// It reads the connection itself: pgx has no way to run several copies in one message, and keeps
// each row in memory, which may be as large as a GB.
func copyMany(ctx context.Context, conn *pgx.Conn, sql string, next func(), to io.Writer) error {
	pg := conn.PgConn()
	if err := pg.SyncConn(ctx); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		_ = pg.Conn().SetDeadline(time.Unix(1, 0)) // fails when the connection is closed already
	})
	defer stop()
	pg.Frontend().SendQuery(&pgproto3.Query{String: sql})
	if err := pg.Frontend().Flush(); err != nil {
		return firstOf(ctx.Err(), err)
	}
	r := &copyReader{in: pg.Conn(), to: to, buf: make([]byte, readBuffer)}
	for !r.ready || r.at < r.have {
		if err := r.message(next); err != nil {
			return firstOf(ctx.Err(), err)
		}
	}
	return r.refused
}

// copyReader reads the messages of the server while it copies out. Each row is a message of its own,
// so rows are moved together where they are, and passed on many at a time.
type copyReader struct {
	in      io.Reader
	to      io.Writer
	buf     []byte // what came from the server
	rows    int    // buf[:rows] are rows, to be passed on
	at      int    // buf[at:have] was not looked at yet
	have    int
	ready   bool  // the server waits for the next statement
	refused error // what it said against the last one
}

// message reads one message.
func (r *copyReader) message(next func()) error {
	if err := r.want(5); err != nil {
		return err
	}
	kind := r.buf[r.at]
	size := int(binary.BigEndian.Uint32(r.buf[r.at+1:])) - 4
	if size < 0 {
		return fmt.Errorf("the server sent a message of %d bytes", size+4)
	}
	r.at += 5
	if kind == 'd' {
		return r.data(size)
	}
	if err := r.flush(); err != nil {
		return err
	}
	switch kind {
	case 'H': // a copy begins
		next()
	case 'E':
		return r.refusal(size)
	case 'Z':
		r.ready = true
	}
	return r.drop(size)
}

// data takes rows, in pieces however long they are.
func (r *copyReader) data(size int) error {
	for {
		n := min(size, r.have-r.at)
		copy(r.buf[r.rows:], r.buf[r.at:r.at+n])
		r.rows += n
		r.at += n
		if size -= n; size == 0 {
			return nil
		}
		if err := r.want(1); err != nil {
			return err
		}
	}
}

// want reads until so many bytes, few, are there to be looked at. Rows go on first: it may take a
// while until more comes.
func (r *copyReader) want(n int) error {
	if r.have-r.at >= n {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.have = copy(r.buf, r.buf[r.at:r.have])
	r.at = 0
	for r.have < n {
		more, err := r.in.Read(r.buf[r.have:])
		r.have += more
		if err == io.EOF && r.have < n {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && r.have < n {
			return err
		}
	}
	return nil
}

// flush passes the rows on.
func (r *copyReader) flush() error {
	if r.rows == 0 {
		return nil
	}
	_, err := r.to.Write(r.buf[:r.rows])
	r.rows = 0
	return err
}

// drop passes over bytes.
func (r *copyReader) drop(size int) error {
	for {
		n := min(size, r.have-r.at)
		r.at += n
		if size -= n; size == 0 {
			return nil
		}
		if err := r.want(1); err != nil {
			return err
		}
	}
}

// refusal takes what the server said against a statement; the end of a very long text is left out.
func (r *copyReader) refusal(size int) error {
	text := make([]byte, 0, min(size, readBuffer)+2)
	for left := min(size, readBuffer); left > 0; {
		if err := r.want(1); err != nil {
			return err
		}
		n := min(left, r.have-r.at)
		text = append(text, r.buf[r.at:r.at+n]...)
		r.at += n
		size -= n
		left -= n
	}
	var message pgproto3.ErrorResponse
	if err := message.Decode(append(text, 0, 0)); err != nil { // the ends of a field and of all
		return err
	}
	r.refused = pgconn.ErrorResponseToPgError(&message)
	return r.drop(size)
}
