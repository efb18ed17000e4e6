package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) backupCompare() *cobra.Command {
	return &cobra.Command{
		Use: "compare ID", Short: "Compare a backup with the sandbox as it is now, table by table and file by file", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				c, err := e.CompareBackup(cmd.Context(), args[0], sh.wait)
				if err != nil {
					return nil, err
				}
				return comparisonView{c}, nil
			})
		},
	}
}

// comparisonView is a comparison as --json shows it: its own fields.
type comparisonView struct{ *backup.Comparison }

// maxDefinitions is how many changed definitions are shown as text.
const maxDefinitions = 20

func (v comparisonView) text(w io.Writer) {
	if v.Same {
		fmt.Fprintf(w, "Nothing differs from the backup %s: %s.\n", v.Backup, v.compared())
		return
	}
	fmt.Fprintf(w, "Since the backup %s of %s:\n", v.Backup, printable(v.Sandbox))
	if changed := v.Changed(); len(changed) > 0 {
		t := newTable(w, "TABLE", "CHANGE", "ROWS THEN", "ROWS NOW", "SIZE THEN", "SIZE NOW")
		for _, c := range changed {
			t.AppendRow([]any{printable(c.Schema + "." + c.Name), c.Change, count(c.RowsThen), count(c.RowsNow), size(c.BytesThen), size(c.BytesNow)})
		}
		t.Render()
	}
	if len(v.Tables) > 0 {
		fmt.Fprintf(w, "%d of %s the same.\n", len(v.Tables)-len(v.Changed()), counted(len(v.Tables), "table is", "tables are"))
	}
	for i, d := range v.Definitions {
		if i == maxDefinitions {
			fmt.Fprintf(w, "… and %s\n", counted(len(v.Definitions)-i, "more definition", "more definitions"))
			break
		}
		fmt.Fprintln(w, "definition", printable(d))
	}
	if v.Sequences > 0 {
		fmt.Fprintf(w, "%s elsewhere.\n", counted(v.Sequences, "sequence stands", "sequences stand"))
	}
	if v.LargeObjects {
		fmt.Fprintln(w, "The large objects differ.")
	}
	for i := range v.Media {
		folderChanges(w, &v.Media[i])
	}
}

// compared says what was compared.
func (v comparisonView) compared() string {
	var all []string
	if len(v.Tables) > 0 || len(v.Media) == 0 {
		all = append(all, counted(len(v.Tables), "table, its", "tables, their")+" rows, sequences, large objects and definitions are the same")
	}
	for _, f := range v.Media {
		all = append(all, fmt.Sprintf("%s in %s: sizes, modes and times are the same", counted(f.Same, "file or folder", "files and folders"), printable(f.Path)))
	}
	return strings.Join(all, "; ")
}

// maxFiles is how many changed files are shown as text.
const maxFiles = 50

func folderChanges(w io.Writer, c *backup.FolderChanges) {
	fmt.Fprintf(w, "%s: %s added, %s changed, %s removed, %s the same.\n", printable(c.Path), count(c.Added), count(c.Changed), count(c.Removed), count(c.Same))
	for i, f := range c.Files {
		if i == maxFiles {
			fmt.Fprintf(w, "… and %s more\n", count(c.Added+c.Changed+c.Removed-maxFiles))
			break
		}
		fmt.Fprintf(w, "%-8s %s\n", f.Change, printable(f.Path))
	}
}
