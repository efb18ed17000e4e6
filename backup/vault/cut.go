package vault

import (
	"bytes"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// How long the contents of COPY text are, in bytes: 1.3 MB on average, as with the splitter of the vault.
const (
	leastPiece = 512 << 10
	mostPiece  = 2 << 20
	meanRows   = 1 << 20
	rowPiece   = 1 << 20
)

// cutter says where the contents of COPY text end: at the ends of rows whose own bytes ask for it.
// So rows that are inserted or dropped change the contents they are in, and the one after those at
// most now and then: all that follow end where they did, and are stored already.
//
// It looks at the rows that begin after the first leastPiece bytes of a content, each of which is the
// last one as likely as it is long. A row of leastPiece or more is always the last one, and one that is
// longer than rowPiece is cut after each so many of its bytes, wherever it begins. A content that is
// mostPiece long ends anywhere. How the text is cut into calls makes no difference.
type cutter struct {
	size  int          // bytes of the content so far
	row   int          // bytes of the row so far, those in earlier contents included
	whole bool         // the row began after leastPiece: begun has hashed it
	begun *xxh3.Hasher // what earlier calls had of the row
}

// next says how many of the bytes of p belong to the content, and whether it ends with them.
// What is left of p is given again.
func (c *cutter) next(p []byte) (n int, end bool) {
	if n, end = c.skip(p); end {
		return n, true
	}
	for n < len(p) {
		c.whole = c.whole || c.row == 0
		most := min(mostPiece-c.size, rowPiece-c.row%rowPiece)
		rest := p[n:min(len(p), n+most)]
		i := bytes.IndexByte(rest, '\n') + 1
		if i == 0 {
			c.keep(rest)
			return n + len(rest), len(rest) == most && c.end()
		}
		n += i
		if c.last(rest[:i]) || c.size == mostPiece {
			return n, c.end()
		}
	}
	return n, false
}

// skip passes over what is too little for a content of its own, unless the end of a long row is in it.
func (c *cutter) skip(p []byte) (n int, end bool) {
	p = p[:max(0, min(len(p), leastPiece-c.size))]
	if c.row+len(p) >= leastPiece {
		if i := bytes.IndexByte(p, '\n') + 1; i > 0 && c.row+i >= leastPiece {
			c.row = 0
			return i, c.end()
		}
	}
	c.size += len(p)
	if i := bytes.LastIndexByte(p, '\n') + 1; i > 0 {
		c.row = len(p) - i
	} else {
		c.row += len(p)
	}
	return len(p), false
}

// keep remembers the beginning of a row.
func (c *cutter) keep(p []byte) {
	if c.whole {
		if c.begun == nil {
			c.begun = xxh3.New()
		}
		if c.row == 0 {
			c.begun.Reset()
		}
		_, _ = c.begun.Write(p) // a Hasher never fails
	}
	c.row += len(p)
	c.size += len(p)
}

// last takes the end of a row, which most often is the whole row, and says whether the content ends.
func (c *cutter) last(p []byte) bool {
	length := c.row + len(p)
	asks := length >= leastPiece
	if c.whole && !asks {
		asks = c.hash(p) < uint64(length)
	}
	c.size += len(p)
	c.row = 0
	return asks
}

// hash gives a number below meanRows that follows from all bytes of the row that p ends.
func (c *cutter) hash(p []byte) uint64 {
	if c.row > 0 {
		_, _ = c.begun.Write(p) // a Hasher never fails
		in, _ := bits.Mul64(c.begun.Sum64(), meanRows)
		return in
	}
	in, _ := bits.Mul64(xxh3.Hash(p), meanRows)
	return in
}

// end begins the next content. The row may go on in it.
func (c *cutter) end() bool {
	c.size, c.whole = 0, false
	return true
}
