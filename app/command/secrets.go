package command

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/secrets"
	"holdfast/platform"
)

func (sh *shell) secretsCommand() *cobra.Command {
	return group("secrets", "The secret files of a sandbox, which no backup holds", sh.secretsList(), sh.secretsExport())
}

func (sh *shell) secretsList() *cobra.Command {
	return &cobra.Command{
		Use: "list SANDBOX", Short: "List the secret files of a sandbox, never what is in them", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				list, notes, err := e.SecretFiles(cmd.Context(), args[0])
				for _, text := range notes {
					sh.warn(text)
				}
				return secretList(append([]engine.SecretFile{}, list...)), err
			})
		},
	}
}

type secretList []engine.SecretFile

func (l secretList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No secret files. Name code folders or files: holdfast sandbox edit NAME --code DIR --secret FILE")
		return
	}
	t := newTable(w, "FILE", "CHANGED", "EXPORTED")
	for _, f := range l {
		exported := "never"
		switch {
		case f.Problem != "":
			exported = "cannot be read: " + printable(f.Problem)
		case !f.Exported.IsZero():
			exported = f.Exported.Local().Format("2006-01-02 15:04")
			if f.Changed {
				exported += ", changed since"
			}
		}
		t.AppendRow([]any{printable(f.Path), f.Modified.Local().Format("2006-01-02 15:04"), exported})
	}
	t.Render()
}

func (sh *shell) secretsExport() *cobra.Command {
	var req engine.ExportSecrets
	var sealFile string
	c := &cobra.Command{
		Use: "export SANDBOX --out FILE --format age|bitwarden|1password|keepass", Short: "Write the secret files of a sandbox into one file that keeps them (asks for approval)",
		Long: "Writes the .env files in the code folders of a sandbox and the secret files that it names, or with --file only\n" +
			"some of them, into one file of mode 0600. age and keepass are sealed with a passphrase, from --seal-file or a\n" +
			"prompt. bitwarden (JSON) and 1password (CSV) are plain text, as these programs import it: delete them after that.\n" +
			"Each file goes along whole; its KEY=VALUE lines are entries too.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Sandbox, req.Replace = args[0], sh.yes
			if err := sh.sealing(&req, sealFile); err != nil {
				return err
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				done, err := e.ExportSecrets(cmd.Context(), req)
				if err != nil {
					return nil, err
				}
				if done.Plain {
					sh.warn("the file is plain text: import it, then delete it: rm " + backup.ShellWord(done.Path))
				}
				return secretsView(*done), nil
			})
		},
	}
	c.Flags().StringVar(&req.Out, "out", "", "file to write")
	c.Flags().StringVar(&req.Format, "format", "", "age, keepass (sealed), bitwarden or 1password (plain)")
	c.Flags().StringArrayVar(&req.Files, "file", nil, "only this secret file; may be given more than once")
	c.Flags().StringVar(&sealFile, "seal-file", "", "seal it with the passphrase in this file; - is standard input")
	_ = c.MarkFlagRequired("out") // both were bound above
	_ = c.MarkFlagRequired("format")
	return c
}

// sealing reads the passphrase where the format takes one.
func (sh *shell) sealing(req *engine.ExportSecrets, sealFile string) error {
	format, err := secrets.ParseFormat(req.Format)
	if err != nil {
		return err
	}
	if format.Plain() {
		if sealFile != "" {
			return backup.Errorf(backup.Usage, "Leave --seal-file out, or choose age or keepass.", "what %s imports cannot be sealed", format)
		}
		return nil
	}
	if sealFile != "" {
		req.Passphrase, err = sh.readSecret("--seal-file", sealFile)
		return err
	}
	if !platform.HasTerminal() {
		return backup.Errorf(backup.Usage, "Give it with --seal-file FILE.", "there is no terminal to ask for the passphrase to seal with")
	}
	req.Passphrase, err = platform.ReadPassword("Passphrase to seal with: ")
	if err != nil {
		return err
	}
	again, err := platform.ReadPassword("Once more: ")
	if err == nil && (req.Passphrase != again || again == "") {
		err = backup.Errorf(backup.Usage, "Type it again.", "the two passphrases differ, or are empty")
	}
	return err
}

type secretsView engine.ExportedSecrets

func (v secretsView) text(w io.Writer) {
	fmt.Fprintf(w, "In %s:\n", printable(v.Path))
	for _, file := range v.Files {
		fmt.Fprintf(w, "   %s\n", printable(file))
	}
	fmt.Fprintln(w, printable(v.Hint))
}
