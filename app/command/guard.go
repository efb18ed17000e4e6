package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

func (sh *shell) guardCommand() *cobra.Command {
	return &cobra.Command{
		Use: "guard SANDBOX -- COMMAND…", Short: "Back up, run a command, say what it changed in the database, offer undo",
		Long: "Takes a backup of the sandbox, runs the command, compares the database with the backup, and prints what\n" +
			"changed. At a terminal it offers to restore the backup. It ends with the command's exit code, or with 125\n" +
			"when the backup failed or the command could not be started, or 130 when it was cancelled before the\n" +
			"command; the command is not run without a backup.",
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() != 1 || len(args) < 2 {
				return backup.Errorf(backup.Usage, "Like this: holdfast guard shop -- make migrate", "guard takes a sandbox, then --, then a command")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return sh.guard(cmd.Context(), args[0], args[1:]) },
	}
}

// endsWith is an error that says with which code the program ends, and nothing else.
type endsWith struct {
	code int
	error
}

func (e endsWith) Unwrap() error { return e.error }

func (sh *shell) guard(ctx context.Context, sandbox string, command []string) error {
	b, err := sh.savePoint(ctx, sandbox, command)
	if ctx.Err() != nil {
		return cmp.Or(err, backup.WithOp("guard "+sandbox, ctx.Err())) // the command is not begun
	}
	if err != nil {
		return endsWith{exitGuard, err}
	}
	code, err := sh.runGuarded(ctx, command)
	if err != nil {
		return endsWith{exitGuard, &backup.Error{Kind: backup.Failed, Text: fmt.Sprintf("the command %q cannot be started", command[0]), Hint: "The backup " + string(b.ID) + " was taken and stays.", Err: err}}
	}
	if err := sh.report(context.WithoutCancel(ctx), b, code); err != nil { // the command's own end is what counts
		sh.warn("what changed could not be found out: " + backup.AsError(err).Text + ". The backup from before is " + string(b.ID) + "; go back to it: holdfast restore " + string(b.ID))
		if sh.json {
			_ = sh.encode(guardView{Backup: b.ID, Exit: code, Error: backup.FaultOf(err)}) // the same
		}
	}
	if code != 0 {
		return endsWith{code: code, error: shown{fmt.Errorf("the command ended with %d", code)}}
	}
	return nil
}

// savePoint takes the backup.
func (sh *shell) savePoint(ctx context.Context, sandbox string, command []string) (b *backup.Backup, err error) {
	e, err := sh.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close(context.WithoutCancel(ctx))) }()
	if _, err := e.Recover(ctx); err != nil {
		return nil, err
	}
	note := []rune("before: " + strings.Join(command, " "))
	b, err = e.SavePoint(ctx, sandbox, "", string(note[:min(len(note), backup.MaxNote)]), sh.wait)
	sh.progress.end()
	if err == nil && !sh.quiet {
		fmt.Fprintf(sh.err, "holdfast: saved %s as the backup %s\n", printable(sandbox), b.ID)
	}
	return b, err
}

// runGuarded runs the command with our own streams and passes signals on. What it prints goes to
// standard error with --json, where standard output is for one document.
func (sh *shell) runGuarded(ctx context.Context, command []string) (code int, err error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, sh.out, sh.err
	if sh.json {
		cmd.Stdout = sh.err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, platform.StopSignals()...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if s != os.Interrupt || !platform.HasTerminal() { // a terminal sends that to the command too
				_ = cmd.Process.Signal(s) // it may have ended meanwhile
			}
		case err := <-ended:
			return platform.ExitCode(err), nil
		}
	}
}

// guardView is what a guarded run came to, as --json shows it.
type guardView struct {
	Backup     backup.ID          `json:"backup"`
	Exit       int                `json:"exit"`
	Comparison *backup.Comparison `json:"comparison"`
	Restore    backup.ID          `json:"restore,omitempty"` // the undo
	Error      *backup.Fault      `json:"error"`             // why there is no comparison
}

func (v guardView) text(w io.Writer) {
	comparisonView{v.Comparison}.text(w)
	switch {
	case v.Restore != "":
		fmt.Fprintf(w, "Undone: the backup %s is restored. Take that back: holdfast undo %s\n", v.Backup, v.Restore)
	case !v.Comparison.Same:
		fmt.Fprintf(w, "Undo all of it: holdfast restore %s\n", v.Backup)
	}
}

// report says what changed, and offers to take it back.
func (sh *shell) report(ctx context.Context, b *backup.Backup, code int) error {
	return sh.with(ctx, func(e *engine.Engine) (result, error) {
		c, err := e.CompareBackup(ctx, string(b.ID), sh.wait)
		if err != nil {
			return nil, err
		}
		v := guardView{Backup: b.ID, Exit: code, Comparison: c}
		if c.Same || sh.json || !platform.HasTerminal() {
			return v, nil
		}
		sh.progress.end()
		v.text(sh.out)
		if !sh.confirmed("Restore the backup from before the command? [y/N] ") {
			return nil, nil
		}
		rec, err := e.Restore(ctx, engine.RestoreRequest{Ref: string(b.ID), Wait: sh.wait})
		if err != nil {
			sh.complain(err)
			return nil, nil
		}
		v.Restore = rec.ID
		return message{Text: fmt.Sprintf("Undone. Take that back: holdfast undo %s", rec.ID)}, nil
	})
}

// confirmed asks a question at the terminal; only a clear yes is one.
func (sh *shell) confirmed(question string) bool {
	answer, err := platform.ReadLine(question)
	return err == nil && strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y")
}
