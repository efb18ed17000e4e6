package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

// restoreFrom restores a file instead of a backup.
func (sh *shell) restoreFrom(cmd *cobra.Command, args []string, req engine.RestoreFileRequest, sealFile string) error {
	if len(args) > 0 {
		return backup.Errorf(backup.Usage, "Give either an ID or --from FILE.", "there are two things to restore: %s and a file", args[0])
	}
	for _, flag := range []string{"table", "to-database", "in-place", "create-roles", "map-roles", "any-tablespace", "what", "media-path", "beside"} {
		if f := cmd.Flag(flag); f != nil && f.Changed {
			return backup.Errorf(backup.Usage, "Leave it out: a file is restored whole, in the place of the target's database.", "--%s does not go with --from", flag)
		}
	}
	if req.File == "" || req.Target == "" {
		return backup.Errorf(backup.Usage, "holdfast restore --from FILE --target SANDBOX", "--from needs a file and --target")
	}
	if sealFile != "" {
		passphrase, err := sh.readSecret("--seal-file", sealFile)
		if err != nil {
			return err
		}
		req.Passphrase = passphrase
	}
	req.Wait, req.Confirm = sh.wait, sh.confirmUntrusted
	return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
		rec, err := e.RestoreFile(cmd.Context(), req)
		return viewOfRestore(rec, err)
	})
}

// confirmUntrusted asks whether a file that nobody vouches for may be restored; --yes answers it.
func (sh *shell) confirmUntrusted(_ context.Context, question string) error {
	if sh.progress != nil {
		sh.progress.end()
	}
	if !sh.quiet || !sh.yes {
		fmt.Fprintf(sh.err, "\n%s\n", paragraph(question))
	}
	switch {
	case sh.yes:
		return nil
	case !platform.HasTerminal():
		return backup.Errorf(backup.Refused, "Look where it comes from, then confirm it with --yes, or at a terminal.", "the file is untrusted, and nobody confirmed that it may be restored")
	case !sh.confirmed("Restore it? [y/N] "):
		return &backup.Error{Kind: backup.Cancelled, Text: "not confirmed; nothing was touched"}
	}
	return nil
}
