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
)

// Formats lists what there is.
func Formats() []Format { return []Format{FormatDump, FormatSQL} }

// ParseFormat reads a format's name.
func ParseFormat(text string) (Format, error) {
	names := make([]string, 0, len(Formats()))
	for _, f := range Formats() {
		if text == string(f) {
			return f, nil
		}
		names = append(names, string(f))
	}
	return "", backup.Errorf(backup.Usage, "These are there: "+strings.Join(names, ", "), "a backup cannot be downloaded as %q", text)
}

// Write writes the backup m as f; see Dump and SQL.
func (f Format) Write(ctx context.Context, m *backup.Manifest, parts backup.Parts, to io.Writer, report func(done, total int64)) error {
	if f == FormatSQL {
		return SQL(ctx, m, parts, to, report)
	}
	return Dump(ctx, m, parts, to, report)
}

// Room gives how many bytes a download of m as f takes at most, as far as the manifest tells: the
// definitions are guessed.
func (f Format) Room(m *backup.Manifest) int64 {
	const definitions, perTable = 1 << 20, 4 << 10
	contents := m.Bytes()
	if f == FormatSQL {
		contents += m.LargeObjects.Bytes // they are written as digits
	}
	return contents + contents/1000 + definitions + perTable*int64(len(m.Tables)) + 200*m.LargeObjects.Count
}

// Load gives the command that loads a file of this format, for people.
func (f Format) Load(path string) string {
	if f == FormatSQL {
		return "psql -v ON_ERROR_STOP=1 -d DATABASE -f " + path
	}
	return "pg_restore -d DATABASE " + path
}
