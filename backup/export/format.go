package export

import (
	"context"
	"io"
	"strings"

	"holdfast/backup"
)

// Format is a kind of file that a backup can be downloaded as; it is the ending of the file too.
type Format string

// The formats.
const (
	FormatDump Format = "dump" // an archive for pg_restore
	FormatSQL  Format = "sql"  // a script for psql
	FormatJSON Format = "json" // rows, for any program; see JSON

	FormatMediaTar Format = "media.tar.zst" // the folders, for tar
	FormatMediaZip Format = "media.zip"     // the folders, for unzip
)

// Formats lists what there is.
func Formats() []Format {
	return []Format{FormatDump, FormatSQL, FormatJSON, FormatMediaTar, FormatMediaZip}
}

// ParseFormat reads a format's name.
func ParseFormat(text string) (Format, error) {
	names := make([]string, 0, len(Formats()))
	for _, f := range Formats() {
		if text == string(f) {
			return f, nil
		}
		names = append(names, string(f))
	}
	return "", backup.Errorf(backup.Usage, backup.Meant(text, names, "These are there: "+strings.Join(names, ", ")), "a backup cannot be downloaded as %q", text)
}

// Holds says which part of a backup the format is about.
func (f Format) Holds() backup.Scope {
	if f == FormatMediaTar || f == FormatMediaZip {
		return backup.ScopeMedia
	}
	return backup.ScopeDatabase
}

// Write writes the database of the backup m as f; see Dump, SQL and JSON, which leaves operational
// tables out.
func (f Format) Write(ctx context.Context, m *backup.Manifest, parts backup.Parts, to io.Writer, report func(done, total int64)) error {
	switch f {
	case FormatSQL:
		return SQL(ctx, m, parts, to, report)
	case FormatJSON:
		return JSON(ctx, m, parts, to, false, report)
	case FormatDump, FormatMediaTar, FormatMediaZip:
	}
	return Dump(ctx, m, parts, to, report)
}

// Room gives how many bytes a download of m as f takes at most, as far as the manifest tells: the
// definitions are guessed.
func (f Format) Room(m *backup.Manifest) int64 {
	const definitions, perTable, perFile = 1 << 20, 4 << 10, 2 << 10
	if f.Holds() == backup.ScopeMedia {
		files, bytes := backup.MediaFiles(m.Media)
		for i := range m.Media {
			files += m.Media[i].Folders + m.Media[i].Links
		}
		return bytes + bytes/1000 + definitions + perFile*files
	}
	contents := m.Bytes()
	switch f {
	case FormatSQL:
		contents += m.LargeObjects.Bytes // they are written as digits
	case FormatJSON:
		contents += contents/10 + names(m) - m.LargeObjects.Bytes
	case FormatDump, FormatMediaTar, FormatMediaZip:
	}
	return contents + contents/1000 + definitions + perTable*int64(len(m.Tables)) + 200*m.LargeObjects.Count
}

// names gives the bytes that names of columns take in a JSON snapshot, where every row has them.
func names(m *backup.Manifest) int64 {
	var n int64
	for i := range m.Tables {
		row := int64(len("\n{},"))
		for _, c := range m.Tables[i].Columns {
			row += int64(len(c.Name) + len(`"":"",`))
		}
		n += row * m.Tables[i].Rows
	}
	return n
}

// Load gives the command that loads a file of this format, for people.
func (f Format) Load(path string) string {
	switch f {
	case FormatMediaTar:
		return "tar --zstd -xpf " + path
	case FormatMediaZip:
		return "unzip " + path
	case FormatSQL:
		return "psql -v ON_ERROR_STOP=1 -d DATABASE -f " + path
	case FormatJSON:
		return "holdfast restore --from " + path + " --target SANDBOX"
	default:
		return "pg_restore -d DATABASE " + path
	}
}
