package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

// completeArgs lets the shell complete the arguments of all commands below c, by what their usage
// lines call them.
func (sh *shell) completeArgs(c *cobra.Command) {
	words := strings.Fields(c.Use)
	c.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args)+1 >= len(words) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		switch word := strings.Trim(words[len(args)+1], "[]…"); {
		case word == "SANDBOX" || word == "NAME" && c.HasParent() && c.Parent().Name() == "sandbox" && c.Name() != "add":
			return sh.sandboxNames(cmd.Context()), cobra.ShellCompDirectiveNoFileComp
		case word == "ID" && c.HasParent() && c.Parent().Name() == "remind":
			return sh.reminderIDs(cmd.Context()), cobra.ShellCompDirectiveNoFileComp
		case word == "ID":
			return sh.backupIDs(cmd.Context()), cobra.ShellCompDirectiveNoFileComp
		case word == "RESTORE-ID":
			return sh.restoreIDs(cmd.Context()), cobra.ShellCompDirectiveNoFileComp
		case word == "ACTION":
			return actionNames(), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, below := range c.Commands() {
		sh.completeArgs(below)
	}
}

// checkShell makes the command that cobra adds refuse a shell that it does not know.
func checkShell(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = noCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// quietly opens an engine that says nothing: what it cannot tell is not completed.
func quietly(ctx context.Context, do func(e *engine.Engine)) {
	e, err := engine.Open(ctx, engine.Options{Now: time.Now, Via: backup.ViaCommand})
	if err != nil {
		return
	}
	do(e)
	_ = e.Close(ctx) // nothing was changed
}

func (sh *shell) sandboxNames(ctx context.Context) (names []string) {
	quietly(ctx, func(e *engine.Engine) {
		for _, s := range e.Sandboxes() {
			names = append(names, s.Name)
		}
	})
	return names
}

// backupIDs gives the completed backups, each with what a person knows it by.
func (sh *shell) backupIDs(ctx context.Context) (ids []string) {
	ids = append(ids, cobra.CompletionWithDesc("latest", "the newest completed one"))
	quietly(ctx, func(e *engine.Engine) {
		all, err := e.ListBackups(ctx, backup.Query{})
		if err != nil {
			return
		}
		for i := range all {
			if b := &all[i]; b.Status == backup.StatusCompleted {
				ids = append(ids, cobra.CompletionWithDesc(string(b.ID), printable(b.Sandbox)+", "+b.Started.Local().Format("2 Jan 15:04")+" "+printable(b.Note)))
			}
		}
	})
	return ids
}

// restoreIDs gives the restores that can be undone.
func (sh *shell) restoreIDs(ctx context.Context) (ids []string) {
	quietly(ctx, func(e *engine.Engine) {
		all, err := e.Restores(ctx)
		if err != nil {
			return
		}
		for i := range all {
			if r := &all[i]; r.Status == backup.StatusCompleted {
				ids = append(ids, cobra.CompletionWithDesc(string(r.ID), printable(r.Sandbox)+", "+r.Started.Local().Format("2 Jan 15:04")))
			}
		}
	})
	return ids
}

func actionNames() (names []string) {
	for _, a := range backup.Actions() {
		names = append(names, string(a))
	}
	return names
}
