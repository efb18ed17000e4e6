// Package rowsum counts and hashes the contents of tables and large objects: what a manifest
// says of them, and what every reader of a backup compares with it.
//
// A hash is a sum of the hashes of rows, so that the order of rows does not matter.
//
// It stands against damage and mix-ups, not against somebody who forges rows: what is stored is
// authenticated by the vault.
package rowsum

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"holdfast/backup"

	"github.com/zeebo/xxh3"
)

// Sum adds 128-bit hashes modulo 2^128: the order of what is added does not matter, and unlike
// XOR two equal rows do not cancel each other. The zero value is the sum of nothing.
type Sum struct{ hi, lo uint64 }

// Add adds another sum.
func (s *Sum) Add(other Sum) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, other.lo, 0)
	s.hi, _ = bits.Add64(s.hi, other.hi, carry)
}

func (s *Sum) add(h xxh3.Uint128) { s.Add(Sum{h.Hi, h.Lo}) }

// Hex gives the sum in 32 hexadecimal digits.
func (s *Sum) Hex() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.hi)
	binary.BigEndian.PutUint64(b[8:], s.lo)
	return hex.EncodeToString(b[:])
}

// Parse reads what Hex wrote. Anything else is Damaged: such texts come from manifests.
func Parse(text string) (Sum, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 16 {
		return Sum{}, backup.Errorf(backup.Damaged, "Use another backup.", "the manifest has %q where a hash should be", text)
	}
	return Sum{binary.BigEndian.Uint64(raw[:8]), binary.BigEndian.Uint64(raw[8:])}, nil
}

// Rows is the content hash of a table: the sum modulo 2^128 of XXH3-128 of every row's COPY
// text without its newline. The zero value is an empty table.
type Rows struct {
	sum     Sum
	rows    int64
	bytes   int64
	partial *xxh3.Hasher // the row whose newline did not come yet
	begun   bool         // partial holds something
}

// Write takes COPY text cut anywhere. It never fails.
func (r *Rows) Write(p []byte) (int, error) {
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
func (r *Rows) row(p []byte) {
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
func (r *Rows) keep(p []byte) {
	if r.partial == nil {
		r.partial = xxh3.New()
	}
	r.begun = true
	_, _ = r.partial.Write(p) // a Hasher never fails
}

// Rows counts the complete rows so far.
func (r *Rows) Rows() int64 { return r.rows }

// Bytes counts the bytes of COPY text so far, newlines included.
func (r *Rows) Bytes() int64 { return r.bytes }

// Sum gives the hash.
func (r *Rows) Sum() Sum { return r.sum }

// Hex gives the hash in 32 hexadecimal digits.
func (r *Rows) Hex() string { return r.sum.Hex() }

// Blobs is the content hash of all large objects: the sum modulo 2^128 of XXH3-128 over each
// one's OID (four bytes, big endian) and contents. The zero value is ready.
type Blobs struct {
	sum   Sum
	count int64
	bytes int64
	one   *xxh3.Hasher
	open  bool
}

// Begin starts the next large object.
func (b *Blobs) Begin(oid uint32) {
	b.End()
	if b.one == nil {
		b.one = xxh3.New()
	}
	b.one.Reset()
	_, _ = b.one.Write(binary.BigEndian.AppendUint32(nil, oid)) // a Hasher never fails
	b.open = true
	b.count++
}

// Contents adds bytes of the present large object.
func (b *Blobs) Contents(p []byte) {
	b.bytes += int64(len(p))
	_, _ = b.one.Write(p) // a Hasher never fails
}

// End completes the present large object, if there is one.
func (b *Blobs) End() {
	if b.open {
		b.sum.add(b.one.Sum128())
		b.open = false
	}
}

// Count gives the number of large objects so far.
func (b *Blobs) Count() int64 { return b.count }

// Bytes counts the bytes of their contents so far.
func (b *Blobs) Bytes() int64 { return b.bytes }

// Hex completes the present large object and gives the hash of all in 32 hexadecimal digits.
func (b *Blobs) Hex() string {
	b.End()
	return b.sum.Hex()
}
