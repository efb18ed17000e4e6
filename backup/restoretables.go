package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// TablesJob says which tables of a backup come back into a live database.
type TablesJob struct {
	Sandbox Sandbox // its connection names the database
	Run     ID
	Tables  []Name

	// RowsOnly: the tables are those of a snapshot, which go together. Partitions and tables of
	// extensions may be among them, tables that are not there may not, and sequences are set to
	// where they were, down too.
	RowsOnly bool

	Whole []Partitioned // partitioned tables, of whose parts all are among Tables: they are made again where they are not there
}

// TableFate says what a restore of single tables will do with one of them.
type TableFate struct {
	Table   Name
	Rows    int64    // in the backup
	Now     int64    // rows that are replaced, as far as the server knows; -1 when the table is not there
	Notes   []string // for people: what depends on it and what becomes of that
	Blocked string   // why it cannot be done; "" when it can
}

// ParseTable reads SCHEMA.NAME, or NAME alone when only one schema of m has it. Names are taken
// as they are; a quoted name, "like ""this""", may hold dots.
func ParseTable(text string, m *Manifest) (Name, error) {
	schema, name, ok := splitName(text)
	var found []Name
	var names []string
	for i := range m.Tables {
		t := &m.Tables[i]
		names = append(names, t.Schema+"."+t.Name)
		if ok && (t.Name == name && (schema == "" || t.Schema == schema) || t.Schema+"."+t.Name == text) {
			found = append(found, Name{Schema: t.Schema, Name: t.Name})
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Name{}, Errorf(Usage, meantTable(text, names, "See what it holds: holdfast backup show "+string(m.ID)), "the backup has no table %q", text)
	}
	return Name{}, Errorf(Usage, "Name the schema too: "+found[0].Schema+"."+found[0].Name, "the backup has %d tables %q", len(found), text)
}

// meantTable is Meant for a table, of names like public.orders: the schema may be left out.
func meantTable(text string, names []string, hint string) string {
	if near := Nearest(text, names); near != "" || strings.Contains(text, ".") {
		return Meant(text, names, hint)
	}
	for _, name := range names {
		if _, bare, _ := strings.Cut(name, "."); Nearest(text, []string{bare}) != "" {
			return fmt.Sprintf("Did you mean %q? %s", name, hint)
		}
	}
	return hint
}

// splitName takes a possibly quoted name apart; schema is "" when only a name was given.
func splitName(text string) (schema, name string, ok bool) {
	var words []string
	for rest := text; ; {
		word, after, good := cutIdent(rest)
		if !good {
			return "", "", false
		}
		words = append(words, word)
		if after == "" {
			break
		}
		rest = after[1:]
	}
	switch len(words) {
	case 1:
		return "", words[0], true
	case 2:
		return words[0], words[1], true
	}
	return "", "", len(words) > 2 // a whole text may still be a table's name
}

// cutIdent takes the first name off text; after begins with the dot that follows it.
func cutIdent(text string) (word, after string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		i := strings.IndexByte(text, '.')
		if i < 0 {
			i = len(text)
		}
		return text[:i], text[i:], text[:i] != ""
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		after = text[i+1:]
		return b.String(), after, b.Len() > 0 && (after == "" || after[0] == '.')
	}
	return "", "", false
}

// rowsOf sums the rows of some tables.
func rowsOf(m *Manifest, names []Name) int64 {
	var n int64
	for i := range m.Tables {
		if slices.Contains(names, Name{Schema: m.Tables[i].Schema, Name: m.Tables[i].Name}) {
			n += m.Tables[i].Rows
		}
	}
	return n
}

// describeTables asks the server what would become of each table, and puts it into words.
func (r *Restorer) describeTables(ctx context.Context, req RestoreRequest, b *Backup, m *Manifest) (what, loss string, err error) {
	fates, err := r.Runner.Server.PlanTables(ctx, TablesJob{Sandbox: req.Target, Tables: req.Tables, RowsOnly: req.rowsOnly, Whole: req.Whole}, m)
	if err != nil {
		return "", "", err
	}
	var lines, notes []string
	for i := range req.Whole {
		notes = append(notes, req.Whole[i].Words())
	}
	for _, f := range fates {
		if f.Blocked != "" {
			return "", "", Errorf(Refused, "Restore the backup into a new database (--to-database NAME), and copy what you need.",
				"the table %s.%s cannot be restored by itself: %s", f.Table.Schema, f.Table.Name, f.Blocked)
		}
		line := fmt.Sprintf("%s.%s (%s, now about %s)", f.Table.Schema, f.Table.Name, rowCount(f.Rows), thousands(max(f.Now, 0)))
		if f.Now < 0 {
			line = fmt.Sprintf("%s.%s (%s; it is not there now and is made again)", f.Table.Schema, f.Table.Name, rowCount(f.Rows))
		}
		lines, notes = append(lines, line), append(notes, f.Notes...)
	}
	when := b.Started.In(r.zone()).Format("2 January 2006 15:04 MST")
	what = fmt.Sprintf("Replace the rows of %s in %s, the database %s, with those of the backup of %s from %s",
		strings.Join(lines, ", "), req.Target.Name, req.Target.Connection.At(req.Target.Connection.Database), b.Sandbox, when)
	loss = strings.Join(append([]string{"What was written to these tables since then is replaced; all others stay as they are. Today's state is saved first. Code is not rewound."}, notes...), " ")
	return what, loss, nil
}

// loadTables brings single tables back, in one transaction: all of them, or nothing changed.
func (r *Restorer) loadTables(ctx context.Context, req RestoreRequest, rec *Restore, parts VaultReader) error {
	if err := r.note(ctx, rec, StageShadow); err != nil {
		return err
	}
	job := TablesJob{Sandbox: req.Target, Run: rec.ID, Tables: rec.Only, RowsOnly: rec.RowsOnly, Whole: req.Whole}
	err := r.Runner.Server.LoadTables(ctx, job, parts.Manifest(), parts, func(xact string) error {
		rec.Transaction = xact
		return r.note(ctx, rec, StageSwapping)
	}, r.Runner.report)
	if err != nil {
		return err
	}
	return r.note(context.WithoutCancel(ctx), rec, StageSwapped)
}

// checkTables refuses what a restore of single tables cannot be combined with.
func checkTables(req RestoreRequest, target Target) error {
	switch {
	case len(req.Tables) == 0:
		return nil
	case req.ToDatabase != "":
		return Errorf(Usage, "Leave one of them out.", "single tables go into a live database, not into a new one")
	case !target.Exists:
		return Errorf(Usage, "Restore all of it: leave --table out.", "the database %q, into which the tables should go, does not exist", req.Target.Connection.Database)
	}
	return nil
}
