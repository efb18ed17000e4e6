package mirror

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/format"
	"github.com/minio/minio-go/v7"
)

// versioned reads a bucket that keeps versions as Holdfast wrote it, whatever was done to it since: a blob
// that was there is never overwritten with other bytes, so its first version is the right one. The times
// of versions are not asked for: not every store keeps them.
type versioned struct {
	blob.Storage

	client *minio.Client
	place  Place
	picked map[blob.ID]minio.ObjectInfo
}

// firstVersions gives that view, with the copy's record as it was last before a moment. A bucket that keeps no
// versions is given as it is.
func (p Place) firstVersions(ctx context.Context, client *minio.Client, st blob.Storage, at time.Time) (blob.Storage, error) {
	state, err := client.GetBucketVersioning(ctx, p.Bucket)
	if err != nil || !state.Enabled() {
		return st, nil //nolint:nilerr // it does not know what versions are
	}
	v := &versioned{Storage: st, client: client, place: p, picked: map[blob.ID]minio.ObjectInfo{}}
	all := map[blob.ID][]minio.ObjectInfo{} // oldest first
	for o := range client.ListObjects(ctx, p.Bucket, minio.ListObjectsOptions{Prefix: p.Prefix, WithVersions: true, Recursive: true}) {
		if o.Err != nil {
			return nil, o.Err
		}
		if id := blob.ID(strings.TrimPrefix(o.Key, p.Prefix)); !o.IsDeleteMarker {
			all[id] = append([]minio.ObjectInfo{o}, all[id]...)
		}
	}
	for id, versions := range all {
		v.picked[id] = versions[0]
	}
	last := v.pick(ctx, all, formatID, func(text []byte) bool {
		_, err := format.ParseKopiaRepositoryJSON(text)
		return err == nil
	})
	if configs := all[configID]; len(configs) > 0 { // both are written anew together, when the key changes
		v.picked[configID] = configs[min(last, len(configs)-1)]
	}
	v.pick(ctx, all, markerID, func(text []byte) bool {
		var m marker
		return json.Unmarshal(text, &m) == nil && m.Vault != "" && !m.At.After(at)
	})
	return v, nil
}

// pick takes the newest version of a blob that is good, and says which it was.
func (v *versioned) pick(ctx context.Context, all map[blob.ID][]minio.ObjectInfo, id blob.ID, good func(text []byte) bool) int {
	delete(v.picked, id)
	for i := len(all[id]) - 1; i >= 0; i-- {
		v.picked[id] = all[id][i]
		var text buffer
		if v.GetBlob(ctx, id, 0, -1, &text) == nil && good(text.Bytes()) {
			return i
		}
		delete(v.picked, id)
	}
	return 0
}

// ListBlobs implements blob.Reader.
func (v *versioned) ListBlobs(_ context.Context, prefix blob.ID, f func(blob.Metadata) error) error {
	for id, o := range v.picked {
		if !strings.HasPrefix(string(id), string(prefix)) {
			continue
		}
		if err := f(blob.Metadata{BlobID: id, Length: o.Size, Timestamp: o.LastModified}); err != nil {
			return err
		}
	}
	return nil
}

// GetBlob implements blob.Reader. The whole blob is asked for, here.
func (v *versioned) GetBlob(ctx context.Context, id blob.ID, _, _ int64, to blob.OutputBuffer) error {
	to.Reset()
	o, there := v.picked[id]
	if !there {
		return blob.ErrBlobNotFound
	}
	in, err := v.client.GetObject(ctx, v.place.Bucket, o.Key, minio.GetObjectOptions{VersionID: o.VersionID})
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	_, err = io.Copy(to, in)
	return err
}

// PutBlob refuses.
func (v *versioned) PutBlob(context.Context, blob.ID, blob.Bytes, blob.PutOptions) error {
	return errReadOnly
}

// DeleteBlob refuses.
func (v *versioned) DeleteBlob(context.Context, blob.ID) error { return errReadOnly }
