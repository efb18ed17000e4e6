package secret

import (
	"context"
	"os"
	"sync"

	"holdfast/backup"
)

// Piped remembers what came through a key file that is a pipe, as a shell's <(…) gives: it comes once, and is
// waited for once. Its zero value has read nothing.
type Piped struct {
	lock sync.Mutex
	read bool
	key  backup.RecoveryKey
	err  error
}

// load reads the key from the file at path, a pipe only the first time. A nil Piped remembers nothing.
func (p *Piped) load(ctx context.Context, path string) (backup.RecoveryKey, error) {
	if info, err := os.Stat(path); p == nil || err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return readKeyFile(ctx, path)
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	if !p.read {
		p.key, p.err = readKeyFile(ctx, path)
		p.read = ctx.Err() == nil
	}
	return p.key, p.err
}
