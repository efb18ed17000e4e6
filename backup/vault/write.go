package vault

import (
	"context"
	"errors"
	"io"
	"path"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/kopia/kopia/fs"
	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/object"
	"github.com/kopia/kopia/snapshot"

	"holdfast/backup"
)

// writer is a backup on its way into the vault. It holds the exclusive lock until Commit or
// Abort.
type writer struct {
	v       *Vault
	lock    *lock
	rep     repo.DirectRepositoryWriter
	before  map[blob.ID]int64 // every blob that was there at the start, with its length
	started fs.UTCTimestamp
	gate    chan struct{} // bounds how many parts compress, and hold a full pack, at once
	doubt   bool          // contents of unknown runs may be in the index: trust none of them

	afresh content.IDPrefix // not "": stored contents are damaged, and none of them may become part of this

	// fresh is a second view of the repository, which knows nothing of this run. Opening it takes
	// a while, for the key's sake, so it is begun at the start.
	fresh func() (repo.DirectRepository, error)

	mu      sync.Mutex
	entries map[string]*snapshot.DirEntry // sealed parts by name
	media   []*snapshot.DirEntry          // stored folders of the sandbox
	tries   int                           // how often Reset was called
	ended   bool
}

var errEnded = errors.New("the backup has ended")

// Write starts a backup. What a killed run left is removed first.
func (v *Vault) Write(ctx context.Context, wait time.Duration) (backup.VaultWriter, error) {
	const op = "write to the vault"
	l, err := v.acquire(ctx, true, wait, "a backup")
	if err != nil {
		return nil, explain(op, err)
	}
	w, err := v.startWriter(ctx, l)
	if err != nil {
		return nil, explain(op, errors.Join(err, l.release(!l.dirty)))
	}
	return w, nil
}

func (v *Vault) startWriter(ctx context.Context, l *lock) (*writer, error) {
	old, err := v.checkWriter(ctx)
	if err != nil {
		return nil, err
	}
	if v.KeyChanged() {
		return nil, backup.Errorf(backup.Busy, "Try again.", "another process has just changed the key")
	}
	if err := errors.Join(v.claim(old, time.Time{}), v.copyFormat(), v.refillReserve()); err != nil {
		return nil, err
	}
	pending, err := v.recovery()
	if err != nil {
		return nil, err
	}
	// A killed run's contents were never read back. They must not become part of this backup
	// by being found in the index.
	doubt := pending != nil
	if l.dirty && !doubt {
		if err := v.maintain(ctx); backup.KindOf(err) == backup.Damaged {
			v.warn("What an earlier run left could not be removed: " + backup.AsError(err).Text + ".")
			doubt = true
		} else if err != nil {
			return nil, err
		}
	}
	w := &writer{
		v: v, lock: l, doubt: doubt,
		started: fs.UTCTimestampFromTime(v.opts.Clock()),
		gate:    make(chan struct{}, min(runtime.GOMAXPROCS(0), 4)),
		entries: map[string]*snapshot.DirEntry{},
	}
	if w.before, err = blobLengths(ctx, v.rep); err != nil {
		return nil, err
	}
	bad, err := v.stillRotten(ctx, w.before)
	if err != nil {
		return nil, err
	}
	if w.afresh = afresh(bad); w.afresh != "" {
		v.warn("Bytes stored in the vault are damaged, so this backup is stored anew, in whole. Find the damaged ones and delete them: holdfast vault verify --full")
	}
	if _, w.rep, err = v.rep.NewDirectWriter(ctx, repo.WriteSessionOptions{Purpose: "backup"}); err != nil {
		return nil, err
	}
	w.fresh = sync.OnceValues(func() (repo.DirectRepository, error) { return v.openRepository(context.WithoutCancel(ctx)) })
	go func() { _, _ = w.fresh() }() // whoever needs it gets the error
	return w, nil
}

// close ends what was opened.
func (w *writer) close(ctx context.Context) error {
	err := w.rep.Close(ctx)
	if fresh, openErr := w.fresh(); openErr == nil {
		err = errors.Join(err, fresh.Close(ctx))
	}
	return err
}

// blobLengths lists all blobs of Kopia's.
func blobLengths(ctx context.Context, rep repo.DirectRepository) (map[blob.ID]int64, error) {
	all := map[blob.ID]int64{}
	err := rep.BlobReader().ListBlobs(ctx, "", func(b blob.Metadata) error {
		all[b.BlobID] = b.Length
		return nil
	})
	return all, err
}

// Create opens a new part.
func (w *writer) Create(ctx context.Context, name string) (backup.PartWriter, error) {
	const op = "write a part of the backup"
	if name == "" || name == "." || name != path.Clean(name) || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "..") || strings.ContainsAny(name, "\\\x00") {
		return nil, backup.WithOp(op, backup.Errorf(backup.Failed, "", "%q is no name for a part", name))
	}
	if name == backup.PartManifest || name == backup.PartReadme || name == backup.PartScript {
		return nil, backup.WithOp(op, backup.Errorf(backup.Failed, "", "%s is written by the vault itself", name))
	}
	p, err := w.create(ctx, name)
	if err != nil {
		return nil, explain(op, err)
	}
	return p, nil
}

func (w *writer) create(ctx context.Context, name string) (*partWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return nil, errEnded
	}
	p := &partWriter{w: w, ctx: ctx, name: name, try: w.tries}
	if strings.HasPrefix(name, backup.DirTables+"/") {
		p.out = newPieces(ctx, w, name)
	} else {
		p.out = &stream{Writer: w.object(ctx, name, ""), w: w, ctx: ctx}
	}
	return p, nil
}

// object opens an object of Kopia's; splitter "" is the vault's.
func (w *writer) object(ctx context.Context, name, splitter string) object.Writer {
	return w.rep.NewObjectWriter(ctx, object.WriterOptions{
		Description:        "PART:" + name,
		Compressor:         compressor,
		MetadataCompressor: compressor,
		Prefix:             w.afresh,
		Splitter:           splitter,
	})
}

// store completes an object.
func (w *writer) store(ctx context.Context, out object.Writer) (id object.ID, err error) {
	err = w.turn(ctx, func() error {
		id, err = out.Result()
		return err
	})
	return id, errors.Join(err, out.Close())
}

// turn calls f, which stores something, when it is its turn, and not after the run's end or when the
// vault is gone.
func (w *writer) turn(ctx context.Context, f func() error) error {
	select {
	case w.gate <- struct{}{}:
		defer func() { <-w.gate }()
	case <-ctx.Done():
	}
	if err := errors.Join(ctx.Err(), w.lock.stays()); err != nil {
		return err
	}
	return f()
}

// Reset forgets every part sealed so far. Parts that are still open cannot be sealed any more.
// Their contents stay in the vault, unnamed, until the next deletion or cleaning.
func (w *writer) Reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.entries)
	w.tries++
}

// seal puts a part into the backup's tree.
func (w *writer) seal(name string, try int, id object.ID, size int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.ended:
		return errEnded
	case try != w.tries:
		return errors.New("the capture started over after the part " + name + " was opened")
	case w.entries[name] != nil:
		return errors.New("the part " + name + " was written twice")
	}
	w.entries[name] = &snapshot.DirEntry{
		Name: path.Base(name), Type: snapshot.EntryTypeFile, Permissions: snapshot.Permissions(fileMode),
		FileSize: size, ModTime: w.started, ObjectID: id,
	}
	return nil
}

// end gives true to the first who calls it.
func (w *writer) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.ended
	w.ended = true
	return !was
}

// stream is an object that is cut by Kopia.
type stream struct {
	object.Writer

	w   *writer
	ctx context.Context
}

func (s *stream) Write(data []byte) (n int, err error) {
	err = s.w.turn(s.ctx, func() error {
		n, err = s.Writer.Write(data)
		return err
	})
	return n, err
}

// objectWriter is what a part needs of an object that is being written.
type objectWriter interface {
	io.WriteCloser
	Result() (object.ID, error)
}

// partWriter writes one part into a Kopia object.
type partWriter struct {
	w    *writer
	ctx  context.Context
	name string
	try  int

	mu     sync.Mutex
	out    objectWriter // nil after Seal and Discard: Kopia uses its writers again
	size   int64
	failed error
}

// Write adds to the part.
func (p *partWriter) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil {
		return 0, errEnded
	}
	if p.failed == nil {
		_, p.failed = p.out.Write(data)
	}
	if p.failed != nil {
		return 0, explain("write "+p.name, p.failed)
	}
	p.size += int64(len(data))
	return len(data), nil
}

// Seal completes the part.
func (p *partWriter) Seal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil {
		return errEnded
	}
	err := p.failed
	var id object.ID
	if err == nil {
		id, err = p.out.Result()
	}
	err = errors.Join(err, p.close())
	if err == nil {
		err = p.w.seal(p.name, p.try, id, p.size)
	}
	return explain("complete "+p.name, err)
}

// Discard drops the part.
func (p *partWriter) Discard() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.close() // drops buffers only; nothing is lost by a failure
}

func (p *partWriter) close() error {
	if p.out == nil {
		return nil
	}
	out := p.out
	p.out = nil
	return out.Close()
}

// Abort drops everything written so far, frees its space and gives up the lock. It works with a
// ctx that is done.
func (w *writer) Abort(ctx context.Context) error {
	if !w.end() {
		return nil
	}
	return explain("drop the backup", w.drop(ctx))
}

// drop removes what this run wrote. It takes its own time, for the caller's is often up.
func (w *writer) drop(ctx context.Context) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer stop()
	if gone := w.lock.stays(); gone != nil {
		return errors.Join(gone, w.close(ctx), w.lock.release(false))
	}
	err := w.close(ctx)
	pending, err2 := w.v.recovery()
	clean := false
	if err = errors.Join(err, err2); err == nil && pending == nil {
		err = errors.Join(w.v.spendReserve(), w.v.maintain(ctx), w.v.refillReserve())
		clean = err == nil
	}
	return errors.Join(err, w.lock.release(clean))
}

// cleanupTime bounds cleaning up after a run that did not end well. What is not done by then is
// done by the next run.
const cleanupTime = 10 * time.Minute
