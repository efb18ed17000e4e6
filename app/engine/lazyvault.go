package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// lazyVault opens the vault when it is first needed.
type lazyVault struct {
	open func(context.Context) (*vault.Vault, error)
	copy func() string // the name of an off-site copy; "" for none

	mu   sync.Mutex
	have *vault.Vault
	old  []*vault.Vault // opened with a key that was changed since; they may be in use
}

func (l *lazyVault) get(ctx context.Context) (*vault.Vault, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.have != nil && !l.have.KeyChanged() {
		return l.have, nil
	}
	v, err := l.open(ctx)
	if err != nil {
		return nil, l.exact(err)
	}
	if l.have != nil {
		l.old = append(l.old, l.have)
	}
	l.have = v
	return v, nil
}

func (l *lazyVault) Write(ctx context.Context, wait time.Duration) (backup.VaultWriter, error) {
	v, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	w, err := v.Write(ctx, wait)
	if err != nil {
		return nil, l.exact(err)
	}
	return w, nil
}

// exact puts the name of a copy into a hint that names the command for a repair from one.
func (l *lazyVault) exact(err error) error {
	known, ok := err.(*backup.Error) //nolint:errorlint // what is around it must not be lost
	name := l.copy()
	if !ok || name == "" || !strings.Contains(known.Hint, vault.RepairFrom) {
		return err
	}
	fault := *known
	fault.Hint = strings.ReplaceAll(fault.Hint, vault.RepairFrom, strings.Replace(vault.RepairFrom, "NAME", name, 1))
	return &fault
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
	var err error
	for _, v := range append(l.old, l.have) {
		if v != nil {
			err = errors.Join(err, v.Close(ctx))
		}
	}
	l.have, l.old = nil, nil
	return err
}
