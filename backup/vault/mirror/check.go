package mirror

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/kopia/kopia/repo/blob"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// Checked says what a full check of a copy found.
type Checked struct {
	Backups int
	Files   int
	Bytes   int64
}

// Check opens the copy with the vault's key, without changing it, and reads and verifies every byte
// of every backup. What is not as it was written is Damaged, and the error names the file.
func Check(ctx context.Context, s *Store, key string, now backup.Clock, report func(done, total int64)) (Checked, error) {
	m, have, err := s.whole(ctx)
	if err != nil {
		return Checked{}, err
	}
	var checked Checked
	for id, b := range have {
		if mirrored(id) {
			checked.Files++
			checked.Bytes += b.Length
		}
	}
	found, err := vault.CheckCopy(ctx, s.reader(m), key, now, report)
	checked.Backups = found.Backups
	if err != nil {
		return checked, s.unopened(err)
	}
	if id := found.First(); id != "" {
		return checked, backup.Errorf(backup.Damaged, "Verify the vault: holdfast vault verify --full. If it is whole, remove that file at the place and run: holdfast offsite sync",
			"damaged files of the copy at %s: %d, and backups with them: %d; the first is %s: %s", s.place, len(found.Damaged), len(found.Broken), id, found.Damaged[id])
	}
	if len(found.Broken) > 0 {
		return checked, backup.Errorf(backup.Damaged, "Run: holdfast offsite sync. If it stays so, start a new copy.", "backups of the copy at %s that are not whole: %d; the first is %s", s.place, len(found.Broken), found.Broken[0])
	}
	return checked, nil
}

var indexName = regexp.MustCompile(`\b[xnm][a-z0-9_]*_[0-9a-f]{32}[-a-z0-9]*`)

// unopened says for which file a copy does not open with the vault's key: the index blob that Kopia named, else
// the one that the key opens. A key that was changed since the copy was made looks like damage of that.
func (s *Store) unopened(err error) error {
	fault := *backup.AsError(err)
	if fault.Kind != backup.Damaged || fault.Err == nil {
		return err
	}
	if id := indexName.FindString(fault.Err.Error()); id != "" {
		fault.Text = fmt.Sprintf("the copy at %s does not open: its file %s is damaged", s.place, id)
		fault.Hint = "Remove that file at the place and run: holdfast offsite sync"
	} else if vault.AtFormat(err) {
		fault.Text = fmt.Sprintf("the copy at %s does not open: its file %s is damaged, or older than the key", s.place, formatID)
		fault.Hint = "Write it anew from the vault: holdfast offsite sync"
	}
	return &fault
}

// unfetched says what helps where a copy does not open with a key that a person gave.
func (s *Store) unfetched(err error) error {
	if !vault.AtFormat(err) {
		return err
	}
	fault := *backup.AsError(err)
	fault.Text += fmt.Sprintf("; or the file %s of the copy at %s is damaged", formatID, s.place)
	fault.Hint = "Enter the recovery key of this vault; it is on the recovery kit. If it is right, use another copy, or run, where the vault is: holdfast offsite sync"
	return &fault
}

// reader is the copy as Kopia sees it: as it was when it was last brought up to date, and each pack read once, whole,
// as its contents are asked for one after another.
func (s *Store) reader(m *marker) blob.Storage { return &reader{store: s, mark: m} }

type reader struct {
	blob.DefaultProviderImplementation

	store *Store
	mark  *marker

	mu    sync.Mutex
	packs []pack // read last, newest last
}

type pack struct {
	id   blob.ID
	data []byte
}

// keptPacks is how many packs are in memory: as many as are read at once, and one.
const keptPacks = 5

// ListBlobs implements blob.Reader.
func (r *reader) ListBlobs(ctx context.Context, prefix blob.ID, f func(blob.Metadata) error) error {
	have, err := r.store.list(ctx)
	if err != nil {
		return err
	}
	for id, b := range have {
		if r.mark.hides(id) || !strings.HasPrefix(string(id), string(prefix)) {
			continue
		}
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

// GetBlob implements blob.Reader.
func (r *reader) GetBlob(ctx context.Context, id blob.ID, offset, length int64, to blob.OutputBuffer) error {
	to.Reset()
	if r.mark.hides(id) {
		return blob.ErrBlobNotFound
	}
	data, err := r.read(ctx, id)
	if err != nil {
		return err
	}
	if length >= 0 {
		if offset < 0 || offset+length > int64(len(data)) {
			return blob.ErrInvalidRange
		}
		data = data[offset : offset+length]
	}
	_, err = to.Write(data)
	return err
}

func (r *reader) read(ctx context.Context, id blob.ID) ([]byte, error) {
	if data := r.kept(id); data != nil {
		return data, nil
	}
	data, err := r.store.get(ctx, id, 32<<20)
	if err != nil || !isPack(id) {
		return data, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.packs = append(r.packs, pack{id, data})
	if len(r.packs) > keptPacks {
		r.packs = r.packs[1:]
	}
	return data, nil
}

func (r *reader) kept(id blob.ID) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.packs {
		if p.id == id {
			return p.data
		}
	}
	return nil
}

// GetMetadata implements blob.Reader.
func (r *reader) GetMetadata(ctx context.Context, id blob.ID) (blob.Metadata, error) {
	have, err := r.store.list(ctx)
	if err != nil {
		return blob.Metadata{}, err
	}
	if b, there := have[id]; there && !r.mark.hides(id) {
		return b, nil
	}
	return blob.Metadata{}, blob.ErrBlobNotFound
}

// ConnectionInfo names no place: what Kopia keeps of it is thrown away.
func (r *reader) ConnectionInfo() blob.ConnectionInfo {
	return blob.ConnectionInfo{Type: "holdfast-copy"}
}

// DisplayName implements blob.Reader.
func (r *reader) DisplayName() string { return r.store.place.String() }

var errReadOnly = errors.New("the copy is open for reading only")

// PutBlob refuses.
func (r *reader) PutBlob(context.Context, blob.ID, blob.Bytes, blob.PutOptions) error {
	return errReadOnly
}

// DeleteBlob refuses.
func (r *reader) DeleteBlob(context.Context, blob.ID) error { return errReadOnly }

// IsReadOnly implements blob.Storage.
func (r *reader) IsReadOnly() bool { return true }
