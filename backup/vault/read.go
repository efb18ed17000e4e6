package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/object"
	"github.com/kopia/kopia/snapshot"

	"holdfast/backup"
)

// reader is a stored backup, open for reading under the shared lock.
type reader struct {
	v        *Vault
	rep      repo.Repository
	tree     *tree
	manifest *backup.Manifest

	mu   sync.Mutex
	lock *lock // nil after Close
	hurt bool  // something could not be read
}

// Read opens a stored backup; the shared lock is held until Close.
func (v *Vault) Read(ctx context.Context, id backup.ID, wait time.Duration) (backup.VaultReader, error) {
	op := "read backup " + string(id)
	l, err := v.acquire(ctx, false, wait, "")
	if err != nil {
		return nil, explain(op, err)
	}
	r, err := v.openBackup(ctx, id)
	if err != nil {
		return nil, explain(op, errors.Join(err, l.release(true)))
	}
	r.lock = l
	return r, nil
}

func (v *Vault) openBackup(ctx context.Context, id backup.ID) (*reader, error) {
	s, err := v.find(ctx, id)
	if err != nil {
		return nil, err
	}
	t, err := readTree(ctx, v.rep, s.RootEntry)
	if err != nil {
		return nil, err
	}
	m, err := readManifestPart(ctx, v.rep, t)
	if err != nil {
		return nil, err
	}
	if m.ID != id {
		return nil, damaged(nil, hintVerify, fmt.Sprintf("the manifest of backup %s says that it is backup %s", id, m.ID))
	}
	return &reader{v: v, rep: v.rep, tree: t, manifest: m}, nil
}

// openWhole is openBackup with all files of the media folders.
func (v *Vault) openWhole(ctx context.Context, id backup.ID) (*reader, error) {
	r, err := v.openBackup(ctx, id)
	if err != nil {
		return nil, err
	}
	return r, r.tree.unfold(ctx, v.rep)
}

// readManifest gives the manifest.json of a snapshot.
func (v *Vault) readManifest(ctx context.Context, s *snapshot.Manifest) (*backup.Manifest, error) {
	t, err := readTree(ctx, v.rep, s.RootEntry)
	if err != nil {
		return nil, err
	}
	return readManifestPart(ctx, v.rep, t)
}

func readManifestPart(ctx context.Context, rep repo.Repository, t *tree) (*backup.Manifest, error) {
	p, ok, err := t.find(backup.PartManifest)
	if err != nil || !ok {
		return nil, damaged(nil, hintVerify, "the backup has no manifest")
	}
	text, err := readObject(ctx, rep, p.id)
	if err != nil {
		return nil, partDamaged(p.name, err)
	}
	return backup.DecodeManifest(text)
}

// partDamaged names the part whose bytes are not what they must be. A cancelled read is not that.
func partDamaged(name string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return damaged(err, hintVerify, "the part "+name+" of the backup is damaged")
}

// Manifest says what the backup holds.
func (r *reader) Manifest() *backup.Manifest { return r.manifest }

// Open reads one part from its beginning, a few MiB ahead of the caller.
func (r *reader) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	const op = "read a part of the backup"
	p, ok, err := r.tree.find(name)
	if err != nil {
		return nil, explain(op, err)
	}
	if !ok {
		return nil, backup.WithOp(op, damaged(nil, hintVerify, "the backup has no part "+name))
	}
	// The reading ends with Close, whatever becomes of ctx.
	ctx, stop := context.WithCancel(ctx)
	in, err := r.rep.OpenObject(ctx, p.id)
	if err == nil && in.Length() != p.size {
		err = errors.Join(errSize, in.Close())
	}
	if err != nil {
		stop()
		err = partDamaged(name, err)
		r.isHurt(err)
		return nil, explain(op, err)
	}
	return startReadAhead(ctx, stop, in, p, r.isHurt), nil
}

var errSize = errors.New("its size is not what the folder says")

// isHurt remembers that the backup is damaged, when err says so.
func (r *reader) isHurt(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hurt = r.hurt || backup.KindOf(err) == backup.Damaged
}

// lookTime bounds how long Close looks for what is damaged.
const lookTime = 10 * time.Minute

// Close gives up the lock. When the backup turned out to be damaged it notes first what is, so that no
// later backup is made of that.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lock == nil {
		return nil
	}
	l := r.lock
	r.lock = nil
	if r.hurt {
		ctx, stop := context.WithTimeout(context.Background(), lookTime)
		defer stop()
		r.v.addRotten(ctx, r.v.rep, r.tree)
	}
	return explain("close the backup", l.release(true))
}

// Sizes of the read-ahead: what is kept ready is at most their product, plus one block each in
// the hands of the two sides.
const (
	aheadBlock  = 1 << 20
	aheadBlocks = 2
)

// readAhead reads an object in a goroutine of its own, so that decrypting goes on while the
// caller works. Close ends the goroutine and waits for it.
type readAhead struct {
	ctx    context.Context //nolint:containedctx // io.Reader has no place for it, and Read must not outlive it
	part   part
	stop   context.CancelFunc
	hurt   func(error) // told of what reading said
	blocks chan block
	spare  chan []byte
	done   chan error // what closing the object said

	now block // what is being handed out
	at  int
}

// block is a piece of the part; the last one has an err.
type block struct {
	data []byte
	err  error
}

func startReadAhead(ctx context.Context, stop context.CancelFunc, in object.Reader, p part, hurt func(error)) *readAhead {
	r := &readAhead{
		ctx: ctx, part: p, stop: stop, hurt: hurt,
		blocks: make(chan block, aheadBlocks),
		spare:  make(chan []byte, aheadBlocks+2),
		done:   make(chan error, 1),
	}
	go func() {
		r.fetch(in)
		close(r.blocks)
		r.done <- in.Close()
	}()
	return r
}

// fetch reads until the end, an error, or Close.
func (r *readAhead) fetch(in io.Reader) {
	for left := r.part.size; ; {
		var data []byte
		select {
		case data = <-r.spare:
		default:
			data = make([]byte, min(aheadBlock, max(left, 1)))
		}
		n, err := io.ReadFull(in, data[:cap(data)])
		left -= int64(n)
		select {
		case r.blocks <- block{data[:n], r.verdict(err, left)}:
		case <-r.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// verdict turns what reading said into what the caller is told.
func (r *readAhead) verdict(err error, left int64) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	switch {
	case err == nil, errors.Is(err, io.EOF) && left == 0:
		return err
	case errors.Is(err, io.EOF):
		err = errSize
	}
	err = partDamaged(r.part.name, err)
	r.hurt(err)
	return explain("read a part of the backup", err)
}

// Read gives the next bytes, and ends with the context even while the place of the vault does not
// answer. Call it from one goroutine at a time.
func (r *readAhead) Read(out []byte) (int, error) {
	for r.at == len(r.now.data) {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if r.now.data != nil {
			select {
			case r.spare <- r.now.data:
			default:
			}
		}
		r.now, r.at = r.next(), 0
	}
	n := copy(out, r.now.data[r.at:])
	r.at += n
	return n, nil
}

func (r *readAhead) next() block {
	select {
	case next, ok := <-r.blocks:
		if ok {
			return next
		}
	case <-r.ctx.Done():
	}
	return block{err: explain("read a part of the backup", cmp.Or(r.ctx.Err(), context.Canceled))}
}

// Close ends the reading.
func (r *readAhead) Close() error {
	r.stop()
	for range r.blocks { // let the goroutine go
	}
	err := <-r.done
	r.done <- nil // for a second Close
	return explain("read a part of the backup", err)
}
