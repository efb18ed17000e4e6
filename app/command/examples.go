package command

import (
	_ "embed" // the examples
	"strings"

	"github.com/spf13/cobra"
)

// examples are command lines, each under the remark that goes with it, if any.
//
//go:embed examples.txt
var examples string

// addExamples gives every command below root those of the examples that call it.
func addExamples(root *cobra.Command) {
	remark := ""
	for line := range strings.Lines(examples) {
		if strings.HasPrefix(line, "#") {
			remark = "  " + line
			continue
		}
		c := named(root, strings.Fields(line)[1:])
		c.Example += remark + "  " + line
		remark = ""
	}
	var trim func(c *cobra.Command)
	trim = func(c *cobra.Command) {
		c.Example = strings.TrimRight(c.Example, "\n")
		for _, below := range c.Commands() {
			trim(below)
		}
	}
	trim(root)
}

// named goes from c as far down as words name commands.
func named(c *cobra.Command, words []string) *cobra.Command {
	for _, word := range words {
		next := c
		for _, below := range c.Commands() {
			if below.Name() == word {
				next = below
			}
		}
		if next == c {
			break
		}
		c = next
	}
	return c
}
