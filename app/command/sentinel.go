package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) sentinelCommand() *cobra.Command {
	return group("sentinel", "Data loss alarms: a backup that lacks what the one before had",
		&cobra.Command{
			Use: "list", Short: "List the alarms that stand", Args: exactly(0),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
					all, err := e.Alarms(cmd.Context())
					return alarmList(viewsOf(all, newAlarmView)), err
				})
			},
		},
		&cobra.Command{
			Use: "acknowledge SANDBOX", Short: "End an alarm: what is gone is gone on purpose", Args: exactly(1),
			Long: "Ends the alarm of a sandbox. Pruning goes on, and the backup that the alarm pinned is kept only as long\nas the plan keeps it. Restore first what is missed.",
			RunE: func(cmd *cobra.Command, args []string) error {
				return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
					a, err := e.Acknowledge(cmd.Context(), args[0])
					if err != nil {
						return nil, err
					}
					return message{Text: "The alarm of " + printable(a.Sandbox) + " is ended.", fields: map[string]any{"alarm": newAlarmView(a)}}, nil
				})
			},
		})
}

// alarmView is an alarm as --json shows it.
type alarmView struct {
	Sandbox string        `json:"sandbox"`
	Text    string        `json:"text"`
	At      time.Time     `json:"at"`
	Backup  backup.ID     `json:"backup"`
	Good    backup.ID     `json:"good"`
	Empty   bool          `json:"empty"`
	Losses  []backup.Loss `json:"losses"`
	Remedy  string        `json:"remedy"`
}

func newAlarmView(a *backup.Alarm) alarmView {
	v := alarmView{Sandbox: a.Sandbox, Text: a.Text(), At: a.At, Backup: a.Backup, Good: a.Good, Empty: a.Empty, Losses: a.Losses}
	v.Remedy = "holdfast restore " + string(a.Good)
	if !a.Empty {
		for _, l := range a.Losses {
			v.Remedy += " --table " + shellWord(l.Table.Schema+"."+l.Table.Name)
		}
	}
	return v
}

// shellWord quotes a word for a POSIX shell where that is needed.
func shellWord(word string) string {
	plain := !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", r)
	})
	if plain && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

type alarmList []alarmView

func (l alarmList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No alarm stands.")
		return
	}
	for _, v := range l {
		fmt.Fprintf(w, "%s, since %s: %s.\n", printable(v.Sandbox), v.At.Local().Format("2006-01-02 15:04"), paragraph(v.Text))
		for _, loss := range v.Losses {
			after := counted(loss.After, "row", "rows")
			if loss.Gone {
				after = "gone"
			}
			fmt.Fprintf(w, "   %s.%s: %s, now %s\n", printable(loss.Table.Schema), printable(loss.Table.Name), counted(loss.Before, "row", "rows"), after)
		}
		fmt.Fprintf(w, "   The last good backup, %s, is pinned. Bring the data back: %s\n   Or, if it is gone on purpose: holdfast sentinel acknowledge %s\n", v.Good, printable(v.Remedy), printable(v.Sandbox))
	}
}
