package postgres

import "io"

// joiner is a pgarchive.Blocks that writes all blocks one after the other.
type joiner struct {
	to  io.Writer
	sum blobSum
}

func (j *joiner) Begin() (io.Writer, error) { return j.to, nil }
func (j *joiner) Object(oid uint32)         { j.sum.begin(oid) }
func (j *joiner) Contents(p []byte)         { j.sum.contents(p) }
func (j *joiner) End() error                { j.sum.end(); return nil }
