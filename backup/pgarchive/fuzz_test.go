package pgarchive

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzRead(f *testing.F) {
	for _, minor := range []byte{14, 15, 16} {
		f.Add(tocOf(f, newer(f, minor)))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		var out, again bytes.Buffer
		if err := Write(&out, a); err != nil {
			t.Fatal(err)
		}
		b, err := Read(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
		first := a.AddTableData([]Entry{{}, {Deps: []Text{TextOf(strconv.Itoa(1))}}})
		if err := Write(&again, a); err != nil {
			t.Fatal(err)
		}
		if c, err := Read(&again); err != nil || c.Entry(first) == nil || len(c.Entries) != len(b.Entries)+2 {
			t.Fatal(err)
		}
	})
}

func FuzzReadBlobs(f *testing.F) {
	f.Add(blobBlock(9, 7, "abc"), []byte("1\tone\n"))
	f.Add(append(blobBlock(9, math.MaxUint32, "a"), blobBlock(9, 5, "")...), []byte{})
	f.Fuzz(func(t *testing.T, blobs, rows []byte) {
		h := Header{Version: Version{1, 16, 0}, IntSize: 4, OffsetSize: 8}
		c := &collector{}
		ids, err := ReadBlobs(bytes.NewReader(blobs), &h, c)
		if err != nil {
			return
		}
		a := &Archive{Header: h}
		for _, id := range ids {
			a.Entries = append(a.Entries, Entry{DumpID: id, HasData: true, Section: SectionData, Desc: TextOf(DescBlobs)})
		}
		if slices.ContainsFunc(ids, func(id int) bool { return id < 1 || id > maxDumpID }) {
			return // no archive has such an entry
		}
		first := a.AddTableData([]Entry{{}})
		var whole bytes.Buffer
		w, err := NewWriter(&whole, a, map[int]int64{first: int64(len(rows))})
		if err != nil {
			t.Fatal(err)
		}
		block, err := w.Rows(first)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := block.Write(rows); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(block.Close(), w.Blobs(bytes.NewReader(blobs), &collector{}), w.Close()); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(whole.Bytes(), blobs) {
			t.Fatal("the blocks are not the input")
		}
		if _, texts := dataOf(t, whole.Bytes()); texts[first] != string(rows)+endOfRows {
			t.Fatal("the rows are not the input")
		}
	})
}
