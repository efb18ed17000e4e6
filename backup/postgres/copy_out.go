package postgres

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// readBuffer holds what came from the server and was not looked at yet.
const readBuffer = 128 << 10

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
	r := &copyReader{in: bufio.NewReaderSize(pg.Conn(), readBuffer), to: to}
	for !r.ready || r.in.Buffered() > 0 {
		if err := r.message(next); err != nil {
			return firstOf(ctx.Err(), err)
		}
	}
	return r.refused
}

// copyReader reads the messages of the server while it copies out.
type copyReader struct {
	in      *bufio.Reader
	to      io.Writer
	rows    []byte // to be written
	ready   bool   // the server waits for the next statement
	refused error  // what it said against the last one
}

// message reads one message.
func (r *copyReader) message(next func()) error {
	if r.in.Buffered() == 0 { // it may take a while until more comes
		if err := r.flush(); err != nil {
			return err
		}
	}
	var head [5]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return err
	}
	size := int64(binary.BigEndian.Uint32(head[1:])) - 4
	if size < 0 {
		return fmt.Errorf("the server sent a message of %d bytes", size+4)
	}
	switch head[0] {
	case 'd': // rows
		return r.data(size)
	case 'H': // a copy begins
		next()
	case 'c': // it ends
		if err := r.flush(); err != nil {
			return err
		}
	case 'E':
		return r.refusal(size)
	case 'Z':
		r.ready = true
	}
	_, err := io.CopyN(io.Discard, r.in, size)
	return err
}

// data passes rows on, in pieces however long they are.
func (r *copyReader) data(size int64) error {
	for size > 0 {
		if r.in.Buffered() == 0 || len(r.rows) >= readBuffer {
			if err := r.flush(); err != nil {
				return err
			}
			if _, err := r.in.Peek(1); err != nil {
				return err
			}
		}
		piece, err := r.in.Peek(int(min(size, int64(r.in.Buffered()))))
		if err != nil {
			return err
		}
		r.rows = append(r.rows, piece...)
		size -= int64(len(piece))
		if _, err := r.in.Discard(len(piece)); err != nil {
			return err
		}
	}
	return nil
}

func (r *copyReader) flush() error {
	if len(r.rows) == 0 {
		return nil
	}
	_, err := r.to.Write(r.rows)
	r.rows = r.rows[:0]
	return err
}

func (r *copyReader) refusal(size int64) error {
	text := make([]byte, min(size, readBuffer))
	if _, err := io.ReadFull(r.in, text); err != nil {
		return err
	}
	var message pgproto3.ErrorResponse
	if err := message.Decode(text); err != nil {
		return err
	}
	r.refused = pgconn.ErrorResponseToPgError(&message)
	_, err := io.CopyN(io.Discard, r.in, size-int64(len(text)))
	return err
}
