package mirror

import (
	"slices"
	"time"

	"github.com/kopia/kopia/repo/blob"
)

// leap says how much of the time since the copy was last brought up to date is not believed to have passed:
// a clock that is set ahead must not end the lag of everything at one blow. A stretch in which nothing at
// all was written counts as one day at most, however long it is by the clock; what was written into the
// vault meanwhile says that more days did pass. Below 0 the clock was set back, by so much.
func leap(since, now time.Time, written []blob.Metadata) time.Duration {
	if since.IsZero() || !now.After(since) {
		return min(now.Sub(since), 0)
	}
	moments := []time.Time{now}
	for _, b := range written {
		if b.Timestamp.After(since) && b.Timestamp.Before(now) {
			moments = append(moments, b.Timestamp)
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	var passed time.Duration
	for last := since; len(moments) > 0; last, moments = moments[0], moments[1:] {
		passed += min(moments[0].Sub(last), day)
	}
	return now.Sub(since) - passed
}

// leapt lets what the copy keeps for the lag be as young as it was before the clock leapt.
func (m *marker) leapt(by time.Duration) {
	for id, at := range m.Removed {
		m.Removed[id] = at.Add(max(by, 0)) // one that is of the future then begins anew when the clock is right
	}
	for i := range m.Past {
		m.Past[i].Leapt = max(m.Past[i].Leapt+by, 0)
	}
}
