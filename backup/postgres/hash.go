package postgres

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// sum128 adds 128-bit hashes modulo 2^128: the order of what is added does not matter, and
// unlike XOR two equal rows do not cancel each other.
type sum128 struct{ hi, lo uint64 }

func (s *sum128) add(h xxh3.Uint128) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, h.Lo, 0)
	s.hi, _ = bits.Add64(s.hi, h.Hi, carry)
}

func (s *sum128) hex() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.hi)
	binary.BigEndian.PutUint64(b[8:], s.lo)
	return hex.EncodeToString(b[:])
}

// rowSum is the content hash of a table: the sum modulo 2^128 of XXH3-128 of every row's COPY
// text without its newline. The zero value is an empty table.
//
// It stands against damage and mix-ups, not against somebody who forges rows: what is stored
// is authenticated by the vault.
type rowSum struct {
	sum     sum128
	rows    int64
	bytes   int64
	partial *xxh3.Hasher // the row whose newline did not come yet
	begun   bool         // partial holds something
}

// Write takes COPY text cut anywhere. It never fails.
func (r *rowSum) Write(p []byte) (int, error) {
	n := len(p)
	r.bytes += int64(n)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			r.keep(p)
			break
		}
		r.row(p[:end])
		p = p[end+1:]
	}
	return n, nil
}

// row adds the end of a row, which most often is the whole row.
func (r *rowSum) row(p []byte) {
	r.rows++
	if !r.begun {
		r.sum.add(xxh3.Hash128(p))
		return
	}
	r.keep(p)
	r.sum.add(r.partial.Sum128())
	r.partial.Reset()
	r.begun = false
}

// keep remembers the beginning of a row in constant memory.
func (r *rowSum) keep(p []byte) {
	if r.partial == nil {
		r.partial = xxh3.New()
	}
	r.begun = true
	_, _ = r.partial.Write(p) // a Hasher never fails
}

// Rows counts the complete rows so far.
func (r *rowSum) Rows() int64 { return r.rows }

// Bytes counts the bytes of COPY text so far, newlines included.
func (r *rowSum) Bytes() int64 { return r.bytes }

// Hex gives the hash in 32 hexadecimal digits.
func (r *rowSum) Hex() string { return r.sum.hex() }

// blobSum is the content hash of all large objects: the sum modulo 2^128 of XXH3-128 over each
// one's OID (four bytes, big endian) and contents. The zero value is ready.
type blobSum struct {
	sum   sum128
	count int64
	bytes int64
	one   *xxh3.Hasher
	open  bool
}

// begin starts the next large object.
func (b *blobSum) begin(oid uint32) {
	b.end()
	if b.one == nil {
		b.one = xxh3.New()
	}
	b.one.Reset()
	_, _ = b.one.Write(binary.BigEndian.AppendUint32(nil, oid)) // a Hasher never fails
	b.open = true
	b.count++
}

// contents adds bytes of the present large object.
func (b *blobSum) contents(p []byte) {
	b.bytes += int64(len(p))
	_, _ = b.one.Write(p) // a Hasher never fails
}

// end completes the present large object, if there is one.
func (b *blobSum) end() {
	if b.open {
		b.sum.add(b.one.Sum128())
		b.open = false
	}
}

// hex gives the hash of all that ended.
func (b *blobSum) hex() string {
	b.end()
	return b.sum.hex()
}
