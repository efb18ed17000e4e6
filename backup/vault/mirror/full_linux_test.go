package mirror_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// TestFullPlaceIsSaidAndGoneOnFrom fills a small file system. What was copied stays, and once there is
// room the copy is finished.
func TestFullPlaceIsSaidAndGoneOnFrom(t *testing.T) {
	t.Parallel()
	small := smallDisk(t)
	v := newVault(t)
	var id backup.ID
	for i := range byte(12) {
		id = put(t, v, noise(i, 1<<20))
	}
	p := mirror.Place{Kind: mirror.Folder, Path: filepath.Join(small, "copy")}
	s, err := mirror.Open(t.Context(), p, mirror.Options{Create: true})
	ok(t, err)
	defer func() { ok(t, s.Close(t.Context())) }()
	h := newHome(v)
	_, err = mirror.Sync(t.Context(), v, s, h.Request)
	fails(t, err, backup.Failed, "the place is full")
	if held := folderBytes(t, p.Path); held < 4<<20 {
		t.Errorf("only %d bytes stayed", held)
	}
	ok(t, exec.Command("mount", "-o", "remount,size=64m", small).Run())
	if sent := h.sync(t, v, s).Sent; sent > 9<<20 {
		t.Errorf("sent %d bytes again", sent)
	}
	same(t, fetched(t, s), id, noise(11, 1<<20))
}

// smallDisk mounts a file system of 8 MiB in memory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0700,size=8m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk can only be mounted by root: %s", out)
	}
	t.Cleanup(func() { ok(t, exec.Command("umount", dir).Run()) })
	return dir
}
