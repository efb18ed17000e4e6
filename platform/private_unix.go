//go:build unix

package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// How long a pipe is waited for: for somebody to open it, then for all of what they write, which a
// person may have to unlock first. Between two looks lies pipePause.
const (
	pipeOpens = 10 * time.Second
	pipeEnds  = 2 * time.Minute
	pipePause = 20 * time.Millisecond
)

// openAtOnce opens a file for reading and waits for nobody, as a pipe or a modem would have it.
func openAtOnce(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// readPipe reads a pipe from openAtOnce to its end, but not more than most bytes. It ends with ctx, and with
// an error when nobody opens the pipe, or nobody closes it.
func readPipe(ctx context.Context, f *os.File, most int) (data []byte, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	opened, patience := false, time.After(pipeOpens)
	room := make([]byte, 4096)
	for len(data) < most {
		n, err := readAtOnce(raw, room[:min(len(room), most-len(data))])
		data = append(data, room[:n]...)
		writer := n > 0 || errors.Is(err, syscall.EAGAIN)
		if !writer && err != nil {
			return nil, err
		}
		if !writer && opened {
			return data, nil
		}
		if writer && !opened {
			opened, patience = true, time.After(pipeEnds)
		}
		pause := time.After(pipePause)
		if n > 0 {
			pause = time.After(0)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-patience:
			return nil, silent(f.Name(), opened)
		case <-pause:
		}
	}
	return data, nil
}

func silent(path string, opened bool) error {
	if opened {
		return fmt.Errorf("%w: %s was not closed within %s", ErrSilentPipe, path, pipeEnds)
	}
	return fmt.Errorf("%w: %s was not opened within %s", ErrSilentPipe, path, pipeOpens)
}

// readAtOnce reads what is there: nothing and no error where nobody has the other end open, nothing and
// EAGAIN where somebody has.
func readAtOnce(raw syscall.RawConn, room []byte) (n int, err error) {
	if controlErr := raw.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), room)
		return true
	}); controlErr != nil {
		return 0, controlErr
	}
	if errors.Is(err, syscall.EINTR) {
		err = syscall.EAGAIN
	}
	return max(n, 0), err
}
