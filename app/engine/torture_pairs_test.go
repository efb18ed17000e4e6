//go:build unix

package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// TestPairs runs every two kinds of work at the same time, each in an engine of its own: both come
// through, or one says that it is busy, and nothing is lost or left.
func TestPairs(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.furnish()
	row := tally.Of(t, "two at once: every pair of works")
	kinds, quick := a.kinds(), os.Getenv(tally.RoundsEnv) == ""
	var pairs [][2]work
	for i, one := range kinds {
		for j, other := range kinds[i:] {
			if !quick || (i*7+j*3)%14 == 0 { // a few of them
				pairs = append(pairs, [2]work{one, other})
			}
		}
	}
	rand.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] }) // whatever the time is enough for
	busy := 0
	for _, pair := range pairs {
		if row.Over(time.Minute) {
			break
		}
		busy += a.pair(pair[0], pair[1], row)
		if t.Failed() {
			t.Fatalf("after %s and %s", pair[0].name, pair[1].name)
		}
	}
	t.Logf("%d pairs, %d times busy", len(pairs), busy)
}

// pair does both at once, and gives how many were busy.
func (a *arena) pair(one, other work, row *tally.Tally) (busy int) {
	a.t.Helper()
	row.Try(one.name + " and " + other.name)
	errs := a.atOnceEach(victim{Work: one.name, Ref: one.prepare()}, victim{Work: other.name, Ref: other.prepare()})
	for k, err := range errs {
		switch {
		case err == nil:
		case backup.KindOf(err) == backup.Busy:
			busy++
		case goneMeanwhile(err, one, other):
		default:
			row.Lost("%s and %s: the %d. says %v (%s)", one.name, other.name, k+1, err, backup.KindOf(err))
		}
	}
	a.recover()
	a.aftermath(row)
	one.check(row)
	a.prune()
	return busy
}

// goneMeanwhile: one deletes what the other wants, which may then say that it is not there.
func goneMeanwhile(err error, works ...work) bool {
	return backup.KindOf(err) == backup.Usage && slices.ContainsFunc(works, func(w work) bool { return w.name == "delete" || w.name == "prune" })
}

// atOnceEach does works at the same time, with an engine each.
func (a *arena) atOnceEach(works ...victim) []error {
	a.t.Helper()
	errs := make([]error, len(works))
	var all sync.WaitGroup
	for i, v := range works {
		v.Home = a.home()
		e, err := Open(a.t.Context(), tortureOptions(a.home(), nil))
		must(a.t, err)
		all.Go(func() { errs[i] = errors.Join(v.run(a.t.Context(), e), e.Close(context.Background())) })
	}
	all.Wait()
	return errs
}
