//go:build unix

package engine

import (
	"context"
	"errors"
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
	busy, tried := 0, 0
	for i, one := range kinds {
		for j, other := range kinds[i:] {
			if quick && (i*7+j*3)%14 != 0 { // a few of them
				continue
			}
			row.Try(one.name + " and " + other.name)
			tried++
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
			if t.Failed() {
				t.Fatalf("after %s and %s", one.name, other.name)
			}
			a.prune()
		}
		if row.Over(time.Minute) {
			break
		}
	}
	t.Logf("%d pairs, %d times busy", tried, busy)
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
