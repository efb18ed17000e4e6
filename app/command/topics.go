package command

import (
	_ "embed" // what --json gives
	"strings"

	"github.com/spf13/cobra"

	"holdfast/assets"
)

// shapes says what each command gives with --json, for people and for the tests.
//
//go:embed json.txt
var shapes string

// topics are the pages of the help as `holdfast help TOPIC` shows them.
func topics() []*cobra.Command {
	var all []*cobra.Command
	for _, t := range assets.Help("en") {
		all = append(all, &cobra.Command{Use: t.Name, Short: t.Title, Long: page(t.Title, plainText(t.Text))})
	}
	const title = "What --json gives"
	return append(all, &cobra.Command{Use: "json", Short: title, Long: page(title, shapes)})
}

func page(title, text string) string {
	return title + "\n" + strings.Repeat("=", len(title)) + "\n\n" + text
}

// plainText is Markdown without its marks, for a terminal.
func plainText(markdown string) string {
	return strings.NewReplacer("**", "", "`", "").Replace(markdown)
}
