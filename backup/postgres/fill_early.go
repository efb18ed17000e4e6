package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

const (
	// earlyBytes is how much COPY text a table must have for its indexes to be built as soon as its
	// rows are there, while other tables are still being filled. The others' are built at the end,
	// by one pg_restore: a process for each would cost more than it saves.
	earlyBytes = 16 << 20
	// referredBytes is the same for a table that such a large one refers to: without its key the
	// foreign key, for which the large table is read, has to wait.
	referredBytes = 1 << 20
)

// earlyWork knows what can be done about large tables while others are still being filled.
type earlyWork struct {
	tables  map[string]*backup.Table // by dump ID
	fills   map[*backup.Table]*piece
	entries map[string][]*pgarchive.Entry // after the rows, by the dump IDs of what they need
	late    map[string]bool               // dump IDs of all that comes after the rows
	pieces  map[string]*piece             // by dump ID, of the entries that are restored early
	large   []*backup.Table
}

// plan puts the work on tables into pieces. When there is no large table the archive is not read.
func (f *filling) plan(ctx context.Context, tables []*backup.Table) (*loadPlan, error) {
	w := &earlyWork{fills: map[*backup.Table]*piece{}, pieces: map[string]*piece{}}
	var fills []*piece
	for _, t := range tables {
		w.fills[t] = &piece{fill: t, bytes: t.Bytes}
		fills = append(fills, w.fills[t])
	}
	if !slices.ContainsFunc(tables, func(t *backup.Table) bool { return isLarge(t, earlyBytes) }) {
		return newLoadPlan(fills), nil
	}
	archive, err := f.readTOC()
	if err != nil {
		return nil, err
	}
	w.read(archive, tables)
	plain, err := f.plainTables(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range w.large {
		w.index(t)
		isExtended := slices.ContainsFunc(w.of(t), func(e *pgarchive.Entry) bool { return e.Desc.S == "STATISTICS" })
		if !isExtended && slices.Contains(plain, backup.Name{Schema: t.Schema, Name: t.Name}) {
			w.follow(&piece{analyze: t, bytes: t.Bytes}, t)
		}
	}
	w.refer()
	return newLoadPlan(fills), nil
}

func isLarge(t *backup.Table, bytes int64) bool { return t.Bytes >= bytes && t.Root == nil }

// read finds the tables and what comes after their rows. Names in the archive are in the database's
// own encoding; of a table whose name differs, all is built at the end.
func (w *earlyWork) read(archive *pgarchive.Archive, tables []*backup.Table) {
	named := map[backup.Name]*backup.Table{}
	for _, t := range tables {
		if t.Root == nil {
			named[backup.Name{Schema: t.Schema, Name: t.Name}] = t
		}
	}
	w.tables, w.late, w.entries = map[string]*backup.Table{}, map[string]bool{}, map[string][]*pgarchive.Entry{}
	for i := range archive.Entries {
		e := &archive.Entries[i]
		id := strconv.Itoa(e.DumpID)
		switch {
		case e.Section == pgarchive.SectionPostData:
			w.late[id] = true
		case e.Desc.S == "TABLE":
			w.tables[id] = named[backup.Name{Schema: e.Namespace.S, Name: e.Tag.S}] // nil for one that is not filled by itself
		}
	}
	for i := range archive.Entries {
		e := &archive.Entries[i]
		if e.Section != pgarchive.SectionPostData {
			continue
		}
		for _, id := range e.Deps { // pg_dump names some twice
			if known := w.entries[id.S]; !slices.Contains(known, e) {
				w.entries[id.S] = append(known, e)
			}
		}
	}
	w.chooseLarge(tables)
}

// chooseLarge finds the large tables, and those that they refer to.
func (w *earlyWork) chooseLarge(tables []*backup.Table) {
	for _, t := range tables {
		if isLarge(t, earlyBytes) || isLarge(t, referredBytes) && slices.ContainsFunc(w.of(t), w.refersFromLarge) {
			w.large = append(w.large, t)
		}
	}
}

func (w *earlyWork) refersFromLarge(e *pgarchive.Entry) bool {
	return e.Desc.S == "FK CONSTRAINT" && slices.ContainsFunc(e.Deps, func(id pgarchive.Text) bool {
		t := w.tables[id.S]
		return t != nil && isLarge(t, earlyBytes)
	})
}

// of gives what comes after the rows and needs t.
func (w *earlyWork) of(t *backup.Table) []*pgarchive.Entry {
	for id, known := range w.tables {
		if known == t {
			return w.entries[id]
		}
	}
	return nil
}

// index plans the indexes of t and the constraints that are indexes; those that need something else
// that comes after the rows are left for the end. What alters the table locks others out, and two of
// its kind could wait for each other for ever: that is done first, one by one.
func (w *earlyWork) index(t *backup.Table) {
	var altering, others []*piece
	for _, e := range w.of(t) {
		if (e.Desc.S != "INDEX" && e.Desc.S != "CONSTRAINT") || slices.ContainsFunc(e.Deps, func(id pgarchive.Text) bool { return w.late[id.S] }) {
			continue
		}
		if e.Desc.S == "INDEX" && !strings.Contains(e.Defn.S, "ALTER TABLE") {
			others = append(others, w.restoring(e, t))
			continue
		}
		if len(altering) == 0 {
			altering = []*piece{w.restoring(e, t)}
			continue
		}
		altering[0].restore = append(altering[0].restore, e.DumpID)
		w.pieces[strconv.Itoa(e.DumpID)] = altering[0]
	}
	w.fills[t].before(append(altering, others...)...)
	for _, first := range altering {
		first.before(others...)
	}
}

func (w *earlyWork) restoring(e *pgarchive.Entry, t *backup.Table) *piece {
	s := &piece{restore: []int{e.DumpID}, bytes: t.Bytes}
	w.pieces[strconv.Itoa(e.DumpID)] = s
	return s
}

// follow plans a piece that locks tables, after all else that is done about them.
func (w *earlyWork) follow(s *piece, tables ...*backup.Table) {
	for _, t := range tables {
		if slices.Contains(s.holds, t) {
			continue
		}
		s.holds = append(s.holds, t)
		s.bytes = max(s.bytes, t.Bytes)
		before := []*piece{w.fills[t]}
		for _, e := range w.of(t) {
			if known := w.pieces[strconv.Itoa(e.DumpID)]; known != nil && !slices.Contains(before, known) {
				before = append(before, known)
			}
		}
		for _, other := range before {
			other.before(s)
		}
	}
}

// refer plans the foreign keys between large tables whose keys are built early.
func (w *earlyWork) refer() {
	var seen []*pgarchive.Entry
	for _, t := range w.large {
		for _, e := range w.of(t) {
			if e.Desc.S != "FK CONSTRAINT" || slices.Contains(seen, e) {
				continue
			}
			seen = append(seen, e)
			if tables := w.referring(e); len(tables) > 0 {
				w.follow(&piece{restore: []int{e.DumpID}}, tables...)
			}
		}
	}
}

// referring gives the tables of a foreign key, none if not all that it needs is there early.
func (w *earlyWork) referring(e *pgarchive.Entry) []*backup.Table {
	var tables []*backup.Table
	keys := 0
	for _, id := range e.Deps {
		t, isTable := w.tables[id.S]
		switch {
		case w.late[id.S] && w.pieces[id.S] != nil:
			keys++
		case w.late[id.S], isTable && !slices.Contains(w.large, t):
			return nil
		case isTable:
			tables = append(tables, t)
		}
	}
	if keys == 0 {
		return nil
	}
	return tables
}
