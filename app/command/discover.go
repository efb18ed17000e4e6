package command

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) sandboxDiscover() *cobra.Command {
	var folders []string
	var add bool
	c := &cobra.Command{
		Use: "discover", Short: "Find databases on this machine; with --add protect all that can be",
		Long: "Looks at Unix sockets (on Linux in any folder), ports of the loopback address, PG* variables, pg_service.conf,\n" +
			".env and compose files of folders, and containers. A password that is found in a file is kept as sandbox add\n" +
			"keeps one. A server that is reached in several ways is listed once; sockets at which another person listens are\n" +
			"passed over: name those to sandbox add.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				found := e.Discover(cmd.Context(), folders)
				list := discoveredList{}
				var added []backup.Sandbox
				var err error
				if add {
					added, err = e.AddDiscovered(cmd.Context(), found)
				}
				for i := range found {
					list = append(list, newDiscoveredView(&found[i], added))
				}
				return list, err
			})
		},
	}
	c.Flags().StringArrayVar(&folders, "folder", nil, "folder with projects, whose .env and compose files are read; the working directory when not given")
	c.Flags().BoolVar(&add, "add", false, "make a sandbox of each that can be connected to")
	return c
}

// discoveredView is a database that was found, as --json shows it; never with its password.
type discoveredView struct {
	Name      string        `json:"name"`    // of the sandbox, proposed or its own
	Sandbox   bool          `json:"sandbox"` // it is one
	Added     bool          `json:"added"`   // just now
	Database  string        `json:"database"`
	Host      string        `json:"host"`
	Port      uint16        `json:"port"`
	User      string        `json:"user"`
	Container string        `json:"container,omitempty"`
	Source    string        `json:"source"`
	Version   string        `json:"server_version"`
	Bytes     int64         `json:"bytes"`
	Problem   *backup.Fault `json:"problem"`
}

func newDiscoveredView(d *engine.Discovered, added []backup.Sandbox) discoveredView {
	c := d.Connection
	v := discoveredView{
		Name: d.Name, Sandbox: d.Sandbox != "", Database: c.Database, Host: c.Host, Port: c.Port, User: c.User,
		Container: c.Container.Name, Source: d.Source, Version: d.Version, Bytes: d.Bytes, Problem: backup.FaultOf(d.Problem),
	}
	if v.Sandbox {
		v.Name = d.Sandbox
	}
	for _, s := range added {
		if s.Name == v.Name && !v.Sandbox {
			v.Sandbox, v.Added = true, true
		}
	}
	return v
}

type discoveredList []discoveredView

func (l discoveredList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No database was found on this machine. Name one: holdfast sandbox add NAME --dsn URL")
		return
	}
	t := newTable(w, "NAME", "DATABASE", "WHERE", "ROLE", "SIZE", "SERVER", "FOUND BY", "")
	for _, v := range l {
		where, state := fmt.Sprintf("%s:%d", v.Host, v.Port), "new"
		if v.Container != "" {
			where = "container " + v.Container
		}
		switch {
		case v.Added:
			state = "added"
		case v.Sandbox:
			state = "a sandbox"
		case v.Problem != nil:
			state = v.Problem.Text
		}
		t.AppendRow([]any{printable(v.Name), printable(v.Database), printable(where), printable(v.User), size(v.Bytes), v.Version, printable(v.Source), printable(state)})
	}
	t.Render()
}
