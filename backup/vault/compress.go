package vault

import (
	"bytes"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/kopia/kopia/repo/compression"
)

// compressor is what new contents are compressed with; any of Kopia's may follow later, for each
// content says which one it took.
const compressor compression.Name = "zstd-fastest"

// init puts an encoder of ours in the place of Kopia's, before anything is stored. Both write the same
// format, which Kopia's own decoder reads, here and in the stock command. But Kopia's stores a text without
// repetitions as it is, and what COPY gives for a bytea is the digits of all its bytes: twice as much.
// Ours codes each character by how often it occurs, and takes a content as a whole, which is faster.
// Kopia has no way to choose another encoder but this table of its own.
func init() {
	ours := &encoder{Compressor: compression.ByName[compressor]}
	compression.ByName[compressor] = ours
	compression.ByHeaderID[ours.HeaderID()] = ours
}

// encoder compresses; Kopia decompresses.
type encoder struct {
	compression.Compressor

	unused sync.Pool // of *encoding
}

// encoding is what one content is compressed with.
type encoding struct {
	zstd *zstd.Encoder
	in   bytes.Buffer
	out  []byte
}

// Compress implements compression.Compressor.
func (e *encoder) Compress(output io.Writer, input io.Reader) error {
	c, ok := e.unused.Get().(*encoding)
	if !ok {
		c = &encoding{}
		var err error
		if c.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithAllLitEntropyCompression(true),
			zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(mostPiece), zstd.WithLowerEncoderMem(true)); err != nil {
			return err
		}
		c.in.Grow(mostPiece + bytes.MinRead) // so that no content of a table makes it grow, by half or more
	}
	defer e.unused.Put(c)
	c.in.Reset()
	if _, err := c.in.ReadFrom(input); err != nil {
		return err
	}
	id := e.HeaderID()
	c.out = append(c.out[:0], byte(id>>24), byte(id>>16), byte(id>>8), byte(id))
	c.out = c.zstd.EncodeAll(c.in.Bytes(), c.out)
	_, err := output.Write(c.out)
	return err
}
