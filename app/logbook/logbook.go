// Package logbook keeps the log of what went on: a small text file, and the one before it.
//
// It holds what the window and the commands would show, and nothing of any database: callers hand in
// texts that a person may read, never a cause that came from elsewhere. Any number of processes may
// write at the same time. A log that cannot be written keeps nobody from anything.
package logbook

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Most is how long a file gets, in bytes, before it becomes the one before.
const Most = 1 << 20

// File is a log of at most two files of Most bytes each, 0600.
type File struct {
	Path string // absolute; the folder must be there
}

// Before is where the older lines are.
func (f File) Before() string { return f.Path + ".1" }

// Logger writes into the file: one line an entry, with the time in UTC.
func (f File) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{ReplaceAttr: inUTC}))
}

func inUTC(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		a.Value = slog.TimeValue(a.Value.Time().UTC().Truncate(time.Millisecond))
	}
	return a
}

// patience is how long a line waits for those of other processes.
const patience = time.Second

// Write appends a line. A lock beside the file keeps it whole, and the file within its bounds.
func (f File) Write(line []byte) (int, error) {
	lock := flock.New(f.Path+".lock", flock.SetPermissions(0o600))
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if held, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil || !held {
		return 0, errors.Join(err, errors.New("another process has the log"))
	}
	defer func() { _ = lock.Unlock() }() // the kernel gives it up with the process in any case
	if info, err := os.Stat(f.Path); err == nil && info.Size()+int64(len(line)) > Most {
		if err := os.Rename(f.Path, f.Before()); err != nil {
			return 0, err
		}
	}
	to, err := os.OpenFile(f.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := to.Write(line)
	return n, errors.Join(err, to.Close())
}

// Text gives all of it, the oldest line first; nothing where there is none.
func (f File) Text() ([]byte, error) {
	var all []byte
	for _, path := range []string{f.Before(), f.Path} {
		text, err := read(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}

// read bounds what a file that somebody else made may hold.
func read(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, Most))
	return text, errors.Join(err, in.Close())
}
