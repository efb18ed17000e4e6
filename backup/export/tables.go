package export

import (
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// addTables adds an entry for the rows of each table that has some in the backup.
func (e *exporting) addTables() error {
	f := newFinder(e.archive, encoder(e.m.Database.Encoding))
	var tables []*backup.Table
	var entries []pgarchive.Entry
	for i := range e.m.Tables {
		t := &e.m.Tables[i]
		if t.Part == "" || t.Excluded {
			continue
		}
		entry, err := f.dataEntry(t)
		if err != nil {
			return err
		}
		tables, entries = append(tables, t), append(entries, entry)
	}
	first := e.archive.AddTableData(entries)
	e.tables, e.money = map[int]*backup.Table{}, map[int]bool{}
	for i, t := range tables {
		e.tables[first+i], e.money[first+i] = t, f.mayHoldMoney(t)
	}
	e.chainExtensions()
	return nil
}

// chainExtensions makes the rows of each extension's table wait for those before it. Foreign keys
// between such tables are there from the beginning, and the manifest has what is referred to first.
func (e *exporting) chainExtensions() {
	previous := ""
	for i := range e.archive.Entries {
		entry := &e.archive.Entries[i]
		if t := e.tables[entry.DumpID]; t == nil || t.Extension == "" {
			continue
		}
		if previous != "" {
			entry.Deps = append(entry.Deps, pgarchive.TextOf(previous))
		}
		previous = dumpID(entry).S
	}
}

// sizes gives the bytes of COPY text by the dump ID of their entry.
func (e *exporting) sizes() map[int]int64 {
	sizes := map[int]int64{}
	for id, t := range e.tables {
		sizes[id] = t.Bytes
	}
	return sizes
}

// finder finds definitions in an archive, whose names are in the database's encoding.
type finder struct {
	encode     func(string) (string, error)
	tables     map[backup.Name]*pgarchive.Entry
	extensions map[string]*pgarchive.Entry
	money      bool // a type or domain is made of money
}

func newFinder(a *pgarchive.Archive, encode func(string) (string, error)) *finder {
	f := &finder{encode: encode, tables: map[backup.Name]*pgarchive.Entry{}, extensions: map[string]*pgarchive.Entry{}}
	for i := range a.Entries {
		switch entry := &a.Entries[i]; entry.Desc.S {
		case "TABLE":
			f.tables[backup.Name{Schema: entry.Namespace.S, Name: entry.Tag.S}] = entry
		case "EXTENSION":
			f.extensions[entry.Tag.S] = entry
		case "TYPE", "DOMAIN":
			f.money = f.money || strings.Contains(entry.Defn.S, "money")
		}
	}
	return f
}

// dataEntry makes the entry for the rows of t as pg_dump would.
func (f *finder) dataEntry(t *backup.Table) (pgarchive.Entry, error) {
	schema, name, err := f.name(t.Schema, t.Name)
	if err != nil {
		return pgarchive.Entry{}, err
	}
	entry := pgarchive.Entry{Namespace: pgarchive.TextOf(schema), Tag: pgarchive.TextOf(name), Owner: pgarchive.TextOf("")}
	if err := f.attach(&entry, t); err != nil {
		return entry, err
	}
	target, err := f.target(t)
	if err != nil {
		return entry, err
	}
	columns, err := f.columns(t)
	if err != nil {
		return entry, err
	}
	entry.Copy = pgarchive.TextOf("COPY " + target + " " + columns + " FROM stdin;\n")
	if t.Root != nil {
		entry.Defn = pgarchive.TextOf(throughRoot + oneLine(target))
	}
	return entry, nil
}

// throughRoot begins the definition of rows that are not loaded into their own table. By these
// words pg_restore knows that it must not empty that table first.
const throughRoot = "-- load via partition root "

// attach makes entry depend on what defines t, which is its table or the extension that makes it.
func (f *finder) attach(entry *pgarchive.Entry, t *backup.Table) error {
	if t.Extension != "" {
		extension, err := f.encode(t.Extension)
		if err != nil {
			return err
		}
		if maker := f.extensions[extension]; maker != nil {
			entry.Deps = []pgarchive.Text{dumpID(maker)}
		}
		return nil
	}
	table := f.tables[backup.Name{Schema: entry.Namespace.S, Name: entry.Tag.S}]
	if table == nil {
		return undefined(t.Schema, t.Name)
	}
	entry.OID, entry.Owner, entry.Deps = table.OID, table.Owner, []pgarchive.Text{dumpID(table)}
	return nil
}

func dumpID(e *pgarchive.Entry) pgarchive.Text { return pgarchive.TextOf(strconv.Itoa(e.DumpID)) }

func undefined(schema, name string) error {
	return backup.Errorf(backup.Damaged, hintDamaged, "the backup has rows of the table %q, but not its definition", schema+"."+name)
}

// target names what the rows are loaded into. pg_restore compares it with how it would quote the
// name of the table itself; so it is taken from the statement that drops the table.
func (f *finder) target(t *backup.Table) (string, error) {
	into := backup.Name{Schema: t.Schema, Name: t.Name}
	if t.Root != nil {
		into = *t.Root
	}
	schema, name, err := f.name(into.Schema, into.Name)
	if err != nil {
		return "", err
	}
	table := f.tables[backup.Name{Schema: schema, Name: name}]
	if table == nil && t.Extension == "" {
		return "", undefined(into.Schema, into.Name)
	}
	if table != nil {
		if quoted, ok := strings.CutPrefix(strings.TrimSuffix(table.Drop.S, ";\n"), "DROP TABLE "); ok && quoted != "" {
			return quoted, nil
		}
	}
	return quoteIdent(schema) + "." + quoteIdent(name), nil
}

// columns gives the list of columns; a table without any takes none.
func (f *finder) columns(t *backup.Table) (string, error) {
	if len(t.Columns) == 0 {
		return "", nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		name, err := f.encode(c.Name)
		if err != nil {
			return "", err
		}
		names[i] = quoteIdent(name)
	}
	return "(" + strings.Join(names, ", ") + ")", nil
}

func (f *finder) name(schema, name string) (string, string, error) {
	s, err := f.encode(schema)
	if err != nil {
		return "", "", err
	}
	n, err := f.encode(name)
	return s, n, err
}

// mayHoldMoney says whether rows of t may hold amounts of money.
func (f *finder) mayHoldMoney(t *backup.Table) bool {
	return f.money || slices.ContainsFunc(t.Columns, func(c backup.Column) bool { return strings.Contains(c.Type, "money") })
}

// quoteIdent quotes a name for use in a statement, whatever is in it.
func quoteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// oneLine keeps a name from ending a comment.
func oneLine(text string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(text) }
