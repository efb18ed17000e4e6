package postgres

import (
	"io"

	"holdfast/backup/rowsum"
)

// joiner is a pgarchive.Blocks that writes all blocks one after the other.
type joiner struct {
	to  io.Writer
	sum rowsum.Blobs
}

func (j *joiner) Begin() (io.Writer, error) { return j.to, nil }
func (j *joiner) Object(oid uint32)         { j.sum.Begin(oid) }
func (j *joiner) Contents(p []byte)         { j.sum.Contents(p) }
func (j *joiner) End() error                { j.sum.End(); return nil }
