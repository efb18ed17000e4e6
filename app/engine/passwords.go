package engine

import (
	"context"
	"sync"
	"time"

	"holdfast/backup"
)

// sameTrouble is how long a password that could not be had is not asked for again: a keyring that is locked
// takes its time to say so, and a run makes many connections.
const sameTrouble = time.Minute

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
		password, err := e.passwords.Get(ctx, s.Name)
		delete(known, s.Name)
		if backup.KindOf(err) == backup.Damaged { // that of what is stored would make a backup broken
			fault := *backup.AsError(err)
			fault.Kind = backup.Unreachable
			err = &fault
		}
		if err != nil {
			known[s.Name] = trouble{err, e.opts.Now()}
		}
		return password, err
	}
}
