package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/kopia/kopia/repo"

	"holdfast/backup"
)

// Vault is an open vault. It is safe for concurrent use; its lock says who may do what at once.
type Vault struct {
	opts  Options
	key   string // opens the repository again to read back what was written; never stored
	rep   repo.DirectRepository
	clock *forwardClock

	format [len(formatFiles)][]byte // what opened the vault

	mu       sync.Mutex
	warnings []string
}

var _ backup.Vault = (*Vault)(nil)

// Status describes a vault for people.
type Status struct {
	Path       string
	UniqueID   string // Kopia's, in hex
	Bytes      int64  // on disk, without the reserve that lets deletions work when it is full
	Free       int64  // left on that disk
	Backups    int
	WriterHome string // "" when nobody has written yet
	WriterHost string
	Hash       string
	Encryption string
	Splitter   string
	Compressor string // for what is written from now on
	Recovering bool   // an index was lost; nothing is removed until VerifyAll passes in full
}

// Path gives the vault's folder, symbolic links resolved.
func (v *Vault) Path() string { return v.opts.Path }

// UniqueID gives Kopia's ID of the vault, in hex. It stays the same for the vault's life.
func (v *Vault) UniqueID() string { return v.uniqueID() }

func (v *Vault) uniqueID() string { return hex.EncodeToString(v.rep.UniqueID()) }

// Warnings gives what went wrong but was mended or does no harm, for people, oldest first.
func (v *Vault) Warnings() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.warnings)
}

// warn keeps a text for Warnings, once.
func (v *Vault) warn(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(v.warnings, text) {
		v.warnings = append(v.warnings, text)
	}
}

// Close ends the use of the vault. Writers and readers must be ended before.
func (v *Vault) Close(ctx context.Context) error {
	return explain("close vault", v.rep.Close(ctx))
}

// Free says how many bytes the vault's place has left.
func (v *Vault) Free() (int64, error) {
	capacity, err := v.rep.BlobVolume().GetCapacity(context.Background())
	if err != nil {
		return 0, explain("look at the vault's disk", err)
	}
	return int64(min(capacity.FreeB, 1<<62)), nil
}

// Status looks at the vault without locking it.
func (v *Vault) Status(ctx context.Context) (Status, error) {
	s, err := v.status(ctx)
	return s, explain("look at the vault", err)
}

func (v *Vault) status(ctx context.Context) (Status, error) {
	format := v.rep.ContentReader().ContentFormat()
	s := Status{
		Path:       v.opts.Path,
		UniqueID:   v.uniqueID(),
		Hash:       format.GetHashFunction(),
		Encryption: format.GetEncryptionAlgorithm(),
		Splitter:   v.rep.ObjectFormat().Splitter,
		Compressor: string(compressor),
	}
	snapshots, err := v.snapshots(ctx)
	if err != nil {
		return s, err
	}
	s.Backups = len(snapshots)
	r, err := readRecord(v.opts.Path)
	if err != nil {
		return s, err
	}
	if r != nil {
		s.WriterHome, s.WriterHost = r.Home, r.Host
	}
	pending, err := v.recovery()
	s.Recovering = pending != nil
	used, err2 := diskUse(v.opts.Path)
	free, err3 := v.Free()
	s.Bytes, s.Free = used, free
	return s, errors.Join(err, err2, err3)
}

// TakeOver makes this home the writer of the vault, whoever was before.
func (v *Vault) TakeOver(ctx context.Context, wait time.Duration) error {
	const op = "take the vault over"
	l, err := v.acquire(ctx, true, wait, "a take-over")
	if err != nil {
		return explain(op, err)
	}
	old, err := readRecord(v.opts.Path)
	if err == nil {
		err = v.claim(old, time.Time{})
	}
	return explain(op, errors.Join(err, l.release(!l.dirty)))
}
