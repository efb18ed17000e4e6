package mirror_test

import (
	"testing"
	"testing/synctest"
	"time"

	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestLimitIsKept sends 256 KiB twice at 16 KiB per second, by a clock that waits for nobody.
func TestLimitIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := connect(t, mirrortest.Folder(t), mirror.Options{Create: true, Limit: 16 << 10})
		begun := time.Now()
		for range 2 {
			_, _, err := mirror.Probe(t.Context(), s, time.Now)
			ok(t, err)
		}
		if took := time.Since(begun); took < 30*time.Second || took > 33*time.Second {
			t.Errorf("that took %s", took)
		}
	})
}
