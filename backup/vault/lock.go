package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"holdfast/backup"
)

// lockPoll is how often a waiting call tries again.
const lockPoll = 50 * time.Millisecond

// lock is the hold on a vault: exclusive for what writes or removes, shared for what reads over
// time. It dies with the process. Kopia's own lock does not keep maintenance away from a
// running backup, so this one stands over both.
type lock struct {
	flock     *flock.Flock
	exclusive bool
	dirty     bool // the holder before us died, or could not clean up
}

// holder is what an exclusive holder writes into the lock file. A text that is still there when
// the next one gets the lock means that the last one did not end well.
type holder struct {
	PID  int    `json:"pid"`
	Host string `json:"host"`
	For  string `json:"for"`
}

// acquire takes the lock, trying for at most wait. doing is what it is for: "backup".
func (v *Vault) acquire(ctx context.Context, exclusive bool, wait time.Duration, doing string) (*lock, error) {
	path := filepath.Join(v.opts.Path, lockFile)
	l := &lock{flock: flock.New(path, flock.SetPermissions(fileMode)), exclusive: exclusive}
	if err := l.try(ctx, wait); err != nil {
		return nil, errors.Join(err, l.flock.Close())
	}
	if !exclusive {
		return l, nil
	}
	l.dirty = readHolder(path) != nil
	text, err := json.Marshal(holder{PID: os.Getpid(), Host: v.opts.Host, For: doing})
	if err == nil {
		err = writeSynced(path, text)
	}
	if err != nil && !isNoSpace(err) { // deleting must work on a full disk
		return nil, errors.Join(err, l.flock.Close())
	}
	return l, nil
}

// try polls for the lock.
func (l *lock) try(ctx context.Context, wait time.Duration) error {
	attempt := l.flock.TryRLock
	if l.exclusive {
		attempt = l.flock.TryLock
	}
	ctx, stop := context.WithTimeoutCause(ctx, max(wait, 0), errWaited)
	defer stop()
	for {
		if got, err := attempt(); got || err != nil {
			return err
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errWaited) {
				return l.busy()
			}
			return ctx.Err()
		}
	}
}

var errWaited = errors.New("waited long enough")

// busy says who holds the lock.
func (l *lock) busy() error {
	who := "a restore, a download or a check reads it"
	if h := readHolder(l.flock.Path()); h != nil {
		who = fmt.Sprintf("%s of process %d on %s", h.For, h.PID, h.Host)
	}
	return backup.Errorf(backup.Busy, "Try again later, or wait for it with --wait.", "another run uses the vault: %s", who)
}

// release gives the lock up. clean says that nothing of the run is left to be removed.
func (l *lock) release(clean bool) error {
	var err error
	if l.exclusive && clean && l.stays() == nil {
		err = os.Truncate(l.flock.Path(), 0)
	}
	return errors.Join(err, l.flock.Close())
}

// stays is Unreachable when the vault's folder is not the one any more that the lock was taken in: its
// disk was unmounted, and what were written now would lie in the folder below.
func (l *lock) stays() error {
	held, err := l.flock.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(l.flock.Path())
	if err == nil && os.SameFile(held, now) {
		return nil
	}
	return &backup.Error{
		Kind: backup.Unreachable, Text: "the vault is gone from " + filepath.Dir(l.flock.Path()) + " in the middle of the run: its disk was unmounted, or its folder moved",
		Hint: "Mount the disk again, and leave it until the run has ended.", Err: err,
	}
}

// readHolder gives who wrote the lock file last; nil when the last holder ended well.
func readHolder(path string) *holder {
	text, err := os.ReadFile(path)
	if err != nil || len(text) == 0 {
		return nil
	}
	h := &holder{For: "a run"}
	if json.Unmarshal(text, h) != nil {
		return &holder{For: "a run"} // torn: it did not end well either
	}
	return h
}

// writeSynced overwrites a file in place: the lock is on the file, so it must stay the same one.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
