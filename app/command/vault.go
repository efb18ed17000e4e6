package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

func (sh *shell) vaultCommand() *cobra.Command {
	return group("vault", "Make, open and check the vault",
		sh.vaultInit(), sh.vaultOpen(), sh.vaultStatus(), sh.vaultVerify(), sh.vaultRepair(), sh.vaultMaintain(),
		sh.vaultKit(), sh.vaultKey())
}

func (sh *shell) vaultInit() *cobra.Command {
	var path, keyOut string
	c := &cobra.Command{
		Use: "init", Short: "Make the vault and give out its recovery key",
		Long: "Makes the vault. Its recovery key is given out once: into the file that --key-out names (made new,\n" +
			"mode 0600), or on the terminal. The OS keyring keeps a copy for daily use; where there is no keyring,\n" +
			"set HOLDFAST_KEY_FILE to the file with the key.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				return sh.makeVault(cmd.Context(), e, path, keyOut)
			})
		},
	}
	c.Flags().StringVar(&path, "path", "", "folder of the vault; the default place when not given")
	c.Flags().StringVar(&keyOut, "key-out", "", "new file for the recovery key")
	return c
}

func (sh *shell) vaultMaintain() *cobra.Command {
	return &cobra.Command{
		Use: "maintain", Short: "Remove what nothing in the vault needs any more, and give its space back", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				freed, err := e.MaintainVault(cmd.Context(), sh.wait)
				if err != nil {
					return nil, err
				}
				return message{Text: "The vault is tidy; " + size(freed) + " are free again.", fields: map[string]any{"freed_bytes": freed}}, nil
			})
		},
	}
}

func (sh *shell) makeVault(ctx context.Context, e *engine.Engine, path, keyOut string) (result, error) {
	f, isFile := sh.out.(*os.File)
	toTerminal := keyOut == "" && isFile && platform.IsTerminal(f) && !sh.json
	made, err := e.InitVault(ctx, engine.InitVault{Path: path, KeyOut: keyOut, Shown: toTerminal})
	if err != nil {
		return nil, err
	}
	text := "The vault is made: " + made.Path
	if made.KeyFile != "" {
		text += "\nThe recovery key is in " + made.KeyFile + ". Keep a copy of it away from this machine: without it nobody opens the vault."
	}
	if toTerminal {
		text += "\n\nThe recovery key, shown only now. Write it down and keep it away from this machine:\n\n    " + string(made.Key) + "\n"
	}
	if !made.InKeyring && os.Getenv(engine.KeyFileEnv) == "" {
		text += "\nThere is no keyring here: set " + engine.KeyFileEnv + " to the file with the key."
	}
	return message{Text: text, fields: map[string]any{
		"path": made.Path, "key_file": made.KeyFile, "in_keyring": made.InKeyring,
	}}, nil
}

func (sh *shell) vaultOpen() *cobra.Command {
	var into, offsite, asOf string
	var from placeFlags
	c := &cobra.Command{
		Use: "open", Short: "Attach an existing vault, or fetch one from its copy, with its recovery key",
		Long: "Attaches a vault that exists, such as one from another machine. The recovery key comes from\n" +
			"HOLDFAST_KEY_FILE, or is asked for. From then on this home writes the vault, and no other.\n" +
			"With --offsite the vault is first fetched from its copy, whose place is given with the flags of\n" +
			"offsite add, into the folder that --into names. A fetch that broke off is resumed.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if offsite != "" {
					return sh.fetchVault(cmd, e, into, offsite, asOf, &from)
				}
				if err := from.none(cmd); err != nil {
					return nil, err
				}
				path := cmp.Or(from.place.Path, e.VaultPath())
				abs, err := filepath.Abs(path)
				if err != nil {
					return nil, fmt.Errorf("path of the vault: %w", err)
				}
				opened, err := e.OpenVault(cmd.Context(), abs, askForKey)
				if err != nil {
					return nil, err
				}
				return message{
					Text:   fmt.Sprintf("The vault %s is open; it holds %s.", abs, counted(opened.Backups, "backup", "backups")),
					fields: map[string]any{"path": abs, "backups": opened.Backups, "damaged": opened.Damaged, "in_keyring": opened.InKeyring},
				}, nil
			})
		},
	}
	from.bind(c)
	c.Flags().Lookup("path").Usage = "folder of the vault, the configured place when not given; with --offsite: of its copy"
	c.Flags().StringVar(&offsite, "offsite", "", "fetch the vault from its copy: folder, s3, sftp or webdav")
	c.Flags().StringVar(&asOf, "as-of", "", "with --offsite: the copy as it was at the end of a day (2026-11-20) or at a moment (2026-11-20T14:30:00Z)")
	c.Flags().StringVar(&into, "into", "", "with --offsite: folder for the vault; the default place when not given")
	return c
}

func (sh *shell) fetchVault(cmd *cobra.Command, e *engine.Engine, into, kind, asOf string, from *placeFlags) (result, error) {
	at, err := parseMoment(asOf)
	if err != nil {
		return nil, err
	}
	place, secret, err := from.read(sh, cmd, kind)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(cmp.Or(into, e.VaultPath()))
	if err != nil {
		return nil, fmt.Errorf("path of the vault: %w", err)
	}
	fetched, err := e.FetchVault(cmd.Context(), engine.FetchVault{Path: path, Place: place, Secret: secret, Fingerprint: from.fingerprint, At: at}, askForKey)
	if err != nil {
		return nil, err
	}
	return message{
		Text: fmt.Sprintf("The vault was fetched from %s, as %s wrote it on %s, into %s: %s. It is open and holds %s.\nRead every byte of it once: holdfast vault verify --full\nTo go on with that copy: holdfast offsite add NAME %s … --take-over",
			place, printable(fetched.Copy.Host), fetched.Copy.At.Local().Format("2006-01-02 15:04"), path, size(fetched.Copy.Bytes), counted(fetched.Backups, "backup", "backups"), kind),
		fields: map[string]any{
			"path": path, "backups": fetched.Backups, "damaged": fetched.Damaged, "in_keyring": fetched.InKeyring,
			"fetched_bytes": fetched.Copy.Bytes, "fetched_files": fetched.Copy.Files, "copied_at": fetched.Copy.At, "copied_from": fetched.Copy.Host,
		},
	}, nil
}

// parseMoment reads a moment, or a day, of which it is the end; "" is zero.
func parseMoment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return at, backup.Errorf(backup.Usage, "Give a day, such as 2026-11-20, or a moment, such as 2026-11-20T14:30:00Z.", "%q is no time", text)
	}
	return at.AddDate(0, 0, 1).Add(-time.Second), nil
}

func askForKey() (string, error) {
	if !platform.HasTerminal() {
		return "", backup.Errorf(backup.Damaged, "Put it into a file (mode 0600) and set "+engine.KeyFileEnv+" to it.", "the recovery key is needed")
	}
	return platform.ReadPassword("Recovery key: ")
}

func (sh *shell) vaultStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Where the vault is, how large, and whose", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				s, err := e.VaultStatus(cmd.Context())
				return vaultStatus(s), err
			})
		},
	}
}

type vaultStatus engine.VaultStatus

func (s vaultStatus) text(w io.Writer) {
	fmt.Fprintf(w, "vault     %s\nbackups   %d\nsize      %s\nfree      %s\nwritten   by %s\nformat    %s\nvault ID  %s\n",
		printable(s.Path), s.Backups, size(s.Bytes), size(s.Free), printable(s.Writer), s.Format, s.ID)
	fmt.Fprintln(w, "\n"+failureDomain(s))
	for _, warning := range s.Warnings {
		fmt.Fprintln(w, "note:", printable(warning))
	}
}

// failureDomain says what one lost disk would take.
func failureDomain(s vaultStatus) string {
	text := "Not on the disk of your home folder."
	if s.SameDisk {
		text = "Same disk as the database."
	}
	if s.Copied == nil {
		return text + " Newest off-site copy: never."
	}
	return text + fmt.Sprintf(" Newest off-site copy: %s (%s).", s.Copied.At.Local().Format("2006-01-02 15:04"), printable(s.Copied.Place))
}

func (sh *shell) vaultVerify() *cobra.Command {
	var full bool
	c := &cobra.Command{
		Use: "verify", Short: "Check that the vault holds every byte of every backup",
		Long: "Checks that every piece of every backup is there. With --full every byte is read, decrypted and compared.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				checked, err := e.VerifyVault(cmd.Context(), full, sh.wait)
				return vaultChecked{checked, backup.FaultOf(err)}, err
			})
		},
	}
	c.Flags().BoolVar(&full, "full", false, "read every byte")
	return c
}

// vaultChecked is what a check found, as --json shows it.
type vaultChecked struct {
	engine.VaultChecked

	Error *backup.Fault `json:"error"`
}

// tellsError is true where there is more to tell than the error: which backups are damaged.
func (c vaultChecked) tellsError() bool { return len(c.Damaged) > 0 }

func (c vaultChecked) text(w io.Writer) {
	how := "every piece is there"
	if c.Full {
		how = "every byte was read and verified"
	}
	fmt.Fprintf(w, "%s: %s.\n", counted(c.Backups, "backup", "backups"), how)
}

func (sh *shell) vaultRepair() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use: "repair", Short: "Open a vault that a damaged file keeps shut, and take whole files from an off-site copy",
		Long: "Reads every byte of the vault and verifies all backups anew. With --from, what is damaged or missing is\n" +
			"replaced by what an off-site copy has, after that was found to be the vault's own. What keeps the vault shut\n" +
			"and nobody has whole, or what does not belong there, is set aside. Without --from a damaged list of backups\n" +
			"is made anew from what can be read: backups that are found again are listed, what is lost is named, and new\n" +
			"backups can be taken. Use --from where there is a copy. Nothing is deleted: what is replaced or set aside is\n" +
			"kept in the vault's folder, in holdfast.set-aside.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				done, err := e.RepairVault(cmd.Context(), from, sh.wait)
				return vaultRepaired{done, backup.FaultOf(err)}, err
			})
		},
	}
	c.Flags().StringVar(&from, "from", "", "name of the off-site copy to take whole files from")
	return c
}

// vaultRepaired is what a repair did, as --json shows it.
type vaultRepaired struct {
	engine.RepairedVault

	Error *backup.Fault `json:"error"`
}

func (r vaultRepaired) tellsError() bool {
	return len(r.Damaged)+len(r.Left)+len(r.Mended)+len(r.Aside)+len(r.Listed) > 0
}

// tellsDone is true where a repair did something, though not all is whole now.
func (r vaultRepaired) tellsDone() bool { return len(r.Mended)+len(r.Aside)+len(r.Listed) > 0 }

func (r vaultRepaired) text(w io.Writer) {
	switch {
	case len(r.Mended) > 0 && r.Place != "":
		fmt.Fprintf(w, "%s whole again, from %s. ", counted(len(r.Mended), "file of the vault is", "files of the vault are"), printable(r.Place))
	case len(r.Mended) > 0:
		fmt.Fprintf(w, "%s whole again. ", counted(len(r.Mended), "file of the vault is", "files of the vault are"))
	case len(r.Aside)+len(r.Listed) == 0:
		fmt.Fprintf(w, "Nothing had to be mended. ")
	}
	for _, name := range r.Aside {
		fmt.Fprintf(w, "Set aside, in the vault's folder holdfast.set-aside: %s\n", printable(name))
	}
	for _, id := range r.Listed {
		fmt.Fprintf(w, "Found, and listed again: %s\n", printable(id))
	}
	for _, id := range slices.Sorted(maps.Keys(r.Damaged)) {
		fmt.Fprintf(w, "Lost or damaged: %s: %s\n", printable(string(id)), printable(r.Damaged[id]))
	}
	if !r.Full || len(r.Damaged) > 0 {
		return
	}
	fmt.Fprintf(w, "%s: every byte was read and verified.\n", counted(r.Backups, "backup", "backups"))
}
