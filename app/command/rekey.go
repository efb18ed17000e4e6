package command

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/platform"
)

func (sh *shell) vaultKeyChange() *cobra.Command {
	var keyOut string
	c := &cobra.Command{
		Use: "change", Short: "Give the vault another recovery key (asks for approval)",
		Long: "Wraps the vault in a new recovery key, which is given out once: into the file that --key-out names (made\n" +
			"new, mode 0600), or on the terminal. The keyring, or the file that HOLDFAST_KEY_FILE names, gets it too.\n" +
			"No backup is written anew. When it is interrupted, the key that is kept there opens the vault.\n\n" +
			"The old key opens this vault no more. But whoever has it and an older copy of the vault, such as one on\n" +
			"another disk, still opens that copy.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				return sh.changeKey(cmd.Context(), e, keyOut)
			})
		},
	}
	c.Flags().StringVar(&keyOut, "key-out", "", "new file for the recovery key")
	return c
}

func (sh *shell) changeKey(ctx context.Context, e *engine.Engine, keyOut string) (result, error) {
	f, isFile := sh.out.(*os.File)
	toTerminal := keyOut == "" && isFile && platform.IsTerminal(f) && !sh.json
	changed, err := e.ChangeRecoveryKey(ctx, engine.ChangeKey{KeyOut: keyOut, Shown: toTerminal, Wait: sh.wait})
	if err != nil {
		return nil, err
	}
	text := "The vault has a new recovery key. The old one opens it no more."
	if changed.KeyFile != "" {
		text += "\nThe new key is in " + printable(changed.KeyFile) + ". Keep a copy of it away from this machine: without it nobody opens the vault."
	}
	if toTerminal {
		text += "\n\nThe new key, shown only now. Write it down and keep it away from this machine:\n\n    " + string(changed.Key) + "\n"
	}
	text += "\nWhoever has the old key and an older copy of the vault (another disk, an off-site copy not yet brought up to date) still opens that copy." +
		"\nThe recovery kits made so far are void. Make a new one: holdfast vault kit --out FILE"
	return message{Text: text, fields: map[string]any{"key_file": changed.KeyFile}}, nil
}
