package command

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) auditCommand() *cobra.Command {
	return &cobra.Command{
		Use: "audit", Short: "Who asked for what, what was decided, how it ended",
		Long: "Shows the audit log and checks its chain: an entry that was changed or cut out is an error (exit 5).",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				entries, err := e.Audit(cmd.Context())
				return auditLog(entries), err
			})
		},
	}
}

type auditLog []backup.AuditEntry

func (l auditLog) text(w io.Writer) {
	t := newTable(w, "TIME", "WHO", "VIA", "ACTION", "SANDBOX", "OBJECT", "DECISION", "OUTCOME")
	for _, e := range l {
		t.AppendRow([]any{e.At.Local().Format(time.DateTime), printable(e.Who), printable(e.Words()), e.Action, printable(e.Sandbox), printable(e.Object), e.Decision, printable(e.Outcome)})
	}
	t.Render()
}
