package controller

import (
	"slices"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/views"
)

// lap is one stage of a run.
type lap struct {
	stage string
	took  time.Duration
	bytes int64 // that it was to move, as it was said then; 0: not known
}

// course is how a run goes: its stages, in order.
type course struct {
	laps    []lap
	guessed bool // nothing was measured: the times are only shares of the whole
}

// took is the time of all stages from the one at index from on.
func (c course) took(from int) (sum time.Duration) {
	for _, l := range c.laps[min(from, len(c.laps)):] {
		sum += l.took
	}
	return sum
}

// fit gives the same course with the time of the last completed run. bytes is what that was to move;
// 0 when not known. A course that was measured knows that better.
func (c course) fit(took time.Duration, bytes int64) course {
	whole := c.took(0)
	if whole <= 0 || took <= 0 {
		return c
	}
	fitted := course{laps: slices.Clone(c.laps)}
	for i := range fitted.laps {
		l := &fitted.laps[i]
		l.took = time.Duration(float64(l.took) / float64(whole) * float64(took))
		if c.guessed && l.stage == "tables" {
			l.bytes = bytes
		}
	}
	return fitted
}

// reading is what a person may be told of a run.
type reading struct {
	fraction float64       // of the run, up to 1; it never falls. 0 when not known
	rate     float64       // bytes a second; 0 when not known
	left     time.Duration // 0 when not known; it never grows
	step     bool          // left is about the present stage alone
	longer   bool          // it takes longer than last time
}

// pace works out how far a run is, from what it reports and how the last one like it went. The zero
// value knows nothing of a last one. It is for one run and one goroutine.
type pace struct {
	last course

	now   backup.Progress
	seen  time.Time
	spent time.Duration // in the whole run, without what does not count
	ran   []lap         // stages that are over

	in    time.Duration // the present stage
	from  int64         // Bytes at its start
	at    int           // it in last, or else the one before it; counted from 1, so that 0 is none
	known bool          // it is in last
	began bool
	then  time.Duration // left, as the stage began

	fraction float64
	counting string        // without a course: the one stage that the fraction is of
	left     time.Duration // as shown last; 0: not yet
}

// slept is a gap between two looks in which the machine slept: a look comes every second.
const slept = time.Minute

// see takes a report, or the last one again when time has passed, and says what to show.
func (p *pace) see(at backup.Progress, now time.Time) reading {
	waited := p.now.Stage == views.StageApproval
	if gap := now.Sub(p.seen); p.began && !waited && gap > 0 && gap < slept {
		p.spent += gap
		p.in += gap
	}
	p.seen = now
	if !p.began || at.Stage != p.now.Stage {
		p.enter(at)
	}
	p.now = at
	if at.Stage == views.StageApproval {
		return reading{fraction: p.fraction}
	}
	return p.read()
}

// enter ends the stage before and begins another.
func (p *pace) enter(at backup.Progress) {
	p.end()
	p.began, p.in, p.from, p.known = true, 0, at.Bytes, false
	if p.last.guessed || len(p.last.laps) == 0 {
		p.left = 0 // the time was that of the stage before
	}
	p.then = p.left
	if p.then == 0 {
		p.then = p.last.took(p.at)
	}
	for i := max(p.at, 1); i <= len(p.last.laps); i++ {
		if p.last.laps[i-1].stage == at.Stage {
			p.at, p.known = i, true
			return
		}
	}
}

// end keeps the present stage among those that are over.
func (p *pace) end() {
	if p.began && p.now.Stage != views.StageApproval && !strings.HasPrefix(p.now.Stage, "waiting for ") {
		p.ran = append(p.ran, lap{stage: p.now.Stage, took: p.in, bytes: max(p.now.BytesTotal-p.from, 0)})
	}
}

// course is how this run went, once it has ended.
func (p *pace) course() course {
	p.end()
	p.began = false
	return course{laps: p.ran}
}

func (p *pace) read() reading {
	r := reading{}
	if moved := p.now.Bytes - p.from; moved > 0 && p.in >= time.Second {
		r.rate = float64(moved) / p.in.Seconds()
	}
	r.fraction = p.reach()
	if len(p.last.laps) == 0 || p.last.guessed {
		r.step = true
		if left, enough := p.measured(5*time.Second, 0.1); enough {
			r.left, _ = p.shrink(left)
		}
		return r
	}
	left, over := p.expected()
	r.left, r.longer = p.shrink(max(left, time.Second))
	if over {
		r.left, r.longer = 0, true
	}
	return r
}

// part is how much of the present stage is done, by its bytes; 0 when it counts none.
func (p *pace) part() float64 {
	moved, whole := p.now.Bytes-p.from, p.now.BytesTotal-p.from
	if moved <= 0 || whole <= 0 {
		return 0
	}
	return min(float64(moved)/float64(whole), 1)
}

// measured is the time left of the present stage at the rate it has had, once enough of it was seen.
func (p *pace) measured(atLeast time.Duration, part float64) (left time.Duration, enough bool) {
	done := p.part()
	if p.in < atLeast || done < part || done <= 0 {
		return 0, false
	}
	return time.Duration(float64(p.in) * (1 - done) / done), true
}

// lap is the present stage as it went last time, scaled to what it has to move now.
func (p *pace) lap() lap {
	l := p.last.laps[p.at-1]
	if whole := p.now.BytesTotal - p.from; l.bytes > 0 && whole > 0 && !p.last.guessed {
		l.took = time.Duration(float64(l.took) * float64(whole) / float64(l.bytes))
	}
	return l
}

// patience is how much longer than last time something may take before that is said.
func patience(d time.Duration) time.Duration { return d + d/4 + 3*time.Second }

// expected is the time left by the last run and this one's rate; over says that the present stage has
// taken longer than it should. A stage that the last run did not have may take what is left.
func (p *pace) expected() (left time.Duration, over bool) {
	if !p.known {
		return max(p.then-p.in, 0), p.in > patience(p.then)
	}
	l := p.lap()
	left = p.last.took(p.at)
	if measured, enough := p.measured(3*time.Second, 0.02); enough {
		return left + measured, p.part() == 1 && p.in > patience(l.took)
	}
	if done := p.part(); done > 0 {
		return left + time.Duration(float64(l.took)*(1-done)), p.in > patience(l.took)
	}
	return left + max(l.took-p.in, 0), p.in > patience(l.took)
}

// shrink gives the time to show: never more than was shown before. A little more is not spoken of; with
// longer nothing is shown until it is true again.
func (p *pace) shrink(left time.Duration) (shown time.Duration, longer bool) {
	switch {
	case p.left == 0 || left <= p.left:
		p.left = left
	case left > p.left+p.left/10+2*time.Second:
		return 0, true
	}
	return p.left, false
}

// reach is how far the whole run is; 0 when that is not known.
func (p *pace) reach() float64 {
	done := p.part()
	if len(p.last.laps) == 0 {
		if p.counting == "" && done > 0 {
			p.counting = p.now.Stage
		}
		if p.counting != p.now.Stage {
			return 0 // what comes after it is not known
		}
		p.fraction = max(p.fraction, done)
		return p.fraction
	}
	whole := p.last.took(0)
	if !p.known || whole <= 0 {
		return p.fraction
	}
	l := p.lap()
	if done == 0 && l.took > 0 && !p.last.guessed {
		done = min(float64(p.in)/float64(l.took), 1)
	}
	before := float64(whole-p.last.took(p.at)) - (1-done)*float64(p.last.laps[p.at-1].took)
	p.fraction = max(p.fraction, min(before/float64(whole), 0.99))
	return p.fraction
}
