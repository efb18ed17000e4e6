package export

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
	"holdfast/backup/rowsum"
)

// seed is an archive without data that has each kind of entry with rules of its own.
func seed(minor byte) []byte {
	a := &pgarchive.Archive{Header: pgarchive.Header{Version: pgarchive.Version{Major: 1, Minor: minor}, IntSize: 4, OffsetSize: 8}}
	add := func(desc, tag, defn, drop string, section pgarchive.Section, deps ...string) {
		e := pgarchive.Entry{
			DumpID: len(a.Entries) + 1, Desc: pgarchive.TextOf(desc), Tag: pgarchive.TextOf(tag), Defn: pgarchive.TextOf(defn), Drop: pgarchive.TextOf(drop),
			Section: section, Owner: pgarchive.TextOf("me"), Namespace: pgarchive.TextOf("public"), State: pgarchive.OffsetNone, HasData: desc == pgarchive.DescBlobs,
		}
		for _, dep := range deps {
			e.Deps = append(e.Deps, pgarchive.TextOf(dep))
		}
		a.Entries = append(a.Entries, e)
	}
	add("ENCODING", "ENCODING", "SET client_encoding = 'UTF8';\n", "", pgarchive.SectionPreData)
	add("SCHEMA", "public", "", "-- not dropped", pgarchive.SectionPreData)
	add("TABLE", "t", "CREATE TABLE public.t (a int);\n", "DROP TABLE public.t;\n", pgarchive.SectionPreData)
	add("BLOB METADATA", "7..8", "7\n8\n", "-- dummy", pgarchive.SectionData)
	add("ACL", "LARGE OBJECTS 7..8", "GRANT SELECT ON LARGE OBJECT 7 TO \"LARGE OBJECT 7\";\n", "", pgarchive.SectionNone, "4")
	add(pgarchive.DescBlobs, "7..8", "", "", pgarchive.SectionData)
	add("EVENT TRIGGER", "e", "CREATE EVENT TRIGGER e;\n", "DROP EVENT TRIGGER e;\n", pgarchive.SectionPostData)
	add(descRefresh, "mv", "REFRESH MATERIALIZED VIEW public.mv;\n", "", pgarchive.SectionPostData)
	var out bytes.Buffer
	if err := pgarchive.Write(&out, a); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// block is a block of one large object, for entry 6 of the seed.
func block() []byte {
	number := func(n uint32) []byte { return append([]byte{0}, binary.LittleEndian.AppendUint32(nil, n)...) }
	b := append([]byte{3}, number(6)...)
	b = append(append(b, number(7)...), number(3)...)
	b = append(append(b, "abc"...), number(0)...)
	return append(b, number(0)...)
}

// stored makes a backup of parts as a fuzzer gives them, with the manifest that they deserve.
func stored(toc, blobs, rows []byte) (*backup.Manifest, shelf) {
	var sum rowsum.Rows
	_, _ = sum.Write(rows) // never fails
	m := &backup.Manifest{ID: "0123456789abcdef", Database: backup.Database{Encoding: "UTF8"}, Tables: []backup.Table{{
		Schema: "public", Name: "t", Part: "data/1.copy", Columns: []backup.Column{{Name: "a", Type: "integer"}},
		Rows: sum.Rows(), Bytes: sum.Bytes(), Hash: sum.Hex(),
	}}}
	objects := &blobSum{e: &exporting{m: m, report: func(_, _ int64) {}}}
	if a, err := pgarchive.Read(bytes.NewReader(toc)); err == nil {
		_, _ = pgarchive.ReadBlobs(bytes.NewReader(blobs), &a.Header, objects) // what is wrong is for the test to find
	}
	m.LargeObjects = backup.Blobs{Count: objects.sum.Count(), Bytes: objects.sum.Bytes(), Hash: objects.sum.Hex()}
	if len(blobs) > 0 {
		m.LargeObjects.Parts = []string{"large-objects/1.blobs"}
	}
	return m, shelf{backup.PartTOC: toc, "data/1.copy": rows, "large-objects/1.blobs": blobs}
}

// FuzzDownload wants either an error, or a file whose contents are those of the parts.
func FuzzDownload(f *testing.F) {
	for _, minor := range []byte{14, 15, 16} {
		f.Add(seed(minor), block(), []byte("1\n2\n"))
	}
	f.Fuzz(func(t *testing.T, toc, blobs, rows []byte) {
		m, parts := stored(toc, blobs, rows)
		var dump, script bytes.Buffer
		if err := Dump(t.Context(), m, parts, &dump, nil); err == nil {
			if _, err := pgarchive.Read(bytes.NewReader(dump.Bytes())); err != nil || !bytes.HasSuffix(dump.Bytes(), blobs) {
				t.Fatal(err)
			}
		}
		if err := SQL(t.Context(), m, parts, &script, nil); err == nil && !bytes.Contains(script.Bytes(), append(rows, "\\.\n"...)) {
			t.Fatal("the rows are not in the script")
		}
	})
}

func TestSeedIsWhole(t *testing.T) {
	for _, minor := range []byte{14, 15, 16} {
		m, parts := stored(seed(minor), block(), []byte("1\n2\n"))
		if err := Dump(t.Context(), m, parts, io.Discard, nil); err != nil {
			t.Error(err)
		}
		var script strings.Builder
		if err := SQL(t.Context(), m, parts, &script, nil); err != nil {
			t.Error(err)
		}
		for _, want := range []string{
			"ALTER SCHEMA \"public\" OWNER TO \"me\";\n", "ALTER TABLE public.t OWNER TO \"me\";\n", "COPY public.t (\"a\") FROM stdin;\n1\n2\n\\.\n",
			"SELECT pg_catalog.lo_create('7');\nSELECT pg_catalog.lo_create('8');\n", "ALTER LARGE OBJECT 8 OWNER TO \"me\";\n",
			"GRANT SELECT ON LARGE OBJECT 7 TO \"LARGE OBJECT 7\";\nGRANT SELECT ON LARGE OBJECT 8 TO \"LARGE OBJECT 7\";\n",
			"SELECT pg_catalog.lo_open('7', 131072);\nSELECT pg_catalog.lowrite(0, pg_catalog.decode('616263', 'hex'));\nSELECT pg_catalog.lo_close(0);\n",
		} {
			if !strings.Contains(script.String(), want) {
				t.Errorf("1.%d: missing: %s", minor, want)
			}
		}
		if strings.Index(script.String(), "REFRESH") > strings.Index(script.String(), "CREATE EVENT TRIGGER") {
			t.Error("event triggers are there before views are refreshed")
		}
	}
}
