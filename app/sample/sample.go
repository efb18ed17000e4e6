// Package sample keeps a small database of its own to try Holdfast with: on a private PostgreSQL whose
// data are in Holdfast's folder, and that goes away without a trace.
//
// The server runs while somebody needs it: whoever does holds it, and the last one to let go stops
// it, unless a person asked for it to stay. The holds are locks of the kernel, so that one ends with
// its process; a server that was left running is found again by whoever comes next.
package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"holdfast/assets"
	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/platform"
)

// Database is the name of the sample's database.
const Database = "shop"

// Sample is the sample of one home. Make it with In.
type Sample struct {
	folder string
	id     string // of the home

	mu   sync.Mutex
	runs *flock.Flock // held by us for a run; nil when not
}

// In gives the sample of a home, made or not. Id is the home's random ID.
func In(home, id string) *Sample { return &Sample{folder: filepath.Join(home, "sample"), id: id} }

// The files of a sample, beside the server's own.
const (
	fileMade     = "sample.json" // it is whole; says where its socket is
	fileRemoving = "removing"    // it is being removed
	fileStays    = "stays"       // a person wants the server to go on
	fileOrder    = "order.lock"  // held while the server is started or stopped
	fileRuns     = "runs.lock"   // held, shared, by every run that needs the server
	fileWindow   = "window.lock" // held by the window
)

// socketsIn is where the folder of the socket is made: the same for every session of a user.
const socketsIn = "/tmp"

// made is the content of fileMade.
type made struct {
	Sockets string `json:"sockets"`
}

func (s *Sample) path(name string) string { return filepath.Join(s.folder, name) }

// kept is the server. Its socket's folder is short whatever the home's path is, one that the server's
// own user can reach when root runs it, and nobody guesses its name.
func (s *Sample) kept() postgres.Kept {
	k := postgres.Kept{Folder: s.path("server"), Sockets: filepath.Join(socketsIn, "hf-sample-"+s.id[:min(16, len(s.id))])}
	var m made
	if text, err := os.ReadFile(s.path(fileMade)); err == nil && json.Unmarshal(text, &m) == nil && m.Sockets != "" {
		k.Sockets = m.Sockets
	}
	return k
}

// Made says whether there is a sample, whole and not about to go.
func (s *Sample) Made() bool { return s.has(fileMade) && !s.has(fileRemoving) }

func (s *Sample) has(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}

// Connection says where the sample's database is.
func (s *Sample) Connection() backup.Connection { return s.kept().Connection(Database) }

// Owns says whether a connection leads to the sample's server.
func (s *Sample) Owns(c backup.Connection) bool {
	return s.has(fileMade) && c.Container.Name == "" && c.Host == s.kept().Sockets
}

// Make makes the sample and fills its database, and leaves the server running for the caller, who
// holds it from then on. One that is there is only held. What an earlier Make left unfinished is made anew.
func (s *Sample) Make(ctx context.Context) error {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return err
	}
	return s.ordered(ctx, func() error {
		if s.Made() { // somebody else was faster
			return s.hold(ctx)
		}
		return s.make(ctx)
	})
}

func (s *Sample) make(ctx context.Context) error {
	k := s.kept()
	if err := errors.Join(k.Stop(ctx), os.RemoveAll(k.Folder)); err != nil {
		return err
	}
	err := k.Start(ctx)
	if err == nil {
		err = k.Fill(ctx, Database, assets.SampleSQL)
	}
	if err == nil {
		err = s.keep(k)
	}
	if err == nil {
		return s.take()
	}
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, k.Stop(ctx), os.RemoveAll(k.Folder))
}

func (s *Sample) keep(k postgres.Kept) error {
	text, err := json.Marshal(made{Sockets: k.Sockets})
	if err != nil {
		return err
	}
	return platform.WriteFileAtomic(s.path(fileMade), append(text, '\n'), 0o600)
}

// orderTime bounds the wait for another process that starts or stops the server.
const orderTime = time.Minute

// ordered does something while no other process starts or stops the server.
func (s *Sample) ordered(ctx context.Context, do func() error) (err error) {
	lock := flock.New(s.path(fileOrder), flock.SetPermissions(0o600))
	bounded, stop := context.WithTimeout(ctx, orderTime)
	defer stop()
	if _, err := lock.TryLockContext(bounded, 20*time.Millisecond); err != nil {
		return &backup.Error{Kind: backup.Busy, Text: "another process starts or stops the sample's server", Hint: "Try again in a moment.", Err: err}
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return do()
}

// Hold makes the server run, and keeps it running until Release. It may be called again.
func (s *Sample) Hold(ctx context.Context) error {
	s.mu.Lock()
	held := s.runs != nil
	s.mu.Unlock()
	if held {
		return nil
	}
	return s.ordered(ctx, func() error { return s.hold(ctx) })
}

func (s *Sample) hold(ctx context.Context) error {
	if s.Removing() {
		return backup.Errorf(backup.Busy, "Make it again afterwards: holdfast sandbox sample start", "the sample is being removed")
	}
	if err := s.take(); err != nil {
		return err
	}
	k := s.kept()
	if k.Runs(ctx) {
		return nil
	}
	err := s.drop(fileStays) // what was to stay is gone already
	if err == nil {
		err = k.Start(ctx)
	}
	if err != nil {
		return errors.Join(err, s.giveUp())
	}
	return nil
}

// take holds the server for a run of ours.
func (s *Sample) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs != nil {
		return nil
	}
	lock := flock.New(s.path(fileRuns), flock.SetPermissions(0o600))
	if ok, err := lock.TryRLock(); err != nil || !ok {
		return &backup.Error{Kind: backup.Busy, Text: "the sample's server is being stopped or removed", Hint: "Try again in a moment.", Err: err}
	}
	s.runs = lock
	return nil
}

func (s *Sample) giveUp() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil {
		return nil
	}
	lock := s.runs
	s.runs = nil
	return lock.Unlock()
}

func (s *Sample) drop(name string) error {
	if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Release lets go of the server; when nobody else holds it, and nobody asked for it to stay, it stops.
func (s *Sample) Release(ctx context.Context) error {
	s.mu.Lock()
	held := s.runs != nil
	s.mu.Unlock()
	if !held {
		return nil
	}
	if err := s.giveUp(); err != nil {
		return err
	}
	return s.last(ctx)
}

// last stops the server if nobody needs it any more.
func (s *Sample) last(ctx context.Context) error {
	if !s.has(fileMade) { // it was removed
		return nil
	}
	return s.ordered(ctx, func() error {
		if s.has(fileStays) {
			return nil
		}
		return s.alone([]string{fileRuns, fileWindow}, func() error { return s.kept().Stop(ctx) })
	})
}

// alone does something if nobody holds the server by one of these locks.
func (s *Sample) alone(locks []string, do func() error) (err error) {
	for _, name := range locks {
		lock := flock.New(s.path(name), flock.SetPermissions(0o600))
		free, tryErr := lock.TryLock()
		if tryErr != nil || !free {
			return tryErr
		}
		defer func() { err = errors.Join(err, lock.Unlock()) }()
	}
	return do()
}

// Stay makes the server go on after Release, until StopNow, or until a window that held it is quit.
func (s *Sample) Stay() error { return platform.WriteFileAtomic(s.path(fileStays), nil, 0o600) }

// Window holds the server for a window. Call end when it is quit: the server stops then, unless a run
// goes on, which stops it when it ends.
func (s *Sample) Window(ctx context.Context) (end func(context.Context) error, err error) {
	lock := flock.New(s.path(fileWindow), flock.SetPermissions(0o600))
	if ok, err := lock.TryRLock(); err != nil || !ok {
		return nil, errors.Join(err, lock.Unlock())
	}
	if err := s.Hold(ctx); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return func(ctx context.Context) error {
		if err := lock.Unlock(); err != nil {
			return err
		}
		return errors.Join(s.drop(fileStays), s.last(ctx))
	}, s.giveUp()
}

// StopNow stops the server if no run holds it; else it is Busy.
func (s *Sample) StopNow(ctx context.Context) error {
	return s.ordered(ctx, func() error {
		if err := s.drop(fileStays); err != nil {
			return err
		}
		return s.idle(ctx, func() error { return s.kept().Stop(ctx) })
	})
}

// idle does something unless a run holds the server, and keeps new runs away meanwhile.
func (s *Sample) idle(ctx context.Context, do func() error) error {
	lock := flock.New(s.path(fileRuns), flock.SetPermissions(0o600))
	bounded, stop := context.WithTimeout(ctx, idleTime)
	defer stop()
	if _, err := lock.TryLockContext(bounded, 20*time.Millisecond); err != nil {
		return &backup.Error{Kind: backup.Busy, Text: "a run of the sample sandbox is going on", Hint: "Wait until it has ended, or cancel it.", Err: err}
	}
	return errors.Join(do(), lock.Unlock())
}

// idleTime is longer than a look at the server takes.
const idleTime = 3 * time.Second

// Idle is Busy while a run holds the server.
func (s *Sample) Idle(ctx context.Context) error {
	if !s.has(fileMade) {
		return nil
	}
	return s.idle(ctx, func() error { return nil })
}

// Remove calls forget, which takes the sandbox out, stops the server and deletes everything of the sample.
// It finishes what an earlier call, killed, began. While a run holds the server it is Busy, and nothing
// is touched.
func (s *Sample) Remove(ctx context.Context, forget func() error) error {
	if _, err := os.Stat(s.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.ordered(ctx, func() error {
		return s.idle(ctx, func() error {
			if err := platform.WriteFileAtomic(s.path(fileRemoving), nil, 0o600); err != nil {
				return err
			}
			if err := errors.Join(forget(), s.kept().Stop(ctx)); err != nil {
				return err
			}
			if err := errors.Join(os.RemoveAll(s.path("server")), s.drop(fileMade)); err != nil { // the mark goes last
				return fmt.Errorf("remove the sample: %w", err)
			}
			return os.RemoveAll(s.folder)
		})
	})
}

// Removing says whether a removal began and did not end.
func (s *Sample) Removing() bool { return s.has(fileRemoving) }
