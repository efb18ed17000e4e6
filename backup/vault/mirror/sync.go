package mirror

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"golang.org/x/sync/errgroup"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// DefaultLag is how long a copy keeps what the vault removed.
const DefaultLag = 7 * 24 * time.Hour

// senders is how many packs are on their way at once.
const senders = 4

// Request says how a copy is brought up to date.
type Request struct {
	Writer Writer
	Lag    time.Duration // how long what the vault removed is kept
	Wait   time.Duration // for the vault's lock
	Now    backup.Clock
	Sweep  bool // an earlier run may not have come to its end: what it left there is removed

	Begin  func(generation int64) error // remembers the generation, before it is written
	Report func(sent, total int64)      // bytes; may be nil
}

// Result is what became of a copy.
type Result struct {
	Generation int64
	Sent       int64 // bytes
	Files      int   // that were sent
	Bytes      int64 // of the copy, what is kept for the lag left out
	Backups    int
	Removed    int // files that are gone for good now
	Kept       int // files that the vault removed and the copy still keeps
}

// run is one synchronization.
type run struct {
	Request

	from  *vault.Vault
	to    *Store
	mark  *marker
	total int64

	mu    sync.Mutex
	have  map[blob.ID]int64 // blobs of the copy and their sizes
	files int
	wrong map[blob.ID]string
}

// Sync brings the copy at a place up to date with the vault. Packs go ahead without a lock, so that a
// long first copy keeps no backup from being taken; the rest goes under the vault's shared lock. On an
// error what was sent stays, and the next Sync goes on from it.
func Sync(ctx context.Context, from *vault.Vault, to *Store, req Request) (Result, error) {
	req.Lag = max(req.Lag, to.lock) // what is locked cannot be given up
	r := &run{Request: req, from: from, to: to, have: map[blob.ID]int64{}, wrong: map[blob.ID]string{}}
	if err := r.begin(ctx); err != nil {
		return Result{}, err
	}
	before := to.Sent()
	result, err := r.sync(ctx)
	result.Sent, result.Files = to.Sent()-before, r.files
	return result, err
}

// begin looks at the copy, and marks an empty place as this vault's.
func (r *run) begin(ctx context.Context) error {
	have, err := r.to.list(ctx)
	if err != nil {
		return err
	}
	if r.mark, err = r.Writer.claim(ctx, r.to, have, false); err != nil {
		return err
	}
	if err := r.sweep(ctx, have); err != nil {
		return err
	}
	for id, b := range have {
		r.have[id] = b.Length
	}
	if _, marked := have[markerID]; marked {
		return nil
	}
	return r.to.writeMarker(ctx, r.mark)
}

func (r *run) sync(ctx context.Context) (Result, error) {
	all, err := r.local(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := r.sendPacks(ctx, all); err != nil {
		return Result{}, err
	}
	release, err := r.from.Share(ctx, r.Wait)
	if err != nil {
		return Result{}, err
	}
	result, err := r.finish(ctx)
	return result, errors.Join(err, release())
}

// local lists the vault's blobs.
func (r *run) local(ctx context.Context) ([]blob.Metadata, error) {
	var all []blob.Metadata
	err := r.from.Blobs().ListBlobs(ctx, "", func(b blob.Metadata) error {
		all = append(all, b)
		return ctx.Err()
	})
	r.total = 0
	for _, b := range all {
		if size, there := r.have[b.BlobID]; mirrored(b.BlobID) && (!there || size != b.Length) {
			r.total += b.Length
		}
	}
	r.total += r.to.Sent()
	return all, err
}

// sendPacks sends the packs that the copy misses, several at once. Those that the vault removes
// meanwhile are passed over.
func (r *run) sendPacks(ctx context.Context, all []blob.Metadata) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(senders)
	for _, b := range all {
		if !isPack(b.BlobID) || r.there(b) {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			err := r.send(ctx, b)
			if errors.Is(err, blob.ErrBlobNotFound) {
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// there says whether the copy has a blob. One of another size is noted and left as it is: which of the
// two is right, nobody here can tell.
func (r *run) there(b blob.Metadata) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	size, there := r.have[b.BlobID]
	if there && size != b.Length {
		r.wrong[b.BlobID] = fmt.Sprintf("%d bytes instead of %d", size, b.Length)
	}
	return there
}

func (r *run) send(ctx context.Context, b blob.Metadata) error {
	var data buffer
	if err := r.from.Blobs().GetBlob(ctx, b.BlobID, 0, -1, &data); err != nil {
		return err
	}
	if err := r.to.put(ctx, b.BlobID, data.Bytes()); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.have[b.BlobID] = int64(data.Len())
	r.files++
	if r.Report != nil {
		r.Report(r.to.Sent(), r.total)
	}
	return nil
}

// finish makes the copy the vault's equal. Call it under the vault's shared lock.
func (r *run) finish(ctx context.Context) (Result, error) {
	all, err := r.local(ctx)
	if err != nil {
		return Result{}, err
	}
	sizes := map[blob.ID]int64{}
	for _, b := range all {
		sizes[b.BlobID] = b.Length
	}
	backups, err := r.checkVault(ctx, sizes)
	if err != nil {
		return Result{}, err
	}
	if err := r.sendPacks(ctx, all); err != nil {
		return Result{}, err
	}
	if err := r.sendIndexes(ctx, all); err != nil {
		return Result{}, err
	}
	for _, id := range []blob.ID{configID, formatID} {
		if err := r.sendFormat(ctx, id); err != nil {
			return Result{}, err
		}
	}
	r.mark.Backups = backups
	return r.settle(ctx, sizes, all)
}

// checkVault refuses a vault that is torn or was emptied: its copy may be all that is left.
func (r *run) checkVault(ctx context.Context, sizes map[blob.ID]int64) (backups int, err error) {
	if err := r.from.CheckPacks(ctx, sizes); err != nil {
		fault := *backup.AsError(err)
		fault.Text += "; the copy stays as it is"
		return 0, &fault
	}
	status, err := r.from.Status(ctx)
	if err != nil {
		return 0, err
	}
	if status.Backups == 0 && r.mark.Backups > 0 {
		return 0, backup.Errorf(backup.Refused, "If that is right, take a backup: then the copy follows. If not, get the backups back: holdfast vault open --offsite",
			"the vault holds no backup any more, its copy holds %d; the copy stays as it is", r.mark.Backups)
	}
	return status.Backups, nil
}

// sendIndexes sends the index blobs one after another, oldest first: a newer one may rest on them. They
// are noted before, for until all are there they may name what the vault has removed since.
func (r *run) sendIndexes(ctx context.Context, all []blob.Metadata) error {
	all = slices.DeleteFunc(slices.Clone(all), func(b blob.Metadata) bool { return !isIndex(b.BlobID) || r.there(b) })
	slices.SortFunc(all, func(a, b blob.Metadata) int {
		return cmp.Or(a.Timestamp.Compare(b.Timestamp), cmp.Compare(a.BlobID, b.BlobID))
	})
	if _, opens := r.have[formatID]; opens && len(all) > 0 {
		for _, b := range all {
			r.mark.Coming = append(r.mark.Coming, b.BlobID)
		}
		if err := r.to.writeMarker(ctx, r.mark); err != nil {
			return err
		}
	}
	for _, b := range all {
		if err := r.send(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// sendFormat makes a format blob of the copy the vault's own. A change of the key changes it.
func (r *run) sendFormat(ctx context.Context, id blob.ID) error {
	var want buffer
	err := r.from.Blobs().GetBlob(ctx, id, 0, -1, &want)
	if errors.Is(err, blob.ErrBlobNotFound) && id == configID {
		return nil
	}
	if err != nil {
		return err
	}
	if _, there := r.have[id]; there {
		if have, err := r.to.get(ctx, id, 0); err != nil || bytes.Equal(have, want.Bytes()) {
			return err
		}
	}
	r.files++
	return r.to.put(ctx, id, want.Bytes())
}

// settle notes what the vault removed, and gives up what was kept for long enough.
func (r *run) settle(ctx context.Context, local map[blob.ID]int64, all []blob.Metadata) (Result, error) {
	now, m := r.Now().UTC(), r.mark
	m.leapt(leap(m.At, now, all))
	var over []blob.ID
	for id, at := range m.Removed {
		_, back := local[id]
		_, there := r.have[id]
		switch {
		case back || !there:
			delete(m.Removed, id)
		case at.After(now):
			m.Removed[id] = now
		case now.Sub(at) >= r.Lag:
			over = append(over, id)
		}
	}
	var result Result
	for id, size := range r.have {
		if _, here := local[id]; here || !mirrored(id) {
			result.Bytes += size
			continue
		}
		if _, noted := m.Removed[id]; !noted {
			m.Removed[id] = now
		}
	}
	if err := r.lockLonger(ctx, local); err != nil {
		return result, err
	}
	m.Generation++
	m.At, m.Coming = now, nil
	m.remember(past{At: now, Backups: m.Backups, Indexes: indexesOf(local)}, r.Lag)
	if r.Begin != nil {
		if err := r.Begin(m.Generation); err != nil {
			return result, err
		}
	}
	if err := r.to.writeMarker(ctx, m); err != nil {
		return result, err
	}
	result.Generation, result.Backups = m.Generation, m.Backups
	result.Kept = len(m.Removed) - len(over)
	if err := r.dropAll(ctx, over); err != nil {
		return result, err
	}
	result.Removed = len(over)
	return result, r.trouble()
}

func indexesOf(blobs map[blob.ID]int64) (ids []blob.ID) {
	for id := range blobs {
		if isIndex(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (r *run) dropAll(ctx context.Context, ids []blob.ID) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(senders)
	for _, id := range ids {
		g.Go(func() error { return r.to.drop(ctx, id) })
	}
	return g.Wait()
}

// trouble names the first blob that the copy has with another size.
func (r *run) trouble() error {
	ids := make([]blob.ID, 0, len(r.wrong))
	for id := range r.wrong {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	id := slices.Min(ids)
	return backup.Errorf(backup.Damaged, "Verify both: holdfast vault verify --full, holdfast offsite test NAME --full. If the vault is whole, remove that file at the place; it is sent again.",
		"files of the copy at %s that are not as long as the vault's: %d; the first is %s: %s", r.to.place, len(ids), id, r.wrong[id])
}
