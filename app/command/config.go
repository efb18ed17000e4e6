package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

func (sh *shell) configCommand() *cobra.Command {
	c := group("config", "The configuration: settings, write it out, read one in, check that everything works",
		sh.configList(), sh.configSet(), sh.configExport(), sh.configImport(), sh.configCheck(),
		sh.configPlaces(), sh.configDiagnostics())
	c.Long = "Holdfast's configuration is one file, config.toml; holdfast config places says where. It holds no password and\n" +
		"no key. config export writes it out for another machine, of the addresses of [tell] only the host, the commands\n" +
		"before and after backups as they are, and says so; config import reads it in, and leaves an address that is not in it. A key that nothing knows is told\n" +
		"and has no effect. A file of an earlier version is kept beside when it is written anew. Each key:\n\n" +
		config.Explain("", 100)
	return c
}

func (sh *shell) configExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Write the configuration to standard output, without what is secret in its addresses", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				text, err := e.ConfigText()
				if names := withCommands(e.Sandboxes()); err == nil && len(names) > 0 {
					sh.warn("the commands before and after the backups of " + strings.Join(names, ", ") +
						" are in it as they were written: look whether they hold a secret before you hand it on")
				}
				return configText{text}, err
			})
		},
	}
}

// withCommands names the sandboxes with a command of a person's own.
func withCommands(all []backup.Sandbox) (names []string) {
	for i := range all {
		if s := &all[i]; s.Before != "" || s.After != "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// configText is the configuration as --json shows it: as one text.
type configText struct {
	Text string `json:"toml"`
}

func (c configText) text(w io.Writer) { fmt.Fprint(w, c.Text) }

// maxConfig bounds a configuration that is read in, in bytes.
const maxConfig = 1 << 20

func (sh *shell) configImport() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Replace the configuration by that in FILE (- is standard input); the vault stays where it is", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := sh.patiently(func() ([]byte, error) { return sh.readConfig(cmd.Context(), args[0]) })
			if backup.KindOf(err) == backup.Cancelled {
				return err
			}
			if err != nil {
				return &backup.Error{Kind: backup.Usage, Text: "the configuration to import cannot be read: " + err.Error(), Hint: "Is it there, and the right file?", Err: err}
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.ImportConfig(cmd.Context(), text); err != nil {
					return nil, err
				}
				return message{Text: fmt.Sprintf("The configuration is imported: %s. Passwords are not in it; check with: holdfast config check", counted(len(e.Sandboxes()), "sandbox", "sandboxes"))}, nil
			})
		},
	}
}

// readConfig reads a file or a pipe, or standard input for "-".
func (sh *shell) readConfig(ctx context.Context, path string) ([]byte, error) {
	if path != "-" {
		return platform.ReadGiven(ctx, path, maxConfig)
	}
	text, err := io.ReadAll(io.LimitReader(sh.in, maxConfig+1))
	if err == nil && len(text) > maxConfig {
		err = fmt.Errorf("it is larger than %d bytes", maxConfig)
	}
	return text, err
}

func (sh *shell) configCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Check configuration, vault, passphrase, and every sandbox's server and client tools", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				list := findingList(e.CheckUp(cmd.Context()))
				for _, f := range list {
					if !f.OK {
						if !sh.json {
							list.text(sh.out)
						}
						return list, &backup.Error{Kind: f.Fault.Kind, Text: f.What + ": " + f.Text, Hint: f.Fault.Hint}
					}
				}
				return list, nil
			})
		},
	}
}

type findingList []engine.Finding

func (l findingList) tellsError() bool { return true }

func (l findingList) text(w io.Writer) {
	t := newTable(w, "", "CHECKED", "FOUND")
	for _, f := range l {
		mark := "ok"
		if !f.OK {
			mark = "!!"
		}
		t.AppendRow([]any{mark, printable(f.What), paragraph(f.Text)})
	}
	t.Render()
}
