//go:build !unix

package platform

import (
	"context"
	"io"
	"os"
)

// openAtOnce opens a file for reading.
func openAtOnce(path string) (*os.File, error) { return os.Open(path) }

// readPipe reads a pipe to its end, but not more than most bytes.
func readPipe(_ context.Context, f *os.File, most int) ([]byte, error) {
	return io.ReadAll(io.LimitReader(f, int64(most)))
}
