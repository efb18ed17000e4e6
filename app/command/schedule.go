package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) scheduleCommand() *cobra.Command {
	return group("schedule", "When backups are taken by themselves", sh.scheduleList(), sh.scheduleNext(), sh.scheduleSet(),
		sh.schedulePause(), sh.scheduleResume(), sh.scheduleRunDue(), sh.scheduleRun(), sh.scheduleUnit())
}

func (sh *shell) scheduleList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "The schedule of every sandbox, its last and its next run", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				plans, err := e.Plans(cmd.Context())
				list := planList{}
				for _, p := range plans {
					list = append(list, viewOfPlan(p))
				}
				return list, err
			})
		},
	}
}

func (sh *shell) scheduleNext() *cobra.Command {
	return &cobra.Command{
		Use: "next SANDBOX", Short: "The next five runs of a sandbox", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				slots, err := e.NextSlots(args[0], 5)
				return slotList(slots), err
			})
		},
	}
}

func (sh *shell) scheduleRunDue() *cobra.Command {
	return &cobra.Command{
		Use: "run-due", Short: "Take the backups that are due now, such as from cron or a systemd timer", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				ran, err := e.RunDue(cmd.Context(), false, sh.wait)
				list := ranList{}
				for _, r := range ran {
					err = errors.Join(err, r.Err)
					list = append(list, viewOfRan(cmd.Context(), e, r))
				}
				return list, errors.Join(err, sh.remindOnce(cmd.Context(), e))
			})
		},
	}
}

// planView is a plan as --json shows it.
type planView struct {
	Sandbox  string     `json:"sandbox"`
	Schedule string     `json:"schedule"`
	Words    string     `json:"words"`
	Last     *time.Time `json:"last"`
	Next     *time.Time `json:"next"`
	Due      bool       `json:"due"`
	Missed   int        `json:"missed"`
	Waiting  *time.Time `json:"waiting_until"`
	Overdue  *time.Time `json:"overdue_since"`
	Skipped  *skipView  `json:"skipped"` // the run that is due, when it was not begun
}

// skipView says when and why a run was not begun.
type skipView struct {
	At     time.Time         `json:"at"`
	Reason backup.SkipReason `json:"reason"`
}

func viewOfSkip(s *backup.Skip) *skipView {
	if s == nil {
		return nil
	}
	return &skipView{At: s.At.UTC(), Reason: s.Reason}
}

func viewOfPlan(p engine.Plan) planView {
	return planView{
		Sandbox: p.Sandbox, Schedule: p.Schedule, Words: p.Words, Last: moment(p.Last), Next: moment(p.Next),
		Due: p.Due, Missed: p.Missed, Waiting: moment(p.Waiting),
		Overdue: moment(p.Overdue), Skipped: viewOfSkip(p.Skipped),
	}
}

type planList []planView

func (l planList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No sandbox yet. Add one: holdfast sandbox add NAME --dsn URL")
		return
	}
	t := newTable(w, "SANDBOX", "SCHEDULE", "LAST RUN", "NEXT RUN")
	for _, v := range l {
		last, next := "never", "now"
		if v.Skipped != nil {
			next = "not begun: " + string(v.Skipped.Reason)
		}
		if v.Last != nil {
			last = v.Last.Local().Format(time.DateTime)
		}
		if !v.Due {
			next = v.Next.Local().Format(time.DateTime)
		}
		t.AppendRow([]any{printable(v.Sandbox), v.Words, last, next})
	}
	t.Render()
}

type slotList []time.Time

func (l slotList) text(w io.Writer) {
	for _, slot := range l {
		fmt.Fprintln(w, slot.Local().Format("Mon 2006-01-02 15:04 MST"))
	}
}

// ranView is a scheduled run as --json shows it.
type ranView struct {
	Sandbox string        `json:"sandbox"`
	Backup  any           `json:"backup"`
	Error   *backup.Fault `json:"error"`
}

func viewOfRan(ctx context.Context, e *engine.Engine, r engine.Ran) ranView {
	v := ranView{Sandbox: r.Sandbox, Error: backup.FaultOf(r.Err)}
	if r.Backup != nil {
		// What the view lacks when the history cannot be read is no reason to call the run a failure.
		v.Backup, _ = fullView(context.WithoutCancel(ctx), e, r.Backup)
	}
	return v
}

type ranList []ranView

func (l ranList) tellsError() bool {
	return slices.ContainsFunc(l, func(v ranView) bool { return v.Error != nil })
}

func (l ranList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "Nothing is due.")
	}
	for _, v := range l {
		fmt.Fprintf(w, "Backed up %s.\n", printable(v.Sandbox))
	}
}
