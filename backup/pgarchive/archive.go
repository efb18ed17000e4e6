// Package pgarchive reads and writes the custom format of pg_dump: its header, its table of
// contents, and the blocks of data behind it.
//
// It knows archive versions 1.14 to 1.16, which pg_dump 13 to 18 write. It is pure: it starts
// nothing and opens nothing. The format has no other description than PostgreSQL's own source:
// pg_backup_archiver.c (header, table of contents) and pg_backup_custom.c (data blocks).
//
// Promises:
//
//   - What Split hands on, joined again in order, is the input byte for byte.
//   - What Writer writes is an archive that stock pg_restore of the same version, or a newer one,
//     reads from a file, with several sessions, and from a pipe.
//   - No input makes it panic or ask for much more memory than the input has bytes.
//
// Hazard: names and statements are in the archive's own encoding, which need not be UTF-8.
// Nothing read here is safe to run: an archive is as trustworthy as its source.
package pgarchive

// Version is the version of an archive's format.
type Version struct{ Major, Minor, Rev byte }

// Versions between which the format changed.
const (
	minorAccessMethod = 14 // the oldest that is read
	minorCompression  = 15 // a byte instead of a number says how data is compressed
	minorRelkind      = 16 // an entry has a relkind
)

// Header is the beginning of an archive.
type Header struct {
	Version     Version
	IntSize     byte   // bytes of a number, without its sign
	OffsetSize  byte   // bytes of an offset
	Compression int    // 0: none
	Created     [7]int // sec, min, hour, day, month-1, year-1900, isdst: local time of the dump
	Database    Text   // name of the database
	Server      Text   // version of the server
	Dumper      Text   // version of pg_dump
}

// Text is a text that may be NULL, which is not the same as empty.
type Text struct {
	S     string
	Valid bool
}

// TextOf gives s as a Text that is not NULL.
func TextOf(s string) Text { return Text{S: s, Valid: true} }

// Section says in which part of a restore an entry belongs.
type Section int

// The sections.
const (
	SectionNone     Section = 1
	SectionPreData  Section = 2
	SectionData     Section = 3
	SectionPostData Section = 4
)

// OffsetState says what an entry knows of the place of its data.
type OffsetState byte

// The states of an offset.
const (
	OffsetNotSet OffsetState = 1 // written to a pipe: nobody went back to fill it in
	OffsetSet    OffsetState = 2
	OffsetNone   OffsetState = 3 // the entry has no data
)

// Entry is one entry of the table of contents.
type Entry struct {
	DumpID       int    // identifies the entry inside this archive
	HasData      bool   // a data block may follow
	CatalogOID   uint32 // OID of the system catalog that the object is in; 0: none
	OID          uint32 // OID of the object; 0: none
	Tag          Text   // name of the object
	Desc         Text   // kind of the object: "TABLE", "SEQUENCE SET"
	Section      Section
	Defn         Text // statement that makes it
	Drop         Text // statement that drops it
	Copy         Text // COPY statement of a TABLE DATA entry
	Namespace    Text // schema
	Tablespace   Text
	AccessMethod Text
	Relkind      int // from 1.16
	Owner        Text
	WithOIDs     Text // "false"
	Deps         []Text
	State        OffsetState
	Offset       uint64
	File         Text // where the data is, in an archive of several files
}

// Archive is a header and a table of contents.
type Archive struct {
	Header  Header
	Entries []Entry
}

// Entry finds an entry by its dump ID; nil when there is none.
func (a *Archive) Entry(dumpID int) *Entry {
	for i := range a.Entries {
		if a.Entries[i].DumpID == dumpID {
			return &a.Entries[i]
		}
	}
	return nil
}
