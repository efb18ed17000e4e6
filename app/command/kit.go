package command

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) vaultKit() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "kit --out FILE", Short: "Write the recovery kit: one sheet that opens the vault on a bare machine (asks for approval)",
		Long: "Writes the recovery kit into a new file of mode 0600: the vault's place, the recovery key in words and as a QR\n" +
			"code, and how to go on. A PDF when FILE ends in .pdf, else plain text.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.WriteKit(cmd.Context(), out); err != nil {
					return nil, err
				}
				return message{Text: "The recovery kit is in " + printable(out) + ". It holds the key in clear: print it or move it away from this machine.", fields: map[string]any{"path": out}}, nil
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "new file for the kit")
	_ = c.MarkFlagRequired("out") // the flag was bound one line above
	return c
}

func (sh *shell) vaultKey() *cobra.Command {
	return group("key", "The recovery key", &cobra.Command{
		Use: "show", Short: "Show the recovery key (asks for approval)", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				key, err := e.RecoveryKey(cmd.Context())
				return keyView{key}, err
			})
		},
	}, sh.vaultKeyChange())
}

// keyView is the recovery key as --json shows it.
type keyView struct {
	Key backup.RecoveryKey `json:"recovery_key"`
}

func (v keyView) text(w io.Writer) { fmt.Fprintln(w, v.Key) }
