package command

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

// shell is one invocation: its streams, its flags, and what it opened.
type shell struct {
	in       io.Reader
	out, err io.Writer
	version  string
	window   Window

	json, quiet, yes bool
	approveFile      string
	wait             time.Duration

	begun      bool            // the command line is right, and its command runs
	stdinTaken string          // the flag that reads standard input
	stopped    <-chan struct{} // closed when the command is cancelled
	progress   *progress
}

// Window opens the window, or with background only the tray, until the person quits.
type Window func(ctx context.Context, version string, background bool) error

// Run executes one command line (without the program's name) and gives the exit code. Without
// a command it opens the window.
func Run(args []string, version string, window Window) int {
	platform.HideMemory()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // whoever read our words and left must not end a run
	ctx, stop := signal.NotifyContext(context.Background(), platform.StopSignals()...)
	defer stop()
	sh := &shell{in: os.Stdin, out: os.Stdout, err: os.Stderr, version: version, window: window, stopped: ctx.Done()}
	root := sh.root()
	root.SetArgs(args)
	checkShell(root)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	sh.json = sh.json || slices.Contains(args, "--json") // also where the flags could not be parsed
	if _, done := errors.AsType[shown](err); done {
		return exitCode(err)
	}
	if ctx.Err() != nil && backup.KindOf(err) != backup.Cancelled {
		err = &backup.Error{Kind: backup.Cancelled, Text: "cancelled", Err: err}
	}
	if !sh.begun {
		err = asUsage(called, err)
	}
	engine.LogFault(err)
	sh.fail(err)
	return exitCode(err)
}

func (sh *shell) root() *cobra.Command {
	background, version := false, false
	root := &cobra.Command{
		Use:   "holdfast",
		Short: "Encrypted backups of this workstation's PostgreSQL databases, and their restore",
		Long: "Holdfast keeps the PostgreSQL sandbox databases of a workstation safe: encrypted backups\n" +
			"in a vault, and a restore behind an approval passphrase that saves the present state first.",
		SilenceErrors: true, SilenceUsage: true,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return sh.show(message{Text: "holdfast version " + sh.version, fields: map[string]any{"version": sh.version}}, nil)
			}
			return sh.window(cmd.Context(), sh.version, background)
		},
	}
	root.Flags().BoolVarP(&version, "version", "v", false, "say which version this is")
	root.Flags().BoolVar(&background, "background", false, "start hidden in the tray")
	root.SetOut(sh.out)
	root.SetErr(sh.err)
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.BoolVar(&sh.json, "json", false, "one JSON document on standard output, errors too")
	flags.BoolVar(&sh.yes, "yes", false, "answer confirmations with yes (never the approval)")
	flags.BoolVar(&sh.quiet, "quiet", false, "no progress and no warnings")
	flags.StringVar(&sh.approveFile, "approve-file", "", "file with the approval passphrase; - is standard input")
	flags.Var((*lengthFlag)(&sh.wait), "wait", "how long to wait for a busy vault, such as 30s")
	root.AddCommand(sh.vaultCommand(), sh.gateCommand(), sh.sandboxCommand(), sh.backupCommand(),
		sh.restoreCommand(), sh.undoCommand(), sh.scheduleCommand(), sh.retentionCommand(), sh.sentinelCommand(), sh.offsiteCommand(), sh.guardCommand(), sh.hookCommand(), sh.configCommand(),
		sh.auditCommand(), sh.demoCommand())
	root.AddCommand(topics()...)
	root.AddCommand(sh.remindCommand(), sh.secretsCommand())
	for _, more := range extra {
		root.AddCommand(more(sh, root))
	}
	root.SetHelpCommand(helpCommand())
	sh.completeArgs(root)
	sh.markBegun(root)
	addExamples(root)
	return root
}

// markBegun lets c and all commands below it note that their command line was right.
func (sh *shell) markBegun(c *cobra.Command) {
	if run := c.RunE; run != nil {
		c.RunE = func(cmd *cobra.Command, args []string) error {
			sh.begun = true
			return run(cmd, args)
		}
	}
	for _, below := range c.Commands() {
		sh.markBegun(below)
	}
}

// extra makes commands that only some builds have.
var extra []func(sh *shell, root *cobra.Command) *cobra.Command

// open makes the engine for one command.
func (sh *shell) open(ctx context.Context) (*engine.Engine, error) {
	sh.progress = newProgress(sh.err, sh.quiet)
	return engine.Open(ctx, engine.Options{
		Version: sh.version, Now: time.Now, Zone: time.Local,
		Via: backup.ViaCommand, Approve: sh.approve, Report: sh.progress.show, Warn: sh.warn,
	})
}

// with runs do on an open engine and closes it; what do returns is shown, also beside an error.
func (sh *shell) with(ctx context.Context, do func(e *engine.Engine) (result, error)) error {
	e, err := sh.open(ctx)
	if err != nil {
		return err
	}
	shown, err := do(e)
	sh.progress.end()
	err = errors.Join(err, e.Close(context.WithoutCancel(ctx)))
	return sh.show(shown, err)
}

// withRuns is with for commands about backups and restores: it first closes the books on runs
// whose process is gone, and says so.
func (sh *shell) withRuns(ctx context.Context, do func(e *engine.Engine) (result, error)) error {
	return sh.with(ctx, func(e *engine.Engine) (result, error) {
		found, err := e.Recover(ctx)
		if err != nil {
			return nil, err
		}
		for _, text := range append(found.Interrupted, found.Pending...) {
			sh.warn(text)
		}
		return do(e)
	})
}

// exactly wants n words after the command.
func exactly(n int) cobra.PositionalArgs { return between(n, n) }

// maxWords bounds the words after a command that takes a text in words.
const maxWords = 100

// between wants at least least and at most most words after the command.
func between(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		takes := strings.Join(strings.Fields(cmd.Use)[1:], " ")
		if takes == "" {
			takes = "no arguments"
		}
		return backup.Errorf(backup.Usage, "See: "+cmd.CommandPath()+" --help", "%s takes %s; %d arguments were given", cmd.CommandPath(), takes, len(args))
	}
}

// group is a command that only holds others.
func group(use, short string, children ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if json, err := cmd.Flags().GetBool("json"); err == nil && json { // help is no document
				return backup.Errorf(backup.Usage, "See: "+cmd.CommandPath()+" --help", "%s needs a command", cmd.CommandPath())
			}
			return cmd.Help()
		},
	}
	c.AddCommand(children...)
	return c
}
