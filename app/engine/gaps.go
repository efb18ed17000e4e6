package engine

import (
	"context"
	"encoding/json"
	"time"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/workspace"
)

// othersTime bounds the question to one server.
const othersTime = 5 * time.Second

func othersFact(sandbox string) string { return "other databases beside " + sandbox }

func serverFact(sandbox string) string { return "server of " + sandbox }

// LookAround looks through the folders of all sandboxes, as Scan does, and asks the server of one of them
// for its other databases. What it saw is remembered for Gaps; of a server that does not answer nothing new
// is.
func (e *Engine) LookAround(ctx context.Context, sandbox string) error {
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return err
	}
	if _, err := e.Scan(ctx); err != nil || s.FoldersOnly {
		return err
	}
	asking, stop := context.WithTimeout(ctx, othersTime)
	defer stop()
	names, server, err := e.server.Others(asking, s)
	if err != nil {
		return err
	}
	if err := e.catalog.SetFact(ctx, serverFact(sandbox), server); err != nil {
		return err
	}
	text, err := json.Marshal(names)
	if err != nil {
		return err
	}
	return e.catalog.SetFact(ctx, othersFact(sandbox), string(text))
}

// Gaps says what no backup of a sandbox holds, as far as the configuration and the last look tell.
func (e *Engine) Gaps(ctx context.Context, sandbox string) ([]backup.Gap, error) {
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return nil, err
	}
	scan, err := e.lastScan(ctx)
	if err != nil {
		return nil, err
	}
	others, err := e.unprotected(ctx, s)
	if err != nil {
		return nil, err
	}
	seen := scan.Sandboxes[sandbox]
	var all []backup.Gap
	add := func(kind backup.GapKind, always bool, names []string) {
		if always || len(names) > 0 {
			all = append(all, backup.Gap{Kind: kind, Names: names})
		}
	}
	found := map[workspace.UncoveredKind][]string{}
	for _, u := range seen.Uncovered {
		found[u.Kind] = append(found[u.Kind], u.Name)
	}
	add(backup.GapFolders, !s.FoldersOnly && len(s.Media) == 0, nil)
	add(backup.GapUploads, false, found[workspace.Uploads])
	if len(s.Media) > 0 {
		add(backup.GapPatterns, false, s.MediaExclude)
	}
	if !s.FoldersOnly {
		add(backup.GapTables, false, s.ExcludeTables)
		add(backup.GapSchemas, false, s.Schemas)
		add(backup.GapDatabases, false, others)
		add(backup.GapRoles, true, nil)
	}
	add(backup.GapStorage, false, found[workspace.ObjectStorage])
	add(backup.GapServers, false, found[workspace.OtherDatabase])
	var secrets []string
	for _, one := range seen.Secrets {
		secrets = append(secrets, one.Path)
	}
	add(backup.GapSecrets, true, secrets)
	add(backup.GapCode, true, s.Code)
	return all, nil
}

// unprotected names the other databases on the server of s that were seen, without those that are
// sandboxes too.
func (e *Engine) unprotected(ctx context.Context, s backup.Sandbox) (names []string, err error) {
	text, err := e.catalog.Fact(ctx, othersFact(s.Name))
	if err != nil || text == "" {
		return nil, err
	}
	var seen []string
	if json.Unmarshal([]byte(text), &seen) != nil {
		seen = nil // another version's: the next look makes it anew
	}
	for _, name := range seen {
		protected, err := e.protected(ctx, s, name)
		if err != nil {
			return nil, err
		}
		if name != s.Connection.Database && !protected {
			names = append(names, name)
		}
	}
	return names, nil
}

// protected says whether a database on the server of s is a sandbox, by the words of the connections. A
// sandbox on a server that called itself something else than that of s is another database.
func (e *Engine) protected(ctx context.Context, s backup.Sandbox, database string) (bool, error) {
	c := s.Connection
	c.Database = database
	here, err := e.catalog.Fact(ctx, serverFact(s.Name))
	if err != nil {
		return false, err
	}
	for _, other := range e.Sandboxes() {
		if other.FoldersOnly || !postgres.SameDatabase(other.Connection, c) {
			continue
		}
		there, err := e.catalog.Fact(ctx, serverFact(other.Name))
		if err != nil || here == "" || there == "" || here == there {
			return true, err
		}
	}
	return false, nil
}
