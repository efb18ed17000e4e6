package pgarchive

import (
	"slices"
	"strconv"
)

// DescTableData is the kind of an entry that holds the rows of a table.
const DescTableData = "TABLE DATA"

// DescBlobs is the kind of an entry that holds the contents of large objects.
const DescBlobs = "BLOBS"

// AddTableData puts entries for the rows of tables where pg_dump puts them: behind all
// definitions, before whatever else belongs to the section of data. Each gets a dump ID that
// nothing in the archive uses or refers to: the first that is returned, the others follow it.
//
// pg_restore takes the first dependency of such an entry for its table: what comes after the rows
// and depends on that table then waits for the rows.
func (a *Archive) AddTableData(entries []Entry) (first int) {
	first = a.maxID() + 1
	added := slices.Clone(entries)
	for i := range added {
		e := &added[i]
		e.DumpID, e.HasData, e.Section, e.State = first+i, true, SectionData, OffsetNotSet
		e.Desc, e.WithOIDs = TextOf(DescTableData), TextOf("false")
	}
	a.Entries = slices.Insert(a.Entries, a.dataStart(), added...)
	return first
}

// maxID gives the highest dump ID that is used or referred to: pg_dump leaves dependencies on
// what it did not write, and a new entry must not be taken for one of those.
func (a *Archive) maxID() int {
	highest := 0
	for i := range a.Entries {
		e := &a.Entries[i]
		highest = max(highest, e.DumpID)
		for _, dep := range e.Deps {
			if id, err := strconv.Atoi(dep.S); err == nil && id <= maxDumpID {
				highest = max(highest, id)
			}
		}
	}
	return highest
}

// maxDumpID is what pg_restore and the smallest number of an archive have room for, with more entries behind it.
const maxDumpID = 1<<31 - 1 - maxEntries

// dataStart gives the index at which the section of data begins.
func (a *Archive) dataStart() int {
	for _, section := range []Section{SectionData, SectionPostData} {
		at := slices.IndexFunc(a.Entries, func(e Entry) bool { return e.Section == section })
		if at >= 0 {
			return at
		}
	}
	return len(a.Entries)
}
