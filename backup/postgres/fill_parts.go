package postgres

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"holdfast/backup"
)

// partsReader reads parts of a backup one after the other, each opened when it is its turn.
type partsReader struct {
	ctx    context.Context //nolint:containedctx // io.Reader has no place for it
	parts  backup.Parts
	names  []string
	open   io.ReadCloser
	failed error // of the backup, not of who reads
}

func (r *partsReader) Read(p []byte) (int, error) {
	for r.failed == nil {
		if r.open == nil {
			if len(r.names) == 0 {
				return 0, io.EOF
			}
			r.open, r.failed = r.parts.Open(r.ctx, r.names[0])
			r.names = r.names[1:]
			continue
		}
		n, err := r.open.Read(p)
		if errors.Is(err, io.EOF) {
			err = r.Close()
		}
		r.failed = err
		if n > 0 {
			return n, err
		}
	}
	return 0, r.failed
}

// Close closes the part that is being read.
func (r *partsReader) Close() error {
	if r.open == nil {
		return nil
	}
	err := r.open.Close()
	r.open = nil
	return err
}

const (
	indexMemory    = 128 << 20 // for one session that builds an index, at most
	indexMemoryMin = 16 << 20
)

// buildMemory gives maintenance_work_mem in kB for each of n sessions that build indexes: as
// much as helps, and at most a quarter of the memory that is free if this is the server's machine.
func buildMemory(n int) int {
	memory := indexMemory
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		memory = min(memory, availableMemory(string(text))/4/n)
	}
	return max(memory, indexMemoryMin) >> 10
}

// availableMemory reads "MemAvailable:  123 kB" from /proc/meminfo, in bytes.
func availableMemory(meminfo string) int {
	for line := range strings.Lines(meminfo) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err == nil {
				return kb << 10
			}
		}
	}
	return indexMemory
}
