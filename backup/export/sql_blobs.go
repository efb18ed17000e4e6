package export

import (
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"holdfast/backup/pgarchive"
)

// largeObjects writes the contents of the large objects of one entry, whose part is the next.
func (s *script) largeObjects(e *pgarchive.Entry) error {
	if len(s.blobParts) == 0 {
		return fmt.Errorf("%w: the large objects of %q are missing", pgarchive.ErrFormat, e.Tag.S)
	}
	name := s.blobParts[0]
	s.blobParts = s.blobParts[1:]
	out := &blobScript{s: s}
	s.print("BEGIN;\n\n")
	err := s.part(name, func(r io.Reader) error {
		ids, err := pgarchive.ReadBlobs(r, &s.archive.Header, out)
		if err == nil && (len(ids) != 1 || ids[0] != e.DumpID) {
			err = fmt.Errorf("%w: the part %s is not what %q announces", pgarchive.ErrFormat, name, e.Tag.S)
		}
		return err
	})
	if err != nil {
		return err
	}
	out.end()
	s.print("COMMIT;\n\n")
	return nil
}

// blobScript writes large objects as statements. It is a pgarchive.Objects.
type blobScript struct {
	s    *script
	open bool
	hex  []byte
}

// modeWrite is INV_WRITE of PostgreSQL's libpq-fs.h.
const modeWrite = "131072"

// Object implements pgarchive.Objects.
func (b *blobScript) Object(oid uint32) {
	b.end()
	b.open = true
	b.s.sum.Object(oid)
	b.s.print("SELECT pg_catalog.lo_open('", strconv.FormatUint(uint64(oid), 10), "', ", modeWrite, ");\n")
}

// Contents implements pgarchive.Objects. Its statements have no backslash, which a session may
// or may not take for an escape.
func (b *blobScript) Contents(p []byte) {
	b.s.sum.Contents(p)
	b.hex = hex.AppendEncode(b.hex[:0], p)
	b.s.print("SELECT pg_catalog.lowrite(0, pg_catalog.decode('")
	_, _ = b.s.w.Write(b.hex) // the writer remembers its error
	b.s.print("', 'hex'));\n")
}

// end closes the large object that is open.
func (b *blobScript) end() {
	if b.open {
		b.s.print("SELECT pg_catalog.lo_close(0);\n\n")
	}
	b.open = false
}

// blobOIDs reads what archives from 1.16 on have for the definition of large objects: their OIDs.
func blobOIDs(e *pgarchive.Entry) []string { return strings.Fields(e.Defn.S) }

// makeBlobs writes what makes the large objects of one entry, and gives them their owner.
func (s *script) makeBlobs(e *pgarchive.Entry) {
	for _, oid := range blobOIDs(e) {
		s.print("SELECT pg_catalog.lo_create('", oid, "');\n")
	}
	s.print("\n")
	if e.Owner.S == "" {
		return
	}
	for _, oid := range blobOIDs(e) {
		s.print("ALTER LARGE OBJECT ", oid, " OWNER TO ", quoteIdent(e.Owner.S), ";\n")
	}
	s.print("\n")
}

// blobRights writes the rights on many large objects. The entry has those on one of them, and
// depends on the entry that names them all.
func (s *script) blobRights(e *pgarchive.Entry) error {
	var made *pgarchive.Entry
	if len(e.Deps) > 0 {
		id, err := strconv.Atoi(e.Deps[0].S)
		if err == nil {
			made = s.archive.Entry(id)
		}
	}
	if made == nil {
		return fmt.Errorf("%w: the rights of %q are on nothing", pgarchive.ErrFormat, e.Tag.S)
	}
	for _, oid := range blobOIDs(made) {
		s.print(withBlob(e.Defn.S, oid))
	}
	s.print("\n\n")
	return nil
}

// blobName finds the object in a statement about a large object, and passes over quoted names.
var blobName = regexp.MustCompile(`"[^"]*"|LARGE OBJECT [0-9]+`)

// withBlob puts another large object into statements about one.
func withBlob(statements, oid string) string {
	return blobName.ReplaceAllStringFunc(statements, func(found string) string {
		if strings.HasPrefix(found, `"`) {
			return found
		}
		return "LARGE OBJECT " + oid
	})
}
