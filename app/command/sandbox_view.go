package command

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"holdfast/app/engine"
	"holdfast/backup"
)

// sandboxView is a sandbox as --json shows it.
type sandboxView struct {
	Name          string     `json:"name"`
	FoldersOnly   bool       `json:"folders_only"` // no database: the next four are empty
	Host          string     `json:"host"`
	Port          uint16     `json:"port"`
	Database      string     `json:"database"`
	User          string     `json:"user"`
	Container     string     `json:"container"`        // "" is none
	Engine        string     `json:"container_engine"` // docker or podman
	ExcludeTables []string   `json:"exclude_tables"`
	Schemas       []string   `json:"schemas"`
	Media         []string   `json:"media"`
	MediaExclude  []string   `json:"media_exclude"`
	Before        string     `json:"before"`
	After         string     `json:"after"`
	AllowRestore  bool       `json:"allow_restore"`
	Code          []string   `json:"code"`
	Secrets       []string   `json:"secrets"`
	ExportEvery   string     `json:"export_every"` // "" never
	LastBackup    *backupRef `json:"last_backup"`
	Sample        bool       `json:"sample"` // it is on a private server of Holdfast's own

	Scheduled  backup.Scope         `json:"scheduled_what,omitempty"` // what scheduled backups take; of show and edit only
	Downloads  *engine.DownloadPlan `json:"downloads,omitempty"`
	NotCovered *[]uncoveredView     `json:"not_covered,omitempty"` // what no backup of it holds; of show only
}

// backupRef names the newest completed backup of a sandbox.
type backupRef struct {
	ID      backup.ID      `json:"id"`
	Started string         `json:"started"`
	Verdict backup.Verdict `json:"verdict"`
}

func (v sandboxView) filled(s backup.Sandbox) sandboxView {
	c := s.Connection
	v.FoldersOnly = s.FoldersOnly
	v.Host, v.Port, v.Database, v.User = c.Host, c.Port, c.Database, c.User
	v.Container, v.Engine = c.Container.Name, c.Container.Engine
	v.ExcludeTables, v.Schemas = append([]string{}, s.ExcludeTables...), append([]string{}, s.Schemas...)
	v.Media, v.MediaExclude = append([]string{}, s.Media...), append([]string{}, s.MediaExclude...)
	v.Before, v.After, v.AllowRestore = s.Before, s.After, !s.NoRestore
	v.Code, v.Secrets = append([]string{}, s.Code...), append([]string{}, s.Secrets...)
	if s.ExportEvery > 0 {
		v.ExportEvery = s.ExportEvery.String()
	}
	return v
}

func (v sandboxView) withLast(e *engine.Engine, all []backup.Backup) sandboxView {
	if b, err := e.Newest(all, v.Name, ""); err == nil {
		v.LastBackup = &backupRef{ID: b.ID, Started: stamp(b.Started), Verdict: b.Verdict}
	}
	return v
}

// withNewest is withLast of what the history says; where that cannot be read now, it names none.
func (v sandboxView) withNewest(ctx context.Context, e *engine.Engine) sandboxView {
	all, err := e.History(ctx, backup.Query{Sandbox: v.Name})
	if err != nil {
		return v
	}
	return v.withLast(e, all)
}

func (v sandboxView) last() string {
	if v.LastBackup == nil {
		return "never"
	}
	return fmt.Sprintf("%s (%s)", v.LastBackup.Started, v.LastBackup.Verdict)
}

func (v sandboxView) text(w io.Writer) {
	fmt.Fprintf(w, "sandbox      %s\ndatabase     %s\nlast backup  %s\nrestore      %s\n",
		printable(v.Name)+v.mark(), v.database(), v.last(), allowed(v.AllowRestore))
	for _, row := range [][2]string{
		{"left out", strings.Join(v.ExcludeTables, ", ")}, {"schemas", strings.Join(v.Schemas, ", ")},
		{"folders", strings.Join(v.Media, ", ")}, {"without", v.without()},
		{"before", v.Before}, {"after", v.After}, {"downloads", v.downloads()},
		{"code", strings.Join(v.Code, ", ")}, {"secrets", strings.Join(v.Secrets, ", ")}, {"export every", v.ExportEvery},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "%-12s %s\n", row[0], printable(row[1]))
		}
	}
	v.textUncovered(w)
}

// database says where it is, for people.
func (v sandboxView) database() string {
	if v.FoldersOnly {
		return "none, folders only"
	}
	return fmt.Sprintf("%s on %s, port %d, as %s", printable(v.Database), v.host(), v.Port, printable(v.User))
}

// row is its line in the list.
func (v sandboxView) row() []any {
	database, host, port := printable(v.Database), v.host(), strconv.Itoa(int(v.Port))
	if v.FoldersOnly {
		database, host, port = "(folders only)", "", ""
	}
	return []any{printable(v.Name) + v.mark(), database, host, port, v.last(), allowed(v.AllowRestore)}
}

// without names what is left out of the folders, where there are any.
func (v sandboxView) without() string {
	if len(v.Media) == 0 {
		return ""
	}
	return strings.Join(v.MediaExclude, ", ")
}

// mark tells the sample from what is somebody's own.
func (v sandboxView) mark() string {
	if v.Sample {
		return " (sample)"
	}
	return ""
}

// host names the server's host, or its container, for people.
func (v sandboxView) host() string {
	if v.Container == "" {
		return printable(v.Host)
	}
	return backup.Container{Engine: v.Engine, Name: v.Container}.String()
}

func allowed(yes bool) string {
	if yes {
		return "allowed, with approval"
	}
	return "switched off"
}

type sandboxList []sandboxView

func (l sandboxList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No sandbox yet. Add one: holdfast sandbox add NAME --dsn URL")
		return
	}
	t := newTable(w, "NAME", "DATABASE", "HOST", "PORT", "LAST BACKUP", "RESTORE")
	for _, v := range l {
		t.AppendRow(v.row())
	}
	t.Render()
}
