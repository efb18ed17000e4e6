package mirror

import (
	"context"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/s3"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"holdfast/backup"
)

func (p Place) openS3(ctx context.Context, secret string) (blob.Storage, error) {
	if secret == "" {
		return nil, backup.Errorf(backup.Usage, "Give it with --secret-file FILE.", "the secret of the access key is missing")
	}
	if err := p.lookIntoBucket(ctx, secret); err != nil {
		return nil, err
	}
	host, encrypted := p.s3Host()
	return s3.New(ctx, &s3.Options{
		BucketName: p.Bucket, Prefix: p.Prefix, Endpoint: host, DoNotUseTLS: !encrypted,
		AccessKeyID: p.AccessKeyID, SecretAccessKey: secret, Region: p.Region,
	}, false)
}

// lookIntoBucket lists one object. Kopia takes every answer 404 for a blob that is not there, those about the
// bucket and the access key too.
func (p Place) lookIntoBucket(ctx context.Context, secret string) error {
	client, err := p.s3Client(secret)
	if err != nil {
		return err
	}
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
