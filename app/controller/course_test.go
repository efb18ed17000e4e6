//go:build unix

package controller_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/app/engine"
)

// TestTheNextStartKnowsHowRunsGo: what was watched is on record, and the first run of another start is
// judged by it.
func TestTheNextStartKnowsHowRunsGo(t *testing.T) {
	b := newBench(t)
	b.backUp()
	b.Wait()
	b.engine(func(e *engine.Engine) {
		all, err := e.Courses(t.Context())
		must(t, err)
		if len(all) != 1 || all[0].Sandbox != "shop" || all[0].Kind != "backup" ||
			!slices.ContainsFunc(all[0].Stages, func(s engine.StageTime) bool { return s.Stage == "tables" && s.Took > 0 }) {
			t.Errorf("on record: %+v", all)
		}
		must(t, e.KeepCourse(t.Context(), engine.Course{Sandbox: "shop", Kind: "backup", Stages: []engine.StageTime{
			{Stage: "preflight", Took: 90 * time.Minute}, {Stage: "tables", Took: 5 * time.Minute}, {Stage: "verify", Took: 5 * time.Minute},
		}}))
	})
	b.tell(func() { b.live = seen{} })
	b.start()
	b.until("the state of another start", func() bool { return len(b.state.Sandboxes) == 2 })
	b.backUp()
	i := slices.IndexFunc(b.stages, func(e entered) bool { return e.stage == "tables" })
	if i < 0 || b.stages[i].fraction < 0.85 || b.stages[i].fraction > 0.95 {
		t.Errorf("the tables do not begin at 90 %%: %+v", b.stages)
	}
}
