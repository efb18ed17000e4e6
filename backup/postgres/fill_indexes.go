package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// indexLook is how often the server is asked how many indexes there are.
const indexLook = 500 * time.Millisecond

// countIndexes reports how many indexes are built while pg_restore works off the list of the section
// post-data, until stop is called. Where the server does not say, nothing is reported.
func (f *filling) countIndexes(ctx context.Context) (stop func()) {
	built, all := indexesOf(f.list, f.built)
	ctx, cancel := context.WithCancel(ctx)
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if all == 0 || err != nil {
		cancel()
		if conn != nil {
			closeConn(conn)
		}
		return func() {}
	}
	before, err := indexesIn(ctx, conn)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer closeConn(conn)
		for now := before; err == nil && ctx.Err() == nil; now, err = indexesIn(ctx, conn) {
			done := min(built+now-before, all)
			f.track.change(true, func(p *backup.Progress) { p.IndexesDone, p.IndexesTotal = done, all })
			pause(ctx, indexLook)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// indexesIn counts the indexes of a database that other sessions have committed, those of the system too.
func indexesIn(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	err = conn.QueryRow(ctx, "SELECT count(*) FROM pg_catalog.pg_index").Scan(&n)
	return n, err
}

// indexesOf counts the indexes, and the constraints that are indexes, in pg_restore's list, and those
// among them that are built already.
func indexesOf(list string, built []int) (done, all int) {
	for line := range strings.Lines(list) {
		number, rest, _ := strings.Cut(line, ";")
		fields := strings.SplitN(strings.TrimSpace(rest), " ", 4)
		id, err := strconv.Atoi(number)
		if err != nil || len(fields) < 4 || fields[2] != "INDEX" && fields[2] != "CONSTRAINT" || strings.HasPrefix(fields[3], "ATTACH ") {
			continue
		}
		all++
		if slices.Contains(built, id) {
			done++
		}
	}
	return done, all
}
