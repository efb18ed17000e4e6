package plan_test

import (
	"fmt"
	"time"

	"holdfast/backup/plan"
)

// The clocks of Berlin jump from 02:00 to 03:00 on 29 March 2026: that day has its slot too.
func ExampleSchedule_NextN() {
	s, err := plan.Parse("daily 02:00 Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	from := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	for _, slot := range s.NextN(3, from) {
		fmt.Println(slot.UTC().Format(time.RFC3339))
	}
	// Output:
	// 2026-03-28T01:00:00Z
	// 2026-03-29T01:00:00Z
	// 2026-03-30T00:00:00Z
}

// A machine that was off for three days makes up for that with one run; the other two slots are missed.
func ExampleSchedule_Due() {
	s, err := plan.Parse("daily 02:00 UTC")
	if err != nil {
		fmt.Println(err)
		return
	}
	done := time.Date(2026, 4, 1, 2, 0, 0, 0, time.UTC)
	now := time.Date(2026, 4, 4, 9, 0, 0, 0, time.UTC)
	slot, due, missed := s.Due(done, done, now)
	fmt.Println(slot.UTC().Format(time.DateTime), due, missed)
	// Output:
	// 2026-04-04 02:00:00 true 2
}
