package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"golang.org/x/sync/errgroup"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// fetchFile is in a folder from the first fetched blob until the last: it says which copy.
const fetchFile = "holdfast.fetch"

// Fetched says what was brought.
type Fetched struct {
	Vault   string
	Host    string // that wrote the copy
	At      time.Time
	Backups int
	Files   int // fetched now; what an earlier try had brought is left out
	Bytes   int64
}

// Fetch brings a copy into a folder that is empty, not there yet, or was left by a Fetch of the same
// copy that broke off: from then on the folder is a vault. The key is tried before anything else. What
// the vault had removed is not brought.
func Fetch(ctx context.Context, from *Store, path, key string, now backup.Clock, report func(done, total int64)) (Fetched, error) {
	m, have, err := from.whole(ctx)
	if err != nil {
		return Fetched{}, err
	}
	if err := vault.CheckKey(ctx, from.reader(m), key, now); err != nil {
		return Fetched{}, from.unfetched(err)
	}
	if err := prepareFetch(path, m.view()); err != nil {
		return Fetched{}, err
	}
	to, err := vault.FolderStorage(ctx, path)
	if err != nil {
		return Fetched{}, err
	}
	f := &fetch{from: from, to: to, report: report, result: Fetched{Vault: m.Vault, Host: m.Host, At: m.At, Backups: m.Backups}}
	if err := f.plan(ctx, have); err != nil {
		return Fetched{}, err
	}
	if err := f.room(ctx, path); err != nil {
		return Fetched{}, err
	}
	err = f.bring(ctx)
	if err == nil {
		err = errors.Join(to.Close(ctx), vault.MakeDurable(path), os.Remove(filepath.Join(path, fetchFile)))
	}
	return f.result, err
}

// whole gives the record and the blobs of a copy that can be opened.
func (s *Store) whole(ctx context.Context) (*marker, map[blob.ID]blob.Metadata, error) {
	m, err := s.readMarker(ctx)
	if err != nil {
		return nil, nil, err
	}
	if m == nil {
		return nil, nil, errNoCopy(s.place)
	}
	if !s.at.IsZero() {
		if err := m.seenAt(s.at, s.place); err != nil {
			return nil, nil, err
		}
	}
	have, err := s.list(ctx)
	if err != nil {
		return nil, nil, err
	}
	if _, there := have[formatID]; !there {
		return nil, nil, backup.Errorf(backup.Damaged, "Use another copy, or run, where the vault is: holdfast offsite sync", "the copy at %s was never finished, or lost its file %s", s.place, formatID)
	}
	maps.DeleteFunc(have, func(id blob.ID, _ blob.Metadata) bool { return m.hides(id) })
	return m, have, nil
}

// view names what is fetched: what two of them bring must not be mixed.
func (m *marker) view() string {
	if m.asOf == nil {
		return m.Vault
	}
	return m.Vault + " as of " + m.asOf.At.Format(time.RFC3339Nano)
}

// prepareFetch makes the folder, or makes sure that it is one that may be filled.
func prepareFetch(path, view string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return &backup.Error{Kind: backup.Unreachable, Text: fmt.Sprintf("the folder %s cannot be made", path), Hint: "Choose a folder that you may write to.", Err: err}
	}
	begun, err := os.ReadFile(filepath.Join(path, fetchFile))
	if err == nil && string(begun) == view {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return backup.Errorf(backup.Refused, "Choose an empty folder with --into DIR. A vault that is there already needs no copy: holdfast vault open --path DIR", "the folder %s is not empty", path)
	}
	if err := os.WriteFile(filepath.Join(path, fetchFile), []byte(view), 0o600); err != nil {
		return err
	}
	return os.Chmod(path, 0o700) //nolint:gosec // a folder is entered, and this one by its owner alone
}

type fetch struct {
	from   *Store
	to     blob.Storage
	wanted []blob.Metadata // but the format blobs
	report func(done, total int64)
	total  int64
	result Fetched
}

// plan finds what is not there yet, or not whole.
func (f *fetch) plan(ctx context.Context, have map[blob.ID]blob.Metadata) error {
	here := map[blob.ID]int64{}
	err := f.to.ListBlobs(ctx, "", func(b blob.Metadata) error {
		here[b.BlobID] = b.Length
		return nil
	})
	for id, b := range have {
		if size, there := here[id]; mirrored(id) && (!there || size != b.Length) {
			f.wanted = append(f.wanted, b)
			f.total += b.Length
		}
	}
	return err
}

func (f *fetch) room(ctx context.Context, path string) error {
	capacity, err := f.to.GetCapacity(ctx)
	if err != nil {
		return err
	}
	if free := int64(min(capacity.FreeB, 1<<62)); free < f.total {
		return backup.Errorf(backup.Failed, "Make room, or choose another disk with --into DIR.", "the copy takes %s, and there are %s left at %s", backup.Units(f.total), backup.Units(free), path)
	}
	return nil
}

// bring fetches everything, the format blob last: without it the folder is no vault.
func (f *fetch) bring(ctx context.Context) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(senders)
	done := make(chan int64)
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		for n := range done {
			f.result.Bytes += n
			f.result.Files++
			if f.report != nil {
				f.report(f.result.Bytes, f.total)
			}
		}
	}()
	for _, b := range f.wanted {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error {
			err := f.one(inner, b)
			if err == nil {
				done <- b.Length
			}
			return err
		})
	}
	err := g.Wait()
	close(done)
	<-counted
	for _, id := range []blob.ID{configID, formatID} {
		if err == nil {
			err = f.last(ctx, id)
		}
	}
	return err
}

func (f *fetch) one(ctx context.Context, b blob.Metadata) error {
	data, err := f.from.get(ctx, b.BlobID, b.Length)
	if err == nil && int64(len(data)) != b.Length || errors.Is(err, blob.ErrBlobNotFound) {
		err = backup.Errorf(backup.Damaged, "Try again. If it stays so, use another copy.", "the file %s of the copy is not whole", b.BlobID)
	}
	if err != nil {
		return err
	}
	return f.to.PutBlob(ctx, b.BlobID, content(data), blob.PutOptions{})
}

func (f *fetch) last(ctx context.Context, id blob.ID) error {
	data, err := f.from.get(ctx, id, 0)
	if errors.Is(err, blob.ErrBlobNotFound) && id == configID {
		return nil
	}
	if err != nil {
		return f.from.place.explain(err)
	}
	return f.to.PutBlob(ctx, id, content(data), blob.PutOptions{})
}
