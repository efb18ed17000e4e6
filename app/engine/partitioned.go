package engine

import (
	"context"
	"slices"
	"strconv"
	"time"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// namedTables finds tables of a backup by what a person calls them, each once. A partitioned one
// stands for its partitions.
func (e *Engine) namedTables(ctx context.Context, b *backup.Backup, texts []string, wait time.Duration) (names []backup.Name, whole []backup.Partitioned, err error) {
	m := &backup.Manifest{ID: b.ID, Tables: b.Tables}
	var all []backup.Partitioned
	for _, text := range texts {
		if _, err := backup.ParseTable(text, m); err != nil && all == nil {
			if all, err = e.partitioned(ctx, b.ID, wait); err != nil {
				return nil, nil, err
			}
		}
		found, parts, err := backup.ParsePartitioned(text, m, all)
		if err != nil {
			return nil, nil, err
		}
		if parts != nil {
			whole = append(whole, *parts)
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, whole, nil
}

// partitioned gives the partitioned tables of a backup, as its definitions have them.
func (e *Engine) partitioned(ctx context.Context, id backup.ID, wait time.Duration) ([]backup.Partitioned, error) {
	m, archive, err := e.definitions(ctx, id, wait)
	if err != nil {
		return nil, err
	}
	return partitionedIn(archive, m), nil
}

// partitionedIn reads who is a partition of whom from what attaches one to the other: such an entry has the
// name of the partition, and depends on both.
func partitionedIn(archive *pgarchive.Archive, m *backup.Manifest) []backup.Partitioned {
	below := map[backup.Name][]backup.Name{}
	var parents []backup.Name
	for i := range archive.Entries {
		attach := &archive.Entries[i]
		if attach.Desc.S != "TABLE ATTACH" {
			continue
		}
		for _, dep := range attach.Deps {
			parent, ok := tableEntry(archive, dep.S)
			if child := nameOf(attach); ok && parent != child {
				if below[parent] == nil {
					parents = append(parents, parent)
				}
				below[parent] = append(below[parent], child)
				break
			}
		}
	}
	all := make([]backup.Partitioned, len(parents))
	for i, parent := range parents {
		all[i].Table = parent
		for at := []backup.Name{parent}; len(at) > 0; at = at[1:] {
			for _, child := range below[at[0]] {
				switch {
				case below[child] != nil:
					all[i].Below, at = append(all[i].Below, child), append(at, child)
				case slices.ContainsFunc(m.Tables, func(t backup.Table) bool { return t.Schema == child.Schema && t.Name == child.Name }):
					all[i].Parts = append(all[i].Parts, child)
				}
			}
		}
	}
	return all
}

func nameOf(e *pgarchive.Entry) backup.Name {
	return backup.Name{Schema: e.Namespace.S, Name: e.Tag.S}
}

// tableEntry gives the name of the table that has an entry's dump ID.
func tableEntry(archive *pgarchive.Archive, dumpID string) (backup.Name, bool) {
	id, err := strconv.Atoi(dumpID)
	if err != nil {
		return backup.Name{}, false
	}
	e := archive.Entry(id)
	if e == nil || e.Desc.S != "TABLE" {
		return backup.Name{}, false
	}
	return nameOf(e), true
}
