package command

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

func (sh *shell) sandboxCommand() *cobra.Command {
	return group("sandbox", "The databases and folders that Holdfast protects",
		sh.sandboxAdd(), sh.sandboxList(), sh.sandboxShow(), sh.sandboxEdit(), sh.sandboxRemove(), sh.sandboxDiscover(), sh.sandboxSample())
}

// sandboxFlags are what add and edit have in common.
type sandboxFlags struct {
	dsn, passwordFile     string
	container, engine     string
	foldersOnly           bool
	exclude, schemas      []string
	media, mediaExclude   []string
	before, after         string
	code, secrets         []string
	exportEvery           string
	noRestore, allowAgain bool
	noTest                bool
	lossLimit             int
}

func (f *sandboxFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.dsn, "dsn", "", "where the database is: postgres://user@host:port/database, or host=… dbname=…, or docker://user@container/database")
	c.Flags().StringVar(&f.container, "container", "", "container that the server runs in; --dsn, if given, is as seen inside it")
	c.Flags().StringVar(&f.engine, "container-engine", "", "docker or podman; else the one that has the container")
	c.Flags().StringVar(&f.passwordFile, "password-file", "", "file with the database password; - is standard input")
	c.Flags().StringArrayVar(&f.exclude, "exclude-table", nil, "leave out the rows of tables like this (SCHEMA.NAME or NAME, * and ?)")
	c.Flags().StringArrayVar(&f.schemas, "schema", nil, "back up only schemas like this")
	c.Flags().StringArrayVar(&f.media, "media", nil, "a folder of files that belongs to it")
	c.Flags().StringArrayVar(&f.mediaExclude, "media-exclude", nil, "leave out files like this (*.tmp, or tmp/ for folders); else "+strings.Join(backup.DefaultExclusion(), " "))
	c.Flags().StringVar(&f.before, "before", "", "command to run before each backup")
	c.Flags().StringVar(&f.after, "after", "", "command to run after each backup, also a failed one")
	c.Flags().StringArrayVar(&f.code, "code", nil, "folder with its code, to be reminded of what is nowhere else; may be given more than once")
	c.Flags().StringArrayVar(&f.secrets, "secret", nil, "secret file beside the .env files in the code folders; may be given more than once")
	c.Flags().StringVar(&f.exportEvery, "export-every", "", "remind of an export of your own after this time, such as 30d; 0 never")
	c.Flags().BoolVar(&f.noRestore, "no-restore", false, "refuse every restore into this sandbox")
	c.Flags().IntVar(&f.lossLimit, "loss-limit", 0, "raise an alarm when a table lost more than this percent of its rows; 0 is 50, -1 never")
	c.Flags().BoolVar(&f.noTest, "no-test", false, "do not try the connection first")
}

// places applies --code, --secret and --export-every to s.
func (f *sandboxFlags) places(c *cobra.Command, s *backup.Sandbox) (err error) {
	var code, secrets []string
	if c.Flags().Changed("code") {
		code = append([]string{}, withoutEmpty(f.code)...)
	}
	if c.Flags().Changed("secret") {
		secrets = append([]string{}, withoutEmpty(f.secrets)...)
	}
	if c.Flags().Changed("export-every") {
		s.ExportEvery, err = parseDays(f.exportEvery)
	}
	return errors.Join(err, engine.SetPlaces(s, code, secrets))
}

// change applies the flags that were given to s.
func (f *sandboxFlags) change(c *cobra.Command, s *backup.Sandbox) error {
	given := c.Flags().Changed
	if given("exclude-table") {
		s.ExcludeTables = withoutEmpty(f.exclude)
	}
	if given("schema") {
		s.Schemas = withoutEmpty(f.schemas)
	}
	if given("before") {
		s.Before = f.before
	}
	if given("after") {
		s.After = f.after
	}
	if given("no-restore") {
		s.NoRestore = f.noRestore
	}
	if given("loss-limit") {
		s.LossLimit = f.lossLimit
	}
	if f.allowAgain {
		s.NoRestore = false
	}
	return f.changeMedia(given, s)
}

// changeMedia applies the flags about folders. The engine keeps their real, absolute paths.
func (f *sandboxFlags) changeMedia(given func(string) bool, s *backup.Sandbox) (err error) {
	if given("media") {
		if len(s.Media) == 0 && len(s.MediaExclude) == 0 {
			s.MediaExclude = backup.DefaultExclusion()
			if s.FoldersOnly {
				s.MediaExclude = backup.FoldersOnlyExclusion()
			}
		}
		s.Media, err = engine.MediaPaths(withoutEmpty(f.media))
	}
	if given("media-exclude") {
		s.MediaExclude = withoutEmpty(f.mediaExclude)
	}
	return err
}

func withoutEmpty(list []string) []string {
	var kept []string
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

func (sh *shell) sandboxAdd() *cobra.Command {
	var f sandboxFlags
	c := &cobra.Command{
		Use: "add NAME --dsn URL | --container CONTAINER | --folders-only --media DIR", Short: "Protect one more database, or folders alone",
		Long: "Adds a sandbox and tries its connection first. The password comes from pgpass, PGPASSWORD, --password-file\n" +
			"or a prompt, and is kept in the keyring, or, where there is none, sealed under the vault key.\n\n" +
			"With --folders-only it has no database: the folders that --media names, such as those with code and\n" +
			"secrets, are backed up like one, daily, encrypted, and go along into every off-site copy. Unless --media-exclude\n" +
			"says otherwise, what builds make again is left out: " + strings.Join(backup.FoldersOnlyExclusion(), " "),
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				s := backup.Sandbox{Name: args[0], FoldersOnly: f.foldersOnly}
				if err := errors.Join(f.change(cmd, &s), f.places(cmd, &s)); err != nil {
					return nil, err
				}
				put, err := sh.connection(cmd.Context(), e, &f, &s)
				if err != nil {
					return nil, err
				}
				added, err := e.AddSandbox(cmd.Context(), s, put)
				if err != nil {
					return nil, err
				}
				return sandboxView{Name: s.Name}.filled(added).withNewest(cmd.Context(), e), nil
			})
		},
	}
	f.bind(c)
	c.Flags().BoolVar(&f.foldersOnly, "folders-only", false, "it has no database, only the folders that --media names")
	c.MarkFlagsOneRequired("dsn", "container", "folders-only")
	for _, other := range []string{"dsn", "container", "password-file", "exclude-table", "schema", "loss-limit"} {
		c.MarkFlagsMutuallyExclusive("folders-only", other)
	}
	return c
}

// connection reads --dsn, --container and --password-file into s and what goes with it.
func (sh *shell) connection(ctx context.Context, e *engine.Engine, f *sandboxFlags, s *backup.Sandbox) (engine.PutSandbox, error) {
	put := engine.PutSandbox{Test: !f.noTest}
	if f.dsn != "" || f.container != "" || f.passwordFile != "" {
		if err := s.NeedsDatabase("Add the database as a sandbox of its own: holdfast sandbox add NAME --dsn URL"); err != nil {
			return put, err
		}
	}
	if platform.HasTerminal() && !sh.yes && f.passwordFile == "" {
		put.AskPassword = func() (string, error) { return platform.ReadPassword("Password of the database: ") }
	}
	warning, err := f.place(ctx, e, s, &put)
	if err != nil {
		return put, err
	}
	if warning != "" {
		sh.warn(warning)
	}
	if f.passwordFile != "" {
		password, err := sh.readSecret("--password-file", f.passwordFile)
		if err != nil {
			return put, err
		}
		put.Password = password
	}
	return put, nil
}

// place reads --dsn and --container into s.
func (f *sandboxFlags) place(ctx context.Context, e *engine.Engine, s *backup.Sandbox, put *engine.PutSandbox) (warning string, err error) {
	switch {
	case f.container != "":
		return e.UseContainer(ctx, backup.Container{Engine: f.engine, Name: f.container}, f.dsn, s, put)
	case f.engine != "":
		return "", backup.Errorf(backup.Usage, "Add --container NAME.", "--container-engine says nothing without --container")
	case f.dsn != "":
		return e.ParseDSN(f.dsn, s, put)
	}
	return "", nil
}

func (sh *shell) sandboxEdit() *cobra.Command {
	var f sandboxFlags
	var d downloadFlags
	var scheduled string
	c := &cobra.Command{
		Use: "edit NAME", Short: "Change a sandbox; only what is given changes", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				s, err := e.Sandbox(args[0])
				if err != nil {
					return nil, err
				}
				downloads, err := d.request(sh, cmd)
				if err != nil {
					return nil, err
				}
				if err := errors.Join(f.change(cmd, &s), f.places(cmd, &s)); err != nil {
					return nil, err
				}
				put, err := sh.connection(cmd.Context(), e, &f, &s)
				if err != nil {
					return nil, err
				}
				put.Test = put.Test && (f.dsn != "" || f.container != "" || f.passwordFile != "")
				changed, err := e.EditSandbox(cmd.Context(), s, put)
				if err == nil && cmd.Flags().Changed("scheduled-what") {
					err = e.SetScheduledScope(cmd.Context(), s.Name, backup.Scope(scheduled))
				}
				if err == nil && downloads != nil {
					err = e.SetDownloads(cmd.Context(), s.Name, *downloads)
				}
				if err != nil {
					return nil, err
				}
				return sandboxView{Name: s.Name}.filled(changed).withNewest(cmd.Context(), e).withDownloads(cmd.Context(), e)
			})
		},
	}
	f.bind(c)
	d.bind(c)
	c.Flags().StringVar(&scheduled, "scheduled-what", "", "what scheduled backups take: database, media or both; all that it has when never chosen")
	c.Flags().BoolVar(&f.allowAgain, "allow-restore", false, "allow restores into this sandbox again")
	c.MarkFlagsMutuallyExclusive("no-restore", "allow-restore")
	return c
}

func (sh *shell) sandboxList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "All sandboxes", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				return sh.listSandboxes(cmd.Context(), e)
			})
		},
	}
}

func (sh *shell) listSandboxes(ctx context.Context, e *engine.Engine) (result, error) {
	all, err := e.History(ctx, backup.Query{})
	if err != nil {
		return nil, err
	}
	list := sandboxList{}
	for _, s := range e.Sandboxes() {
		v := sandboxView{Name: s.Name, Sample: e.IsSample(s)}
		list = append(list, v.filled(s).withLast(e, all))
	}
	return list, nil
}

func (sh *shell) sandboxShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "One sandbox", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				s, err := e.Sandbox(args[0])
				if err != nil {
					return nil, err
				}
				all, err := e.History(cmd.Context(), backup.Query{Sandbox: s.Name})
				if err != nil {
					return nil, err
				}
				v := sandboxView{Name: s.Name, Sample: e.IsSample(s)}
				return v.filled(s).withLast(e, all).withUncovered(e.Look(cmd.Context(), s)).withDownloads(cmd.Context(), e)
			})
		},
	}
}

func (sh *shell) sandboxRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Stop protecting a database; its backups stay in the vault", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.RemoveSandbox(cmd.Context(), args[0]); err != nil {
					return nil, err
				}
				return message{Text: "The sandbox " + args[0] + " is removed; its backups stay in the vault."}, nil
			})
		},
	}
}
