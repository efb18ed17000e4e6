package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) backupCommand() *cobra.Command {
	return group("backup", "Take, list, check and delete backups",
		sh.backupCreate(), sh.backupList(), sh.backupShow(), sh.backupVerify(), sh.backupDownload(), sh.backupDelete(),
		sh.backupCompare(), sh.backupNote(), sh.backupPin(true), sh.backupPin(false))
}

func (sh *shell) backupCreate() *cobra.Command {
	var what, note string
	var noWait bool
	c := &cobra.Command{
		Use: "create SANDBOX", Short: "Take a backup now", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if noWait {
				return sh.handOver(cmd.Context(), args[0], what, note)
			}
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				b, err := e.CreateBackupOf(cmd.Context(), args[0], backup.Scope(what), note, sh.wait)
				return viewOf(cmd.Context(), e, b, err)
			})
		},
	}
	c.Flags().StringVar(&what, "what", "", "what to back up: database, media or both; all that the sandbox has when not given")
	c.Flags().StringVar(&note, "note", "", "a note to find it by")
	c.Flags().BoolVar(&noWait, "no-wait", false, "let the running Holdfast, or a process of its own, do it, and return at once")
	return c
}

func (sh *shell) backupList() *cobra.Command {
	var deleted bool
	c := &cobra.Command{
		Use: "list [SANDBOX]", Short: "All backups, newest first", Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := backup.Query{Deleted: deleted}
			if len(args) == 1 {
				q.Sandbox = args[0]
			}
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				return listBackups(cmd.Context(), e, q)
			})
		},
	}
	c.Flags().BoolVar(&deleted, "deleted", false, "deleted ones too")
	return c
}

func listBackups(ctx context.Context, e *engine.Engine, q backup.Query) (result, error) {
	all, err := e.ListBackups(ctx, q)
	if err != nil {
		return nil, err
	}
	if q.Sandbox != "" && len(all) == 0 {
		if _, err := e.Sandbox(q.Sandbox); err != nil {
			return nil, err
		}
	}
	marks, err := e.RestoredMarks(ctx)
	if err != nil {
		return nil, err
	}
	tiers := e.Tiers(all)
	list := backupList{}
	for i := range all {
		v := newBackupView(&all[i], marks[all[i].ID])
		v.Tier = string(tiers[v.ID])
		list = append(list, v)
	}
	return list, nil
}

func (sh *shell) backupShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "One backup with its tables", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				b, err := e.ShowBackup(cmd.Context(), args[0])
				if err != nil {
					return nil, err
				}
				return fullView(cmd.Context(), e, b)
			})
		},
	}
}

func (sh *shell) backupVerify() *cobra.Command {
	var drill bool
	c := &cobra.Command{
		Use: "verify ID", Short: "Read every byte of a backup; with --drill restore it into a scratch database and compare",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				b, err := e.VerifyBackup(cmd.Context(), args[0], drill, sh.wait)
				return viewOf(cmd.Context(), e, b, err)
			})
		},
	}
	c.Flags().BoolVar(&drill, "drill", false, "restore into a scratch database, read everything back, drop it")
	return c
}

func (sh *shell) backupDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete a backup and give its space back (asks for approval)", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				id, freed, err := e.DeleteBackup(cmd.Context(), args[0], sh.wait)
				if err != nil {
					return nil, err
				}
				return message{
					Text:   fmt.Sprintf("The backup %s is deleted; %s are free again.", id, size(freed)),
					fields: map[string]any{"id": id, "freed_bytes": freed},
				}, nil
			})
		},
	}
}

func (sh *shell) backupNote() *cobra.Command {
	return &cobra.Command{
		Use: "note ID TEXT", Short: "Replace a backup's note", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				b, err := e.NoteBackup(cmd.Context(), args[0], args[1])
				return viewOf(cmd.Context(), e, b, err)
			})
		},
	}
}

func (sh *shell) backupPin(pinned bool) *cobra.Command {
	use, short := "pin ID", "Keep a backup: it is neither pruned nor deleted"
	if !pinned {
		use, short = "unpin ID", "Keep a backup only as long as the plan does"
	}
	return &cobra.Command{
		Use: use, Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				b, err := e.PinBackup(cmd.Context(), args[0], pinned)
				return viewOf(cmd.Context(), e, b, err)
			})
		},
	}
}

// backupView is a backup as --json shows it.
type backupView struct {
	ID            backup.ID             `json:"id"`
	Sandbox       string                `json:"sandbox"`
	What          backup.Scope          `json:"what"`
	Trigger       backup.Trigger        `json:"trigger"`
	Schedule      string                `json:"schedule"`
	Tier          string                `json:"tier"`
	Status        backup.Status         `json:"status"`
	Restorable    bool                  `json:"restorable"`
	Verdict       backup.Verdict        `json:"verdict"`
	VerdictReason string                `json:"verdict_reason"`
	VerdictAt     *time.Time            `json:"verdict_at"`
	Started       time.Time             `json:"started"`
	Finished      *time.Time            `json:"finished"`
	Note          string                `json:"note"`
	Who           string                `json:"who"`
	Pinned        bool                  `json:"pinned"`
	Restored      []backup.RestoredMark `json:"restored"`
	Database      string                `json:"database"`
	ServerVersion string                `json:"server_version"`
	ToolsVersion  string                `json:"tools_version"`
	RawBytes      int64                 `json:"raw_bytes"`
	AddedBytes    int64                 `json:"added_bytes"`
	Rows          int64                 `json:"rows"`
	Tables        []tableView           `json:"tables"`
	Selection     *backup.Selection     `json:"selection,omitempty"`
	Media         mediaView             `json:"media"`
	Error         *backup.Fault         `json:"error"`

	brief bool // only some of the tables are shown
}

type tableView struct {
	Schema   string `json:"schema"`
	Name     string `json:"name"`
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"`
	Hash     string `json:"hash"`
	Excluded bool   `json:"excluded,omitempty"`
}

// briefTables is how many tables are shown of a backup that was not asked for by itself.
const briefTables = 20

// viewOf shows b, if there is one, beside err.
func viewOf(ctx context.Context, e *engine.Engine, b *backup.Backup, err error) (result, error) {
	if b == nil {
		return nil, err
	}
	v, viewErr := fullView(context.WithoutCancel(ctx), e, b)
	v.brief = true
	if err != nil {
		v.Error = backup.FaultOf(err)
		return v, err
	}
	return v, viewErr
}

// fullView is newBackupView with what only the rest of the history tells: where b was restored, and as
// what the plan keeps it.
func fullView(ctx context.Context, e *engine.Engine, b *backup.Backup) (backupView, error) {
	marks, err := e.RestoredMarks(ctx)
	v := newBackupView(b, marks[b.ID])
	if err != nil {
		return v, err
	}
	all, err := e.History(ctx, backup.Query{Sandbox: b.Sandbox})
	v.Tier = string(e.Tiers(all)[b.ID])
	return v, err
}

func newBackupView(b *backup.Backup, marks []backup.RestoredMark) backupView {
	v := backupView{
		ID: b.ID, Sandbox: b.Sandbox, What: b.What, Trigger: b.Trigger, Schedule: b.Schedule, Status: b.Status,
		Restorable: b.Restorable(), Verdict: b.Verdict, VerdictReason: b.VerdictReason, VerdictAt: moment(b.VerdictAt),
		Started: b.Started.UTC(), Finished: moment(b.Finished), Note: b.Note, Who: b.Who, Pinned: b.Pinned,
		Restored: append([]backup.RestoredMark{}, marks...), Database: b.Database,
		ServerVersion: b.ServerVersion, ToolsVersion: b.ToolsVersion,
		RawBytes: b.RawBytes, AddedBytes: b.AddedBytes, Rows: b.Rows, Tables: []tableView{}, Selection: b.Selection, Media: newMediaView(b.Media), Error: b.Error,
	}
	for _, t := range b.Tables {
		v.Tables = append(v.Tables, tableView{Schema: t.Schema, Name: t.Name, Rows: t.Rows, Bytes: t.Bytes, Hash: t.Hash, Excluded: t.Excluded})
	}
	return v
}

func (v backupView) tellsError() bool { return v.Error != nil }

// moment gives null for a time that is not known.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (v backupView) text(w io.Writer) {
	fmt.Fprintf(w, "backup    %s of %s, %s, %s\nholds     %s\nstarted   %s by %s\nverdict   %s: %s\nsize      %s, %s added to the vault\n",
		v.ID, printable(v.Sandbox), v.Trigger, v.Status, v.holds(), v.Started.Local().Format(time.DateTime), printable(v.Who),
		v.Verdict, printable(v.VerdictReason), size(v.RawBytes), size(v.AddedBytes))
	if v.What != backup.ScopeMedia {
		fmt.Fprintf(w, "rows      %s in %s\nserver    PostgreSQL %s, pg_dump %s\n", count(v.Rows), counted(len(v.Tables), "table", "tables"), v.ServerVersion, v.ToolsVersion)
	}
	if s := v.Selection; s != nil && len(s.Schemas) > 0 {
		fmt.Fprintf(w, "schemas   only %s; left out: %s\n", printable(strings.Join(s.Schemas, ", ")), printable(strings.Join(s.LeftOut, ", ")))
	}
	if s := v.Selection; s != nil && len(s.ExcludeTables) > 0 {
		fmt.Fprintf(w, "left out  rows of the tables %s\n", printable(strings.Join(s.ExcludeTables, ", ")))
	}
	v.Media.text(w)
	if v.Note != "" {
		fmt.Fprintln(w, "note     ", printable(v.Note))
	}
	for _, mark := range v.Restored {
		fmt.Fprintf(w, "restored  %s into %s (%s)\n", mark.At.Local().Format(time.DateTime), printable(mark.Target), mark.Restore)
	}
	if v.Error != nil {
		fmt.Fprintf(w, "error     %s\n          %s\n", paragraph(v.Error.Text), paragraph(v.Error.Hint))
	}
	if len(v.Tables) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := newTable(w, "TABLE", "ROWS", "SIZE", "HASH")
	for i, row := range v.Tables {
		if v.brief && i == briefTables && len(v.Tables) > i+1 {
			t.AppendFooter(table.Row{fmt.Sprintf("and %s more: holdfast backup show %s", count(int64(len(v.Tables)-i)), v.ID)})
			break
		}
		rows, hash := count(row.Rows), row.Hash
		if row.Excluded {
			rows, hash = "left out", ""
		}
		t.AppendRow([]any{printable(row.Schema + "." + row.Name), rows, size(row.Bytes), hash})
	}
	t.Render()
}

type backupList []backupView

func (l backupList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No backup yet. Take one: holdfast backup create SANDBOX")
		return
	}
	t := newTable(w, "ID", "SANDBOX", "STARTED", "HOLDS", "TRIGGER", "STATUS", "VERDICT", "ROWS", "SIZE", "ADDED", "NOTE")
	for _, v := range l {
		t.AppendRow([]any{v.ID, printable(v.Sandbox), v.Started.Local().Format(time.DateTime), v.holds(), v.Trigger, v.Status, v.Verdict, count(v.Rows), size(v.RawBytes), size(v.AddedBytes), printable(v.Note)})
	}
	t.Render()
}
