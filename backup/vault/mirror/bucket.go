package mirror

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/s3"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"holdfast/backup"
)

func (s *Store) openS3(ctx context.Context, secret string) (blob.Storage, error) {
	p := s.place
	if secret == "" {
		return nil, backup.Errorf(backup.Usage, "Give it with --secret-file FILE.", "the secret of the access key is missing")
	}
	client, err := p.s3Client(secret)
	if err == nil {
		err = p.lookIntoBucket(ctx, client)
	}
	if err != nil {
		return nil, err
	}
	host, encrypted := p.s3Host()
	o := &s3.Options{
		BucketName: p.Bucket, Prefix: p.Prefix, Endpoint: host, DoNotUseTLS: !encrypted,
		AccessKeyID: p.AccessKeyID, SecretAccessKey: secret, Region: p.Region,
	}
	if s.lock > 0 {
		if err := p.checkLocks(ctx, client); err != nil {
			return nil, err
		}
		s.bucket = client
	}
	st, err := s3.New(ctx, o, false)
	if err != nil || s.at.IsZero() {
		return st, err
	}
	return p.firstVersions(ctx, client, st, s.at)
}

// checkLocks refuses a bucket that cannot lock objects.
func (p Place) checkLocks(ctx context.Context, client *minio.Client) error {
	state, _, _, _, err := client.GetObjectLockConfig(ctx, p.Bucket) //nolint:dogsled // the bucket's own rule does not matter
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok && (answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusNotImplemented || answer.StatusCode == http.StatusMethodNotAllowed) {
		err = nil
	}
	if _, other := errors.AsType[xml.UnmarshalError](err); other { // a simple store takes the question for another one
		err = nil
	}
	if err == nil && state != "Enabled" {
		err = backup.Errorf(backup.Refused, "Make a bucket with object lock, which most stores allow only when a bucket is made, or leave --lock out.", "the bucket %s cannot lock objects", p.Bucket)
	}
	return err
}

// locked says how a blob is written: all but trials are locked. Nobody can take that back before its time.
func (s *Store) locked(id blob.ID) blob.PutOptions {
	if s.lock == 0 || strings.HasPrefix(string(id), probeHead) {
		return blob.PutOptions{}
	}
	return blob.PutOptions{RetentionMode: blob.Compliance, RetentionPeriod: s.lock}
}

// lockLonger locks all of the vault's blobs anew once half of their time is over: as long as the copy is brought
// up to date, each of them is locked for at least that half.
func (r *run) lockLonger(ctx context.Context, local map[blob.ID]int64) error {
	if r.to.lock == 0 {
		return nil
	}
	now := r.Now().UTC()
	if since := now.Sub(r.mark.Locked); since >= 0 && since < r.to.lock/2 {
		return nil
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(senders)
	for id := range local {
		if mirrored(id) || id == formatID || id == configID {
			g.Go(func() error { return r.to.lockAnew(inner, id) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.mark.Locked = now
	return nil
}

func (s *Store) lockAnew(ctx context.Context, id blob.ID) error {
	_, err := within(ctx, s, 0, func(ctx context.Context, st blob.Storage) (struct{}, error) {
		return struct{}{}, st.ExtendBlobRetention(ctx, id, blob.ExtendOptions{RetentionMode: blob.Compliance, RetentionPeriod: s.lock})
	})
	return s.place.explain(err)
}

// dropVersions deletes all versions of a blob, so that its space is free. One that is locked still is only
// marked as deleted.
func (s *Store) dropVersions(ctx context.Context, id blob.ID) error {
	name := s.place.Prefix + string(id)
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the listing
	for o := range s.bucket.ListObjects(ctx, s.place.Bucket, minio.ListObjectsOptions{Prefix: name, WithVersions: true}) {
		if o.Err != nil {
			return o.Err
		}
		if o.Key != name {
			continue
		}
		if err := s.bucket.RemoveObject(ctx, s.place.Bucket, name, minio.RemoveObjectOptions{VersionID: o.VersionID}); err != nil {
			return s.bucket.RemoveObject(ctx, s.place.Bucket, name, minio.RemoveObjectOptions{})
		}
	}
	return ctx.Err()
}

// lookIntoBucket lists one object. Kopia takes every answer 404 for a blob that is not there, those about the
// bucket and the access key too.
func (p Place) lookIntoBucket(ctx context.Context, client *minio.Client) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the listing
	for o := range client.ListObjects(ctx, p.Bucket, minio.ListObjectsOptions{Prefix: p.Prefix, MaxKeys: 1}) {
		return o.Err
	}
	return ctx.Err()
}

func (p Place) s3Client(secret string) (*minio.Client, error) {
	host, encrypted := p.s3Host()
	return minio.New(host, &minio.Options{Creds: credentials.NewStaticV4(p.AccessKeyID, secret, ""), Secure: encrypted, Region: p.Region})
}
