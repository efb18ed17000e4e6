package mirror_test

import (
	"errors"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

func TestFetchIsResumed(t *testing.T) {
	t.Parallel()
	v, p := newVault(t), mirrortest.WebDAV(t)
	var id backup.ID
	for i := range byte(6) {
		id = put(t, v, noise(i, 1<<20))
	}
	s := connect(t, p, mirror.Options{Create: true})
	full := newHome(v).sync(t, v, s)

	o := options(t.TempDir())
	broken := errors.New("enough")
	ctx, stop := contextWithCause(t)
	_, err := mirror.Fetch(ctx, s, o.Path, testKey, time.Now, func(done, _ int64) {
		if done > 0 {
			stop(broken)
		}
	})
	if err == nil {
		t.Fatal("the fetch was not broken off")
	}
	if _, err := vault.Open(t.Context(), o, testKey); backup.KindOf(err) != backup.Unreachable {
		t.Errorf("half a vault: %v", err)
	}
	result, err := mirror.Fetch(t.Context(), s, o.Path, testKey, time.Now, nil)
	ok(t, err)
	if result.Bytes >= full.Bytes {
		t.Errorf("the second try fetched %d bytes, all of it", result.Bytes)
	}
	copied, err := vault.Open(t.Context(), o, testKey)
	ok(t, err)
	same(t, copied, id, noise(5, 1<<20))
	ok(t, copied.Close(t.Context()))

	_, err = mirror.Fetch(t.Context(), s, o.Path, testKey, time.Now, nil)
	fails(t, err, backup.Refused, "is not empty")
}
