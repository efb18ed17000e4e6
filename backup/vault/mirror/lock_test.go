package mirror_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

const month = 30 * 24 * time.Hour

// TestLockedCopySurvivesWhoHasItsSecret copies into a bucket with object lock. Whoever has the place's
// secret can delete nothing for good, and the copy as it was before is all there.
func TestLockedCopySurvivesWhoHasItsSecret(t *testing.T) {
	t.Parallel()
	program, missing := mirrortest.Gateway(t)
	if missing != "" {
		t.Skip(missing)
	}
	p := mirrortest.VersityGW(t, program, t.TempDir())
	_, err := mirror.Open(t.Context(), p.Place, mirror.Options{Secret: p.Secret, Lock: month})
	fails(t, err, backup.Refused, "cannot lock objects")
	_, err = mirror.Open(t.Context(), mirrortest.Folder(t).Place, mirror.Options{Create: true, Lock: month})
	fails(t, err, backup.Usage, "in a bucket")

	p.Bucket = mirrortest.LockedBucket
	client := mirrortest.Client(t, p.Endpoint)
	v := newVault(t)
	h := newHome(v)
	now := time.Now()
	h.Now = func() time.Time { return now }
	s := connect(t, p, mirror.Options{Lock: month})
	_, _, err = mirror.Probe(t.Context(), s, time.Now)
	ok(t, err)
	first := put(t, v, noise(1, 1<<20))
	h.sync(t, v, s)
	until := lockedUntil(t, client, p)
	for name, at := range until {
		if left := time.Until(at); left < month-time.Hour || left > month+time.Hour {
			t.Errorf("%s is locked for %s", name, left)
		}
	}
	now = now.Add(month/2 + 24*time.Hour)
	gone := put(t, v, noise(2, 1<<20))
	s = connect(t, p, mirror.Options{Lock: month + 24*time.Hour}) // the store's own clock hardly moves
	h.sync(t, v, s)
	for name, at := range lockedUntil(t, client, p) {
		if before, there := until[name]; there && name != "desk/holdfast.copy" && !at.After(before) {
			t.Errorf("the lock of %s was not made longer", name)
		}
	}

	wreck(t, client, p)
	_, err = mirror.Check(t.Context(), s, testKey, time.Now, nil)
	if err == nil {
		t.Error("the wrecked copy passes the check")
	}
	old := fetched(t, connect(t, p, mirror.Options{At: now}))
	same(t, old, first, noise(1, 1<<20))
	same(t, old, gone, noise(2, 1<<20))
}

// lockedUntil gives the end of the lock of each object, all of which must be locked.
func lockedUntil(t *testing.T, client *minio.Client, p mirrortest.Place) map[string]time.Time {
	t.Helper()
	until := map[string]time.Time{}
	for o := range client.ListObjects(t.Context(), p.Bucket, minio.ListObjectsOptions{Prefix: "desk/"}) {
		ok(t, o.Err)
		info, err := client.StatObject(t.Context(), p.Bucket, o.Key, minio.StatObjectOptions{})
		ok(t, err)
		if mode := info.Metadata.Get("X-Amz-Object-Lock-Mode"); mode != "COMPLIANCE" {
			t.Errorf("%s is locked by %q", o.Key, mode)
		}
		until[o.Key], err = time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
		ok(t, err)
	}
	if len(until) < 4 {
		t.Errorf("%d objects", len(until))
	}
	return until
}

// wreck does what a thief of the secret can do: delete versions, overwrite, delete.
func wreck(t *testing.T, client *minio.Client, p mirrortest.Place) {
	t.Helper()
	var names []string
	for o := range client.ListObjects(t.Context(), p.Bucket, minio.ListObjectsOptions{Prefix: "desk/", WithVersions: true}) {
		ok(t, o.Err)
		for _, force := range []bool{false, true} {
			if err := client.RemoveObject(t.Context(), p.Bucket, o.Key, minio.RemoveObjectOptions{VersionID: o.VersionID, GovernanceBypass: force}); err == nil && !o.IsDeleteMarker {
				t.Errorf("%s was deleted for good", o.Key)
			}
		}
		names = append(names, o.Key)
	}
	for i, name := range names {
		if i%2 == 0 {
			ok(t, client.RemoveObject(t.Context(), p.Bucket, name, minio.RemoveObjectOptions{}))
			continue
		}
		_, err := client.PutObject(t.Context(), p.Bucket, name, bytes.NewReader([]byte("gone")), 4, minio.PutObjectOptions{DisableMultipart: true})
		ok(t, err)
	}
}

// TestLockedCopyGivesUpWhatItMay lets the lag of a locked copy pass by the home's clock alone: what the
// store still locks is only marked, and that is no failure.
func TestLockedCopyGivesUpWhatItMay(t *testing.T) {
	t.Parallel()
	program, missing := mirrortest.Gateway(t)
	if missing != "" {
		t.Skip(missing)
	}
	p := mirrortest.VersityGW(t, program, t.TempDir())
	p.Bucket = mirrortest.LockedBucket
	v := newVault(t)
	h := newHome(v)
	now := time.Now()
	h.Now = func() time.Time { return now }
	s := connect(t, p, mirror.Options{Lock: month})
	kept, gone := put(t, v, noise(1, 1<<20)), put(t, v, noise(2, 1<<20))
	h.sync(t, v, s)
	_, err := v.Delete(t.Context(), 0, gone)
	ok(t, err)
	if r := h.sync(t, v, s); r.Kept == 0 {
		t.Error("nothing is kept for the lag")
	}
	if removed := h.days(t, &now, 8, v, s); removed > 0 { // more than the lag, less than the lock, which counts
		t.Errorf("%d files were given up while they are locked", removed)
	}
	if h.days(t, &now, 30, v, s) == 0 {
		t.Error("nothing was given up")
	}
	same(t, fetched(t, s), kept, noise(1, 1<<20))
}
