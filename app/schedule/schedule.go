// Package schedule wakes the program so that it looks at what is due.
//
// gocron only wakes and asks: what is due is package plan's to say, from the stored last success
// and the time of day, at each wake. So a machine that slept over a slot catches up within one
// interval of waking, or at once where the system says that it woke, and a clock that is set
// changes nothing but the next answer.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-co-op/gocron/v2"

	"holdfast/platform"
)

// Interval is how often the program looks.
const Interval = time.Minute

// Run calls look at once, after each interval, and when the machine has woken from sleep, never
// twice at the same time, until ctx ends.
func Run(ctx context.Context, look func(context.Context)) error {
	s, err := gocron.NewScheduler()
	if err != nil {
		return fmt.Errorf("scheduler: %w", err)
	}
	job, err := s.NewJob(gocron.DurationJob(Interval), gocron.NewTask(func() { look(ctx) }),
		gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithStartAt(gocron.WithStartImmediately()))
	if err != nil {
		return errors.Join(fmt.Errorf("scheduler: %w", err), s.Shutdown())
	}
	s.Start()
	_ = platform.Woken(ctx, func() { _ = job.RunNow() }) // without either the next look is an interval away
	<-ctx.Done()
	return s.Shutdown()
}
