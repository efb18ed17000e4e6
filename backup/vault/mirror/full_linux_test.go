package mirror_test

import (
	"io/fs"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestFullPlaceIsSaidAndGoneOnFrom fills a small file system, as a folder and behind servers. What was
// copied stays, and once there is room the copy is finished.
func TestFullPlaceIsSaidAndGoneOnFrom(t *testing.T) {
	t.Parallel()
	places := map[string]func(t *testing.T, disk string) mirrortest.Place{
		"folder": func(_ *testing.T, disk string) mirrortest.Place {
			return mirrortest.Place{Place: mirror.Place{Kind: mirror.Folder, Path: filepath.Join(disk, "copy")}}
		},
		"webdav": func(t *testing.T, disk string) mirrortest.Place {
			return mirrortest.WebDAVOn(t, disk, func(h http.Handler) http.Handler { return insteadOf(h, http.StatusInsufficientStorage) })
		},
		"x/net webdav": func(t *testing.T, disk string) mirrortest.Place { return mirrortest.WebDAVOn(t, disk, nil) },
	}
	if program, missing := mirrortest.SSHD(t); missing == "" {
		places["openssh"] = func(t *testing.T, disk string) mirrortest.Place { return mirrortest.OpenSSH(t, program, disk) }
	}
	if program, missing := mirrortest.Gateway(t); missing == "" {
		places["versitygw"] = func(t *testing.T, disk string) mirrortest.Place { return mirrortest.VersityGW(t, program, disk) }
	}
	for name, start := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := smallDisk(t)
			said := "the place is full"
			if name == "x/net webdav" { // it says that a method is not allowed
				said = "the place may be full"
			}
			fillPlace(t, disk, start(t, disk), said)
		})
	}
}

func fillPlace(t *testing.T, disk string, p mirrortest.Place, said string) {
	t.Helper()
	v := newVault(t)
	var id backup.ID
	for i := range byte(12) {
		id = put(t, v, noise(i, 1<<20))
	}
	s := connect(t, p, mirror.Options{Create: true})
	h := newHome(v)
	_, err := mirror.Sync(t.Context(), v, s, h.Request)
	fails(t, err, backup.Failed, said)
	ok(t, exec.Command("mount", "-o", "remount,size=64m", disk).Run())
	if sent := h.sync(t, v, s).Sent; sent > 9<<20 {
		t.Errorf("sent %d bytes again", sent)
	}
	same(t, fetched(t, s), id, noise(11, 1<<20))
	_, err = mirror.Check(t.Context(), s, testKey, time.Now, nil)
	ok(t, err)
	ok(t, filepath.WalkDir(disk, func(path string, _ fs.DirEntry, err error) error {
		if p.Kind == mirror.WebDAV && strings.Contains(path, ".f-") {
			t.Errorf("what was written in part stays: %s", path)
		}
		return err
	}))
}

// insteadOf lets a server give another answer to a PUT that it refuses.
func insteadOf(h http.Handler, code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w = refusals{w, code}
		}
		h.ServeHTTP(w, r)
	})
}

type refusals struct {
	http.ResponseWriter

	code int
}

// WriteHeader implements http.ResponseWriter.
func (w refusals) WriteHeader(code int) {
	if code == http.StatusMethodNotAllowed { // not that there is no such folder
		code = w.code
	}
	w.ResponseWriter.WriteHeader(code)
}

// smallDisk mounts a file system of 8 MiB in memory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0700,size=8m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk can only be mounted by root: %s", out)
	}
	t.Cleanup(func() { ok(t, exec.Command("umount", "-l", dir).Run()) })
	return dir
}
