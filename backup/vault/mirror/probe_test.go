package mirror_test

import (
	"context"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestCancelledTrialLeavesNothing cancels a trial while it writes, and while it reads back.
func TestCancelledTrialLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, at := range []string{http.MethodPut, http.MethodGet} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			folder, tried := t.TempDir(), false
			p := mirrortest.WebDAVOn(t, folder, func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == at && strings.Contains(r.URL.Path, "probe") {
						tried = true
						cancel()
					}
					h.ServeHTTP(w, r)
				})
			})
			s := connect(t, p, mirror.Options{Create: true})
			_, _, err := mirror.Probe(ctx, s, time.Now)
			if !tried || backup.KindOf(err) != backup.Cancelled {
				t.Errorf("tried is %v: %v", tried, err)
			}
			if err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
				if err == nil && strings.Contains(d.Name(), "probe") {
					t.Errorf("left: %s", path)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
}
