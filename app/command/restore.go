package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) restoreCommand() *cobra.Command {
	var target, database, file, sealFile string
	var tables, mediaPaths []string
	var what string
	var beside bool
	var unsaved, inPlace, createRoles, mapRoles, anyTablespace bool
	c := &cobra.Command{
		Use: "restore ID", Short: "Bring a backup back (asks for approval, saves the present state first)",
		Long: "Restores a backup: a shadow database is filled and compared with the manifest, then takes the place of\n" +
			"the live one, which is kept for undo. ID may be shortened; latest and latest:SANDBOX name the newest\n" +
			"completed one. Code is not rewound.\n\n" +
			"With --from a file of pg_dump's is restored instead: an archive in any of its formats, or a script.\n" +
			"Or a JSON snapshot, whose rows take the place of those of the same tables, in one transaction.",
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("from") {
				return nil
			}
			return exactly(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("from") {
				return sh.restoreFrom(cmd, args, engine.RestoreFileRequest{File: file, Target: target, Unsaved: unsaved}, sealFile)
			}
			if sealFile != "" {
				return backup.Errorf(backup.Usage, "Leave it out, or name the sealed file with --from.", "--seal-file goes with --from only")
			}
			for _, flag := range []string{"to-database", "target"} {
				if cmd.Flags().Changed(flag) && cmd.Flag(flag).Value.String() == "" {
					return backup.Errorf(backup.Usage, "Give a name, or leave the flag out.", "--%s is empty", flag)
				}
			}
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				rec, err := e.Restore(cmd.Context(), engine.RestoreRequest{Ref: args[0], What: backup.Scope(what), MediaOnly: mediaPaths, Beside: beside, Target: target, ToDatabase: database, Tables: tables, Unsaved: unsaved, InPlace: inPlace, Roles: roleChoice(createRoles, mapRoles), AnyTablespace: anyTablespace, Wait: sh.wait})
				return viewOfRestore(rec, err)
			})
		},
	}
	c.Flags().StringVar(&target, "target", "", "sandbox to restore into; the backup's own when not given")
	c.Flags().StringVar(&what, "what", "", "what to restore: database, media or both; all that the backup holds when not given")
	c.Flags().StringArrayVar(&mediaPaths, "media-path", nil, "only files like this (*.jpg, or pictures/2026/*), into the folder that is there; NAME:PATTERN is about one of several folders")
	c.Flags().BoolVar(&beside, "beside", false, "restore folders beside the present ones, which stay as they are")
	c.Flags().StringVar(&file, "from", "", "restore this file of pg_dump's, or JSON snapshot, which nobody vouches for, into --target")
	c.Flags().StringVar(&sealFile, "seal-file", "", "with --from: the passphrase of a sealed JSON snapshot is in this file; - is standard input")
	c.Flags().StringArrayVar(&tables, "table", nil, "bring only this table back (SCHEMA.NAME or NAME; a partitioned one with its partitions), into the live database")
	c.Flags().BoolVar(&inPlace, "in-place", false, "replace what is in the live database itself, in one transaction: for roles without CREATEDB")
	c.Flags().BoolVar(&createRoles, "create-roles", false, "make the roles that the server lacks, without password and login")
	c.Flags().BoolVar(&mapRoles, "map-roles", false, "give what belongs to roles that the server lacks to the role that restores")
	c.Flags().BoolVar(&anyTablespace, "any-tablespace", false, "where a tablespace is missing, put everything where the server puts it by itself")
	c.MarkFlagsMutuallyExclusive("create-roles", "map-roles")
	c.Flags().BoolVar(&unsaved, "unsaved", false, "go on when the present state cannot be saved; what is replaced is then kept without end")
	c.Flags().StringVar(&database, "to-database", "", "make a new database of it, on the target's server")
	return c
}

func roleChoice(create, replace bool) backup.RoleChoice {
	switch {
	case create:
		return backup.RolesCreated
	case replace:
		return backup.RolesMapped
	}
	return backup.RolesRefused
}

func (sh *shell) undoCommand() *cobra.Command {
	var drop bool
	c := &cobra.Command{
		Use: "undo [RESTORE-ID]", Short: "Swap the replaced database back (asks for approval)",
		Long: "Puts the database that a restore replaced back into its place. What is live now is kept in turn.\n" +
			"With --drop the kept database is dropped instead, and its space is free again.\n" +
			"latest and latest:SANDBOX name the newest completed restore. Without an ID it lists the restores.",
		Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return sh.listRestores(cmd.Context())
			}
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				rec, err := e.Undo(cmd.Context(), args[0], drop, sh.wait)
				return viewOfRestore(rec, err)
			})
		},
	}
	c.Flags().BoolVar(&drop, "drop", false, "drop the kept database instead of swapping it back")
	return c
}

func (sh *shell) listRestores(ctx context.Context) error {
	return sh.withRuns(ctx, func(e *engine.Engine) (result, error) {
		all, err := e.Restores(ctx)
		return restoreList(viewsOf(all, newRestoreView)), err
	})
}

type restoreList []restoreView

func (l restoreList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "Nothing was restored yet.")
		return
	}
	t := newTable(w, "ID", "SANDBOX", "BACKUP", "STATUS", "KEPT")
	for _, v := range l {
		kept := v.kept
		if v.Dropped {
			kept = "dropped"
		}
		t.AppendRow([]any{v.ID, printable(v.Sandbox), printable(v.source()), v.Status, printable(kept)})
	}
	t.Render()
}

// restoreView is a restore as --json shows it.
type restoreView struct {
	ID         backup.ID     `json:"id"`
	Backup     backup.ID     `json:"backup"`
	Sandbox    string        `json:"sandbox"`
	Target     string        `json:"target_database"`
	PreRestore backup.ID     `json:"pre_restore_backup"`
	Replaced   string        `json:"replaced_database"`
	Status     backup.Status `json:"status"`
	Tables     int           `json:"tables"`
	Rows       int64         `json:"rows"`
	Seconds    float64       `json:"seconds"`
	UndoOf     backup.ID     `json:"undo_of,omitempty"`
	Dropped    bool          `json:"dropped,omitempty"`
	Only       []backup.Name `json:"only,omitempty"`
	File       *backup.File  `json:"file,omitempty"`
	What       backup.Scope  `json:"what"`
	Media      []folderView  `json:"media"`
	Error      *backup.Fault `json:"error"`

	kept string // what was put aside, in words
}

func viewOfRestore(rec *backup.Restore, err error) (result, error) {
	if rec == nil {
		return nil, err
	}
	v := newRestoreView(rec)
	if err != nil {
		v.Error = backup.FaultOf(err)
	}
	return v, err
}

func newRestoreView(rec *backup.Restore) restoreView {
	return restoreView{
		ID: rec.ID, Backup: rec.Backup, Sandbox: rec.Sandbox, Target: rec.Target, PreRestore: rec.PreRestore,
		Replaced: rec.Replaced, Status: rec.Status, Tables: rec.Tables, Rows: rec.Rows,
		Seconds: seconds(rec), UndoOf: rec.UndoOf,
		Dropped: rec.ReplacedGone, Only: rec.Only, File: rec.File, What: cmp.Or(rec.What, backup.ScopeDatabase), Media: foldersOf(rec), Error: rec.Error,
		kept: rec.Kept(),
	}
}

// seconds is how long a restore took; 0 while it has not ended.
func seconds(rec *backup.Restore) float64 {
	if rec.Finished.IsZero() {
		return 0
	}
	return rec.Finished.Sub(rec.Started).Round(time.Millisecond).Seconds()
}

// source names the backup, or the file, that was restored.
func (v restoreView) source() string {
	if v.File != nil {
		return "file " + filepath.Base(v.File.Name)
	}
	return string(v.Backup)
}

func (v restoreView) tellsError() bool { return v.Error != nil }

func (v restoreView) text(w io.Writer) {
	switch {
	case v.Dropped:
		fmt.Fprintf(w, "T%s is dropped.\n", strings.TrimPrefix(printable(v.kept), "t"))
		if v.PreRestore != "" {
			fmt.Fprintf(w, "The backup taken before the restore stays: %s\n", v.PreRestore)
		}
		return
	case v.UndoOf != "":
		fmt.Fprintf(w, "Undone: %s is again what it was before the restore %s.\n", printable(v.places()), v.UndoOf)
	case v.What == backup.ScopeMedia:
	case len(v.Only) > 0:
		fmt.Fprintf(w, "Restored %s of %s: %s, complete, in %.1f s.\n", counted(v.Tables, "table", "tables"), printable(v.Target), counted(v.Rows, "row", "rows"), v.Seconds)
	default:
		fmt.Fprintf(w, "Restored %s: %s in %s, complete, in %.1f s.\n", printable(v.Target), counted(v.Rows, "row", "rows"), counted(v.Tables, "table", "tables"), v.Seconds)
	}
	v.foldersText(w)
	if v.UndoOf == "" && v.kept == "" && v.PreRestore != "" {
		fmt.Fprintf(w, "What was there before is in the backup %s.\nUndo: holdfast undo %s\n", v.PreRestore, v.ID)
	}
	if v.kept != "" {
		fmt.Fprintf(w, "What was live before is kept as %s.\nUndo: holdfast undo %s\n", printable(v.kept), v.ID)
	}
}
