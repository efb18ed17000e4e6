package postgres

import (
	"bufio"
	"context"
	"io"
	"math"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// adapt changes the archive where it does not suit this server: roles that the job replaces, and
// notes that only the original's server understands.
func (f *filling) adapt(ctx context.Context) error {
	archive, err := f.readTOC()
	if err != nil {
		return err
	}
	changed := dropNotes(archive)
	if len(f.job.RoleMap) > 0 {
		changed = true
		if err := f.mapRoles(ctx, archive); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	file, err := memfile("database.toc")
	if err != nil {
		return err
	}
	if err := pgarchive.Write(file, archive); err != nil {
		dropMemfile(file)
		return err
	}
	dropMemfile(f.toc)
	f.toc = file
	return nil
}

// readTOC reads the archive without data.
func (f *filling) readTOC() (*pgarchive.Archive, error) {
	archive, err := pgarchive.Read(bufio.NewReader(f.tocReader()))
	if err != nil {
		return nil, &backup.Error{Kind: backup.Damaged, Text: "the archive of the definitions is not readable", Hint: "Use another backup, and verify this one.", Err: err}
	}
	return archive, nil
}

// tocReader reads the archive from its beginning, whoever else has it open.
func (f *filling) tocReader() io.Reader { return io.NewSectionReader(f.toc, 0, math.MaxInt64) }

// serverNote is an option of columns under which some servers note something for themselves. Their
// own pg_dump leaves it out; another version's writes it down, and no server takes it.
const serverNote = "pg_attver"

// dropNotes takes such notes out of the archive.
func dropNotes(archive *pgarchive.Archive) (changed bool) {
	for i := range archive.Entries {
		e := &archive.Entries[i]
		if e.Section != pgarchive.SectionPreData || !strings.Contains(e.Defn.S, serverNote) {
			continue
		}
		text := withoutNotes(e.Defn.S)
		changed = changed || text != e.Defn.S
		e.Defn.S = text
	}
	return changed
}

// withoutNotes takes the note out of each statement that sets it, and the statement if it sets
// nothing else.
func withoutNotes(sql string) string {
	var out, statement strings.Builder
	var kept, noted bool // of the present list of options
	skip := 0            // words of the note that are still to come
	for rest := sql; rest != ""; {
		word := nextWord(rest)
		rest = rest[len(word):]
		switch {
		case word == serverNote && strings.HasSuffix(statement.String(), " SET (") && strings.HasPrefix(rest, "="):
			noted, skip = true, 2
			continue
		case word == serverNote && strings.HasSuffix(statement.String(), ", ") && strings.HasPrefix(rest, "="):
			before := strings.TrimSuffix(statement.String(), ", ")
			statement.Reset()
			statement.WriteString(before)
			skip, kept = 2, true
			continue
		case skip > 0:
			skip--
			continue
		case noted && !kept && (word == "," || isBlank(word[0])):
			continue
		case noted && word != ")" && word != ";":
			kept = true
		}
		statement.WriteString(word)
		if word == ";" {
			if !noted || kept {
				out.WriteString(statement.String())
			}
			statement.Reset()
			kept, noted = false, false
		}
	}
	return out.String() + statement.String()
}
