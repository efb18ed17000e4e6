package command

import (
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"holdfast/backup"
)

// noCommand refuses words after a command that only holds others: they were to be one of them.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return backup.Errorf(backup.Usage, meantBelow(cmd, args[0], names), "%q is no command of %s", args[0], cmd.CommandPath())
}

// meantBelow proposes a command: one of cmd's own, or one of that name elsewhere.
func meantBelow(cmd *cobra.Command, word string, names []string) string {
	see := "See: " + cmd.CommandPath() + " --help"
	if near := backup.Nearest(word, names); near != "" {
		return backup.Meant(cmd.CommandPath()+" "+word, []string{cmd.CommandPath() + " " + near}, see)
	}
	elsewhere := map[string]bool{}
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			if below.Name() == word && below.Runnable() {
				elsewhere[below.CommandPath()] = true
			}
			look(below)
		}
	}
	look(cmd.Root())
	if all := slices.Sorted(maps.Keys(elsewhere)); len(all) > 0 {
		return "Did you mean " + orList(all) + "? " + see
	}
	return see
}

// orList joins words as a sentence does.
func orList(words []string) string {
	text := ""
	for i, word := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			text += " or "
		default:
			text += ", "
		}
		text += word
	}
	return text
}

// flagError explains what is wrong with the flags of cmd.
func flagError(cmd *cobra.Command, err error) error {
	missing, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return usageOf(cmd, err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	hint := "See: " + cmd.CommandPath() + " --help"
	if near := backup.Nearest(missing.GetSpecifiedName(), names); near != "" {
		hint = "Did you mean --" + near + "? " + hint
	}
	return &backup.Error{Kind: backup.Usage, Text: err.Error(), Hint: hint, Err: err}
}

// usageOf makes err an error of wrong usage; the hint names the command whose help says more.
func usageOf(cmd *cobra.Command, err error) error {
	return &backup.Error{Kind: backup.Usage, Text: err.Error(), Hint: "See: " + cmd.CommandPath() + " --help", Err: err}
}

// helpCommand is cobra's, but a page that is not there is wrong usage.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND…]", Short: "What a command does, or a page of the help", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return asUsage(cmd.Root(), err)
			}
			if err := noCommand(found, rest); err != nil {
				return err
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
