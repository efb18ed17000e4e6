package command

import (
	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

func (sh *shell) gateCommand() *cobra.Command {
	return group("gate", "The permission gate in front of restore, delete and export", sh.gateSetPassphrase(), sh.gatePolicy(), sh.gateReset(),
		group("token", "Tokens, with which scripts and agents do some things without the passphrase",
			sh.tokenCreate(), sh.tokenList(), sh.tokenRevoke()))
}

func (sh *shell) gateSetPassphrase() *cobra.Command {
	var current string
	c := &cobra.Command{
		Use: "set-passphrase", Short: "Set the approval passphrase",
		Long: "Sets the passphrase that restores, deletions and exports ask for. It comes from --approve-file, or is\n" +
			"asked for twice. To change one that is set, the current one is needed too.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				old := func() (string, error) { return sh.currentPassphrase(current) }
				if err := e.SetPassphrase(cmd.Context(), old, sh.newPassphrase); err != nil {
					return nil, err
				}
				return message{Text: "The approval passphrase is set."}, nil
			})
		},
	}
	c.Flags().StringVar(&current, "current-file", "", "file with the current passphrase; - is standard input")
	return c
}

func (sh *shell) currentPassphrase(file string) (string, error) {
	if file != "" {
		return sh.readSecret("--current-file", file)
	}
	if !platform.HasTerminal() {
		return "", backup.Errorf(backup.Refused, "Give it with --current-file FILE.", "a passphrase is set already; changing it needs the current one")
	}
	return platform.ReadPassword("Current approval passphrase: ")
}

func (sh *shell) newPassphrase() (string, error) {
	if sh.approveFile != "" {
		return sh.readSecret("--approve-file", sh.approveFile)
	}
	if !platform.HasTerminal() {
		return "", backup.Errorf(backup.Usage, "Give it with --approve-file FILE, - for standard input.", "there is no terminal to ask for the passphrase")
	}
	first, err := platform.ReadPassword("New approval passphrase: ")
	if err != nil {
		return "", err
	}
	again, err := platform.ReadPassword("Once more: ")
	if err == nil && first != again {
		err = backup.Errorf(backup.Usage, "Type it again.", "the two passphrases differ")
	}
	return first, err
}
