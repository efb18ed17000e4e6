package engine

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/backup/postgres"
)

// Discovered is a database on this machine that could become a sandbox.
type Discovered struct {
	Name       string // proposed for the sandbox, not taken yet
	Sandbox    string // that it is already; "" for a new one
	Connection backup.Connection
	Source     string
	Version    string
	Bytes      int64
	Problem    error // why it cannot be added as it is

	Operational []string // as SCHEMA.NAME; see FindOperational
	LeaveOut    []string // tables whose rows backups are not to have

	password string
}

// Discover looks for databases on this machine; see postgres.Server.Discover. Besides the folders of
// the configuration, those given are searched for .env and compose files; without any the working
// directory is.
func (e *Engine) Discover(ctx context.Context, folders []string) []Discovered {
	folders = slices.Concat(folders, e.config.Discover.Folders)
	if len(folders) == 0 {
		if here, err := os.Getwd(); err == nil {
			folders = []string{here}
		}
	}
	var list []Discovered
	taken := map[string]bool{}
	for _, s := range e.Sandboxes() {
		taken[s.Name] = true
	}
	look := e.server.Discover
	if e.config.Discover.OnlyFolders {
		look = e.server.DiscoverIn
	}
	found := look(ctx, folders)
	sandboxes := e.sandboxesAmong(found)
	for i, c := range found {
		d := Discovered{
			Connection: c.Connection, Source: c.Source, Version: c.Version, Bytes: c.Bytes,
			Problem: c.Problem, password: c.Password, Sandbox: sandboxes[i],
		}
		if d.Sandbox == "" {
			d.Name = freeName(c, taken)
			taken[d.Name] = true
		}
		list = append(list, d)
	}
	return list
}

// sandboxesAmong names the sandboxes that candidates are already, by their place in the list.
func (e *Engine) sandboxesAmong(found []postgres.Candidate) map[int]string {
	names := map[int]string{}
	for _, s := range e.Sandboxes() {
		if s.FoldersOnly {
			continue
		}
		if i := postgres.Find(found, s.Connection); i >= 0 && names[i] == "" {
			names[i] = s.Name
		}
	}
	return names
}

// freeName proposes the database's name, made to fit and not taken.
func freeName(c postgres.Candidate, taken map[string]bool) string {
	base := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:`, r) || r < ' ' {
			return '-'
		}
		return r
	}, strings.TrimLeft(c.Connection.Database, "-."))
	if backup.ValidateSandboxName(base) != nil {
		base = "database"
	}
	name := base
	for n := 2; taken[name]; n++ {
		name = backup.CutName(base, fmt.Sprintf("-%d", n))
	}
	return name
}

// AddDiscovered makes sandboxes of what was found, under the proposed names. What is one already,
// or cannot be connected to, is passed over. It gives those that were added, also beside an error.
func (e *Engine) AddDiscovered(ctx context.Context, list []Discovered) ([]backup.Sandbox, error) {
	var added []backup.Sandbox
	for _, d := range list {
		if d.Sandbox != "" || d.Problem != nil {
			continue
		}
		s, err := e.AddSandbox(ctx, backup.Sandbox{Name: d.Name, Connection: d.Connection, ExcludeTables: d.LeaveOut}, PutSandbox{Password: d.password})
		if err != nil {
			return added, err
		}
		added = append(added, s)
	}
	return added, nil
}
