package backup

import (
	"slices"
	"strings"
)

// Change is how a table differs between two moments.
type Change string

// The changes of a table.
const (
	Unchanged    Change = "same"
	RowsChanged  Change = "rows"    // other rows, the same columns
	ShapeChanged Change = "columns" // other columns
	TableGone    Change = "gone"
	TableNew     Change = "new"
	NotCompared  Change = "not compared" // its rows are left out of backups
)

// TableChange is one table, then and now.
type TableChange struct {
	Schema    string `json:"schema"`
	Name      string `json:"name"`
	Change    Change `json:"change"`
	RowsThen  int64  `json:"rows_then"`
	RowsNow   int64  `json:"rows_now"`
	BytesThen int64  `json:"bytes_then"` // of COPY text
	BytesNow  int64  `json:"bytes_now"`
}

// Comparison says how a database differs from a backup of it.
type Comparison struct {
	Backup       ID              `json:"backup"`
	Sandbox      string          `json:"sandbox"`
	Same         bool            `json:"same"`
	Tables       []TableChange   `json:"tables"`        // by schema and name
	Sequences    int             `json:"sequences"`     // that stand elsewhere
	LargeObjects bool            `json:"large_objects"` // they differ
	Media        []FolderChanges `json:"media"`
	Definitions  []string        `json:"definitions"` // of what changed: "changed: FUNCTION public.total(integer)"
}

// Changed gives the tables that differ.
func (c *Comparison) Changed() []TableChange {
	return slices.DeleteFunc(slices.Clone(c.Tables), func(t TableChange) bool { return t.Change == Unchanged || t.Change == NotCompared })
}

// Compare compares two manifests of one database: rows by their content hash, which order does
// not matter to. Definitions are not in manifests; the caller adds what changed there.
func Compare(then, now *Manifest, definitions []string) Comparison {
	c := Comparison{Backup: then.ID, Sandbox: then.Sandbox, Tables: []TableChange{}, Media: []FolderChanges{}, Definitions: append([]string{}, definitions...)}
	old := map[Name]*Table{}
	for i := range then.Tables {
		old[then.Tables[i].fullName()] = &then.Tables[i]
	}
	for i := range now.Tables {
		t := &now.Tables[i]
		c.Tables = append(c.Tables, compareTable(old[t.fullName()], t))
		delete(old, t.fullName())
	}
	for _, t := range old {
		c.Tables = append(c.Tables, compareTable(t, nil))
	}
	slices.SortFunc(c.Tables, func(a, b TableChange) int {
		return strings.Compare(a.Schema+"\x00"+a.Name, b.Schema+"\x00"+b.Name)
	})
	c.Sequences = movedSequences(then.Sequences, now.Sequences)
	c.LargeObjects = then.LargeObjects.Hash != now.LargeObjects.Hash || then.LargeObjects.Count != now.LargeObjects.Count
	c.Same = len(c.Changed()) == 0 && c.Sequences == 0 && !c.LargeObjects && len(c.Definitions) == 0
	return c
}

func (t *Table) fullName() Name { return Name{Schema: t.Schema, Name: t.Name} }

// compareTable compares a table then and now; one of them may be nil.
func compareTable(then, now *Table) TableChange {
	switch {
	case now == nil:
		return TableChange{Schema: then.Schema, Name: then.Name, Change: TableGone, RowsThen: then.Rows, BytesThen: then.Bytes}
	case then == nil:
		return TableChange{Schema: now.Schema, Name: now.Name, Change: TableNew, RowsNow: now.Rows, BytesNow: now.Bytes}
	}
	c := TableChange{
		Schema: now.Schema, Name: now.Name, Change: Unchanged,
		RowsThen: then.Rows, RowsNow: now.Rows, BytesThen: then.Bytes, BytesNow: now.Bytes,
	}
	switch {
	case !slices.Equal(then.Columns, now.Columns):
		c.Change = ShapeChanged
	case then.Excluded || now.Excluded:
		c.Change = NotCompared
	case then.Rows != now.Rows || then.Hash != now.Hash:
		c.Change = RowsChanged
	}
	return c
}

func movedSequences(then, now []Sequence) int {
	old := map[Sequence]bool{}
	for _, s := range then {
		old[s] = true
	}
	moved := 0
	for _, s := range now {
		if !old[s] {
			moved++
		}
	}
	return moved
}
