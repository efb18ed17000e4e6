package command

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

// trialView is a trial of a copy as --json shows it.
type trialView struct {
	At      time.Time      `json:"at"`
	Verdict backup.Verdict `json:"verdict"`
	Sandbox string         `json:"sandbox"`
	Backup  backup.ID      `json:"backup"`
	Error   *backup.Fault  `json:"error"`
}

func viewOfTrial(t *engine.CopyTrial) *trialView {
	if t == nil {
		return nil
	}
	return &trialView{At: t.At, Verdict: t.Verdict, Sandbox: t.Sandbox, Backup: t.Backup, Error: t.Error}
}

// words are the trial in one line.
func (t *trialView) words() string {
	switch {
	case t == nil:
		return "never"
	case t.Error != nil:
		return fmt.Sprintf("%s, %s: %s", t.Verdict, t.At.Local().Format(time.DateTime), paragraph(t.Error.Text))
	case t.Backup != "":
		return fmt.Sprintf("%s, %s, by the backup %s of %s", t.Verdict, t.At.Local().Format(time.DateTime), t.Backup, printable(t.Sandbox))
	}
	return fmt.Sprintf("%s, %s", t.Verdict, t.At.Local().Format(time.DateTime))
}

// trials says what the last drill from a copy and the last check of it came to, if there were any.
func (v offsiteView) trials(w io.Writer) {
	if v.Drilled != nil {
		fmt.Fprintf(w, "%s: last restore drill: %s\n", printable(v.Name), v.Drilled.words())
	}
	if v.Checked != nil {
		fmt.Fprintf(w, "%s: last check of every byte: %s\n", printable(v.Name), v.Checked.words())
	}
}

func (sh *shell) offsiteShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "One copy: how current it is, and what the last drill from it and the last check of it found", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				o, err := e.Offsite(cmd.Context(), args[0])
				if err != nil {
					return nil, err
				}
				return shownOffsite{viewOfOffsite(o, e.OnVaultDisk(o.Place))}, nil
			})
		},
	}
}

// shownOffsite is one copy, whole.
type shownOffsite struct{ offsiteView }

func (v shownOffsite) text(w io.Writer) {
	last := "never"
	if v.LastSuccess != nil {
		last = v.LastSuccess.Local().Format(time.DateTime)
	}
	fmt.Fprintf(w, "copy        %s, %s\nwhere       %s\nup to date  %s\nholds       %d backups, %s\nlast drill  %s\nlast check  %s\n",
		printable(v.Name), v.State, printable(v.Where), last, v.Backups, size(v.Bytes), v.Drilled.words(), v.Checked.words())
	v.remarks(w)
}
