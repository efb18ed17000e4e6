//go:build man

package command

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// init adds what a package is built with: the program that people install has no such command.
func init() {
	extra = append(extra, func(sh *shell, root *cobra.Command) *cobra.Command {
		return &cobra.Command{
			Use: "man DIR", Short: "Write the manual pages", Args: exactly(1),
			RunE: func(_ *cobra.Command, args []string) error {
				root.DisableAutoGenTag = true
				return doc.GenManTree(root, &doc.GenManHeader{Title: "HOLDFAST", Section: "1", Source: "Holdfast " + sh.version, Manual: "Holdfast"}, args[0])
			},
		}
	})
}
