package command

import (
	"io"

	"github.com/spf13/cobra"

	"holdfast/app/demo"
)

func (sh *shell) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Show a backup, damage, a restore and the proof, on a private PostgreSQL",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := demo.Run(cmd.Context(), sh.narration(), sh.version); err != nil {
				return err
			}
			if sh.json {
				return sh.encode(map[string]bool{"restored": true, "equal": true})
			}
			return nil
		},
	}
}

// narration is where the demo tells its story: beside the one document that --json promises.
func (sh *shell) narration() io.Writer {
	switch {
	case sh.json && sh.quiet:
		return io.Discard
	case sh.json:
		return sh.err
	}
	return sh.out
}
