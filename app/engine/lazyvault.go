package engine

import (
	"context"
	"sync"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// lazyVault opens the vault when it is first needed.
type lazyVault struct {
	open func(context.Context) (*vault.Vault, error)

	mu   sync.Mutex
	have *vault.Vault
}

func (l *lazyVault) get(ctx context.Context) (*vault.Vault, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.have != nil {
		return l.have, nil
	}
	v, err := l.open(ctx)
	if err == nil {
		l.have = v
	}
	return v, err
}

func (l *lazyVault) Write(ctx context.Context, wait time.Duration) (backup.VaultWriter, error) {
	v, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return v.Write(ctx, wait)
}

func (l *lazyVault) Read(ctx context.Context, id backup.ID, wait time.Duration) (backup.VaultReader, error) {
	v, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return v.Read(ctx, id, wait)
}

func (l *lazyVault) Verify(ctx context.Context, id backup.ID, wait time.Duration, report func(done, total int64)) error {
	v, err := l.get(ctx)
	if err != nil {
		return err
	}
	return v.Verify(ctx, id, wait, report)
}

func (l *lazyVault) Delete(ctx context.Context, wait time.Duration, ids ...backup.ID) (int64, error) {
	v, err := l.get(ctx)
	if err != nil {
		return 0, err
	}
	return v.Delete(ctx, wait, ids...)
}

func (l *lazyVault) List(ctx context.Context) ([]backup.Stored, error) {
	v, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return v.List(ctx)
}

func (l *lazyVault) Free() (int64, error) {
	v, err := l.get(context.Background())
	if err != nil {
		return 0, err
	}
	return v.Free()
}

// Close closes the vault if it was opened.
func (l *lazyVault) Close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.have == nil {
		return nil
	}
	v := l.have
	l.have = nil
	return v.Close(ctx)
}
