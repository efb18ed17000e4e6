// Package plan says when a sandbox is to be backed up: a Schedule, the slots it makes, and
// whether a run is due now.
//
// Promises:
//
//   - Everything here is a function of values. Nothing reads the clock; now is passed in.
//   - A slot is one time of day on one day of the calendar, and each comes once, also when
//     clocks change: a time that occurs twice is a slot the first time; a time that is jumped
//     over is a slot at the end of the jump; a day that is jumped over as a whole has none.
//   - Slots follow from the schedule alone. When the last run began decides whether one is
//     due, never when the next one is.
//   - Slots that nobody ran are caught up by one run.
//
// Hazard: zones come from the system's zone database, or from time/tzdata where the program
// embeds it. A schedule without a zone follows time.Local, which a process reads once; give a
// zone that was read again with In.
package plan
