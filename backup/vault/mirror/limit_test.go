package mirror_test

import (
	"testing"
	"testing/synctest"
	"time"

	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestLimitIsKept copies 3 MiB at 100 KiB per second, by a clock that waits for nobody.
func TestLimitIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		put(t, v, noise(1, 3<<20))
		s := connect(t, mirrortest.Folder(t), mirror.Options{Create: true, Limit: 100 << 10})
		begun := time.Now()
		newHome(v).sync(t, v, s)
		if took := time.Since(begun); took < 28*time.Second || took > 40*time.Second {
			t.Errorf("that took %s", took)
		}
	})
}
