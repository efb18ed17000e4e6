package command

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Shapes is json.txt.
var Shapes = shapes

// newRoot gives the commands as Run has them.
func newRoot() *cobra.Command {
	return (&shell{out: &strings.Builder{}, err: &strings.Builder{}}).root()
}

// Narrates says whether the demo tells its story with these flags.
func Narrates(json, quiet bool) bool {
	told := &strings.Builder{}
	sh := &shell{json: json, quiet: quiet, out: told, err: told}
	_, _ = sh.narration().Write([]byte("once"))
	return told.Len() > 0
}

// Leaves gives every command that does something, by its path, with its examples.
func Leaves() map[string]string {
	all := map[string]string{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Runnable() && (!c.HasSubCommands() || c.Name() == "remind") && c.Name() != "help" {
			all[c.CommandPath()] = c.Example
		}
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(newRoot())
	return all
}

// Parse reads a command line, without the program's name, as Run would, and gives the path of the
// command that it calls. Nothing is run.
func Parse(args []string) (path string, err error) {
	root := newRoot()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	c, rest, err := root.Find(args)
	if err != nil {
		return "", err
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil {
		return c.CommandPath(), c.FlagErrorFunc()(c, err)
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		return c.CommandPath(), err
	}
	if err := c.ValidateRequiredFlags(); err != nil {
		return c.CommandPath(), err
	}
	path = c.CommandPath()
	if c == root && root.Flags().Changed("version") {
		path += " --version"
	}
	return path, c.ValidateFlagGroups()
}

// Flags gives the flags of a command, each with its dashes.
func Flags(path string) []string {
	c := named(newRoot(), strings.Fields(path)[1:])
	var all []string
	add := func(f *pflag.Flag) { all = append(all, "--"+f.Name) }
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return all
}
