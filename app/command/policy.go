package command

import (
	"io"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) gatePolicy() *cobra.Command {
	return &cobra.Command{
		Use: "policy SANDBOX [ACTION allow|ask|deny]", Short: "Show or change what the gate does about a sandbox (a change asks for approval)",
		Long: "Shows what the gate does about each action in a sandbox, or changes one. The actions: backups.read (list and\n" +
			"show), backups.create (back up, verify, drill), backups.update (note, pin, plan, sandbox), backups.delete,\n" +
			"backups.export (download, secrets, key, off-site place), db_full (restore, undo), which is never allow.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 3 {
				return nil
			}
			return exactly(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if len(args) == 3 {
					action, err := backup.ParseAction(args[1])
					if err == nil {
						err = e.SetPolicy(cmd.Context(), args[0], action, backup.Decision(args[2]))
					}
					if err != nil {
						return nil, err
					}
				}
				policy, err := e.Policy(cmd.Context(), args[0])
				return policyView{Sandbox: args[0], Policy: policy}, err
			})
		},
	}
}

// policyView is a sandbox's policy as --json shows it.
type policyView struct {
	Sandbox string        `json:"sandbox"`
	Policy  backup.Policy `json:"policy"`
}

func (v policyView) text(w io.Writer) {
	t := newTable(w, "ACTION", "DECISION")
	for _, a := range backup.Actions() {
		t.AppendRow([]any{a, v.Policy.Decide(a)})
	}
	t.Render()
}

func (sh *shell) gateReset() *cobra.Command {
	return &cobra.Command{
		Use: "reset", Short: "Give every sandbox the default policy and end all tokens (asks for approval)",
		Long: "The way out when the gate's rules are torn, were changed by something else, or are gone: until then the\ngate refuses everything.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.ResetGate(cmd.Context()); err != nil {
					return nil, err
				}
				return message{Text: "Every sandbox has the default policy, and all tokens have ended."}, nil
			})
		},
	}
}
