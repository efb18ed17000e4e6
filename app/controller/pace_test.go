package controller

import (
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/views"
)

// look is one report of a run, so many seconds after its start, and what may be said then.
type look struct {
	at    float64
	stage string
	done  int64
	all   int64
	left  int // seconds; 0: none
	says  string
	part  int // per cent; -1: not known
}

func measuredCourse() course {
	return course{laps: []lap{
		{stage: "preflight", took: time.Second}, {stage: "tables", took: 60 * time.Second, bytes: 600},
		{stage: "indexes", took: 30 * time.Second}, {stage: "swap", took: 9 * time.Second},
	}}
}

func TestPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		last  course
		looks []look
	}{
		"a first backup gives no number until enough was seen": {usual(runBackup), []look{
			{at: 0, stage: "preflight", part: -1},
			{at: 1, stage: "tables", all: 1000, part: 5},
			{at: 2, stage: "tables", done: 100, all: 1000, part: 14},
			{at: 6, stage: "tables", done: 500, all: 1000, left: 5, says: "step", part: 49},
			{at: 11, stage: "verify", done: 1000, all: 1000, part: 93},
			{at: 90, stage: "verify", done: 1000, all: 1000, part: 93},
		}},
		"as last time": {measuredCourse(), []look{
			{at: 0, stage: "preflight", left: 100, part: -1},
			{at: 1, stage: "tables", all: 600, left: 99, part: 1},
			{at: 31, stage: "tables", done: 300, all: 600, left: 69, part: 31},
			{at: 61, stage: "indexes", done: 600, all: 600, left: 39, part: 61},
			{at: 81, stage: "indexes", done: 600, all: 600, left: 19, part: 81},
			{at: 91, stage: "swap", left: 9, part: 91},
			{at: 99, stage: "swap", left: 1, part: 99},
		}},
		"twice as much as last time": {measuredCourse(), []look{
			{at: 0, stage: "tables", all: 1200, left: 159, part: 1},
			{at: 60, stage: "tables", done: 600, all: 1200, left: 99, part: 31},
		}},
		"half as fast as last time": {measuredCourse(), []look{
			{at: 0, stage: "tables", all: 600, left: 99, part: 1},
			{at: 30, stage: "tables", done: 150, all: 600, says: "longer", part: 16},
			{at: 60, stage: "tables", done: 300, all: 600, left: 99, part: 31},
			{at: 90, stage: "tables", done: 450, all: 600, left: 69, part: 46},
			{at: 120, stage: "indexes", done: 600, all: 600, left: 39, part: 61},
		}},
		"a little slower is not spoken of": {measuredCourse(), []look{
			{at: 0, stage: "tables", all: 600, left: 99, part: 1},
			{at: 4, stage: "tables", done: 38, all: 600, left: 98, part: 5},
			{at: 5, stage: "tables", done: 46, all: 600, left: 98, part: 6},
		}},
		"a stage that does not end": {measuredCourse(), []look{
			{at: 0, stage: "indexes", left: 39, part: 61},
			{at: 30, stage: "indexes", left: 9, part: 91},
			{at: 38, stage: "indexes", left: 9, part: 91},
			{at: 59, stage: "indexes", says: "longer", part: 91},
			{at: 60, stage: "swap", left: 9, part: 91},
		}},
		"a total that was too small": {measuredCourse(), []look{
			{at: 0, stage: "tables", all: 100, left: 49, part: 1},
			{at: 10, stage: "tables", done: 100, all: 100, left: 39, part: 61},
			{at: 20, stage: "tables", done: 200, all: 100, says: "longer", part: 61},
			{at: 30, stage: "indexes", left: 39, part: 61},
		}},
		"starting over": {measuredCourse(), []look{
			{at: 0, stage: "tables", all: 600, left: 99, part: 1},
			{at: 30, stage: "tables", done: 300, all: 600, left: 69, part: 31},
			{at: 31, stage: "starting over: the table changed", left: 69, part: 31},
			{at: 34, stage: "tables", all: 600, says: "longer", part: 31},
			{at: 64, stage: "tables", done: 300, all: 600, left: 69, part: 31},
		}},
		"a prompt and a sleep count for nothing": {measuredCourse(), []look{
			{at: 0, stage: "preflight", left: 100, part: -1},
			{at: 1, stage: views.StageApproval, part: -1},
			{at: 40, stage: views.StageApproval, part: -1},
			{at: 50, stage: "tables", all: 600, left: 99, part: 1},
			{at: 60, stage: "tables", done: 100, all: 600, left: 89, part: 11},
			{at: 4000, stage: "tables", done: 100, all: 600, left: 89, part: 11},
			{at: 4010, stage: "tables", done: 200, all: 600, left: 79, part: 21},
		}},
		"a run of which nothing is known": {course{}, []look{
			{at: 0, stage: "fetch the copy", all: 100, part: -1},
			{at: 10, stage: "fetch the copy", done: 50, all: 100, left: 10, says: "step", part: 50},
			{at: 20, stage: "fetch the copy", done: 100, all: 100, left: 0, part: 100},
			{at: 21, stage: "open", part: -1},
			{at: 30, stage: "read", done: 5, all: 100, part: -1},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, begun := &pace{last: c.last}, time.Date(2026, 4, 8, 14, 0, 0, 0, time.UTC)
			for _, l := range c.looks {
				got := p.see(backup.Progress{Stage: l.stage, Bytes: l.done, BytesTotal: l.all}, begun.Add(time.Duration(l.at*float64(time.Second))))
				part, says := -1, ""
				if got.fraction > 0 {
					part = int(100*got.fraction + 0.5)
				}
				if got.longer {
					says = "longer"
				} else if got.step && got.left > 0 {
					says = "step"
				}
				if left := int(got.left.Seconds() + 0.5); left != l.left || says != l.says || part != l.part {
					t.Errorf("%s after %v s: %d s left %q, %d %%; want %d %q, %d", l.stage, l.at, left, says, part, l.left, l.says, l.part)
				}
			}
		})
	}
}

func TestTheLastRunTellsOfTheNext(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 4, 8, 14, 0, 0, 0, time.UTC)
	history := []backup.Backup{
		{ID: "new", Sandbox: "shop", What: backup.ScopeDatabase, Status: backup.StatusFailed, Started: at, Finished: at.Add(time.Second)},
		{ID: "b", Sandbox: "shop", What: backup.ScopeDatabase, Status: backup.StatusCompleted, Started: at, Finished: at.Add(50 * time.Second), RawBytes: 700},
		{ID: "a", Sandbox: "shop", What: backup.ScopeDatabase, Status: backup.StatusCompleted, Started: at, Finished: at.Add(time.Hour)},
	}
	restores := []backup.Restore{
		{Sandbox: "shop", Backup: "b", Status: backup.StatusCompleted, Only: []backup.Name{{Schema: "public", Name: "t"}}, PreRestore: "p", Started: at, Finished: at.Add(time.Second)},
		{Sandbox: "shop", Backup: "b", Status: backup.StatusCompleted, Shadow: "s", PreRestore: "p", Started: at, Finished: at.Add(200 * time.Second)},
	}
	c := &Controller{courses: map[ranOf]course{}, lasts: lastsOf(history, restores)}
	for kind, want := range map[runKind]time.Duration{runBackup: 50 * time.Second, runRestore: 200 * time.Second} {
		got := c.expect(kind, "shop")
		if got.guessed || got.took(0).Round(time.Millisecond) != want {
			t.Errorf("%s: guessed %v, %s", kind, got.guessed, got.took(0))
		}
	}
	if got := c.expect(runBackup, "blog"); !got.guessed {
		t.Error("a sandbox without a run has a time")
	}

	p := &pace{}
	for i, stage := range []string{"preflight", "tables", "waiting for a lock held by eve", "tables", "verify", "verify"} {
		p.see(backup.Progress{Stage: stage}, at.Add(time.Duration(i)*10*time.Second))
	}
	c.remember("shop", &job{kind: runBackup, pace: p})
	got := c.expect(runBackup, "shop")
	if len(got.laps) != 4 || got.laps[3].stage != "verify" || got.took(0).Round(time.Millisecond) != 50*time.Second {
		t.Errorf("what was watched is not used: %+v", got)
	}
}
