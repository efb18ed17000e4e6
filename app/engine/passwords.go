package engine

import (
	"context"
	"sync"
	"time"

	"holdfast/backup"
)

// sameTrouble is how long a password that could not be had is not asked for again where the keyring takes its
// time to say so, as a locked one does: a run makes many connections. It is short, for whoever unlocks it or gives
// the password again tries at once.
const (
	sameTrouble = 10 * time.Second
	takesTime   = time.Second
)

// passwordOf gives what finds the passwords of the sandboxes' databases. One sandbox does not wait for
// another's: what one keyring takes its time for may lie sealed in a file for the other.
func (e *Engine) passwordOf() func(backup.Sandbox) (string, error) {
	var lock sync.Mutex
	all := map[string]*lastTrouble{}
	return func(s backup.Sandbox) (string, error) {
		lock.Lock()
		last := all[s.Name]
		if last == nil {
			last = new(lastTrouble)
			all[s.Name] = last
		}
		lock.Unlock()
		return e.passwordAfter(last, s.Name)
	}
}

// lastTrouble is why a sandbox's password could not be had; nil for nothing. Who asks holds its lock.
type lastTrouble struct {
	sync.Mutex
	err error
	at  time.Time
}

// passwordAfter gives the password of a sandbox, or the same trouble again.
func (e *Engine) passwordAfter(last *lastTrouble, name string) (string, error) {
	last.Lock()
	defer last.Unlock()
	if last.err != nil && e.opts.Now().Sub(last.at).Abs() < sameTrouble {
		return "", last.err
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	begun := e.opts.Now()
	password, err := e.passwords.Get(ctx, name)
	last.err = nil
	if backup.KindOf(err) == backup.Damaged { // that of what is stored would make a backup broken
		fault := *backup.AsError(err)
		fault.Kind = backup.Unreachable
		err = &fault
	}
	if now := e.opts.Now(); err != nil && now.Sub(begun) > takesTime {
		last.err, last.at = err, now
	}
	return password, err
}
