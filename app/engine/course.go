package engine

import (
	"context"
	"encoding/json"
	"time"
)

// StageTime is one stage of a run that was watched.
type StageTime struct {
	Stage string        `json:"stage"`
	Took  time.Duration `json:"took"`  // nanoseconds
	Bytes int64         `json:"bytes"` // that it was to move; 0: not known
}

// Course is how the last completed run of a kind went in a sandbox, by its stages in order.
type Course struct {
	Sandbox string      `json:"sandbox"`
	Kind    string      `json:"kind"`
	Stages  []StageTime `json:"stages"`
}

const courseFact = "course "

// KeepCourse remembers how a run went, in the place of the one before of that kind and sandbox.
func (e *Engine) KeepCourse(ctx context.Context, c Course) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return e.catalog.SetFact(ctx, courseFact+c.Kind+" "+c.Sandbox, string(text))
}

// Courses gives all that are remembered. What nobody can read is left out: the next run makes it anew.
func (e *Engine) Courses(ctx context.Context) ([]Course, error) {
	texts, err := e.catalog.Facts(ctx, courseFact)
	var all []Course
	for _, text := range texts {
		var c Course
		if json.Unmarshal([]byte(text), &c) == nil {
			all = append(all, c)
		}
	}
	return all, err
}
