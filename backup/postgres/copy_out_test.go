package postgres

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// said is a message of the server.
func said(kind byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}

// inPieces gives a reader's bytes in pieces of these sizes, again and again.
type inPieces struct {
	from  io.Reader
	sizes []int
	at    int
}

func (r *inPieces) Read(p []byte) (int, error) {
	size := r.sizes[r.at%len(r.sizes)]
	r.at++
	return r.from.Read(p[:min(len(p), size)])
}

// read takes everything that a server said, with the rows of each table.
func (r *copyReader) read(tables *[]bytes.Buffer) error {
	r.to = writerFunc(func(p []byte) (int, error) { return (*tables)[len(*tables)-1].Write(p) })
	for !r.ready || r.at < r.have {
		if err := r.message(func() { *tables = append(*tables, bytes.Buffer{}) }); err != nil {
			return err
		}
	}
	return nil
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// smallBuffer is a buffer that rows do not fit into.
const smallBuffer = 4 << 10

// TestCopyReader reads tables of short and of huge rows, with notices between them, however they come.
func TestCopyReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream bytes.Buffer
		var want []bytes.Buffer
		for range rapid.IntRange(0, 4).Draw(t, "tables") {
			stream.Write(said('H', []byte{0, 0, 0}))
			want = append(want, bytes.Buffer{})
			for range rapid.IntRange(0, 20).Draw(t, "rows") {
				row := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.SampledFrom([]int{0, 1, 90, smallBuffer - 5, smallBuffer, 3 * smallBuffer}).Draw(t, "length"))
				stream.Write(said('d', row))
				want[len(want)-1].Write(row)
				if rapid.Bool().Draw(t, "notice") {
					stream.Write(said('N', row))
				}
			}
			stream.Write(said('c', nil))
			stream.Write(said('C', []byte("COPY 1\x00")))
		}
		refused := rapid.Bool().Draw(t, "refused")
		if refused {
			stream.Write(said('E', append([]byte("SERROR\x00C42501\x00M"), append(bytes.Repeat([]byte("no "), rapid.SampledFrom([]int{1, readBuffer}).Draw(t, "words")), 0, 0)...)))
		}
		stream.Write(said('Z', []byte("I")))
		whole := stream.Len()

		var got []bytes.Buffer
		r := &copyReader{in: &inPieces{from: &stream, sizes: rapid.SliceOfN(rapid.IntRange(1, 2*smallBuffer), 1, 5).Draw(t, "pieces")}, buf: make([]byte, smallBuffer)}
		if err := r.read(&got); err != nil || len(got) != len(want) {
			t.Fatalf("%d tables of %d, in %d bytes: %v", len(got), len(want), whole, err)
		}
		for i := range want {
			if !bytes.Equal(got[i].Bytes(), want[i].Bytes()) {
				t.Fatalf("table %d has %d bytes, not these %d", i, got[i].Len(), want[i].Len())
			}
		}
		if (r.refused != nil) != refused {
			t.Fatalf("refused: %v", r.refused)
		}
	})
}

// TestCopyReaderIsCutOff ends the connection at every byte: what came until then is passed on, and the
// end is an error.
func TestCopyReaderIsCutOff(t *testing.T) {
	stream := bytes.Join([][]byte{said('H', []byte{0, 0, 0}), said('d', []byte("one\n")), said('d', []byte("two\n")), said('c', nil), said('Z', []byte("I"))}, nil)
	for n := range len(stream) {
		var got []bytes.Buffer
		r := &copyReader{in: iotest.DataErrReader(bytes.NewReader(stream[:n])), buf: make([]byte, smallBuffer)}
		if err := r.read(&got); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	r := &copyReader{in: bytes.NewReader([]byte{'d', 0, 0, 0, 3}), buf: make([]byte, smallBuffer)}
	if err := r.read(&[]bytes.Buffer{{}}); err == nil {
		t.Error("a message shorter than its own length was taken")
	}
}
