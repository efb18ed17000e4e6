package command

import (
	"strings"

	"github.com/spf13/cobra"

	"holdfast/assets"
)

// topics are the pages of the help as `holdfast help TOPIC` shows them.
func topics() []*cobra.Command {
	var all []*cobra.Command
	for _, t := range assets.Help("en") {
		all = append(all, &cobra.Command{Use: t.Name, Short: t.Title, Long: t.Title + "\n" + strings.Repeat("=", len(t.Title)) + "\n\n" + plainText(t.Text)})
	}
	return all
}

// plainText is Markdown without its marks, for a terminal.
func plainText(markdown string) string {
	return strings.NewReplacer("**", "", "`", "").Replace(markdown)
}
