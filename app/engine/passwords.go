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

// passwordOf gives what finds the passwords of the sandboxes' databases.
func (e *Engine) passwordOf() func(backup.Sandbox) (string, error) {
	type trouble struct {
		err error
		at  time.Time
	}
	var lock sync.Mutex
	known := map[string]trouble{}
	return func(s backup.Sandbox) (string, error) {
		lock.Lock()
		defer lock.Unlock()
		if t, ok := known[s.Name]; ok && e.opts.Now().Sub(t.at).Abs() < sameTrouble {
			return "", t.err
		}
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		begun := e.opts.Now()
		password, err := e.passwords.Get(ctx, s.Name)
		delete(known, s.Name)
		if backup.KindOf(err) == backup.Damaged { // that of what is stored would make a backup broken
			fault := *backup.AsError(err)
			fault.Kind = backup.Unreachable
			err = &fault
		}
		if now := e.opts.Now(); err != nil && now.Sub(begun) > takesTime {
			known[s.Name] = trouble{err, now}
		}
		return password, err
	}
}
