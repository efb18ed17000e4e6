package mirror_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestWhyWebDAVTakesNothing asks servers that refuse what is written for the reason: by the quota that they
// tell, by a small file, by what they answer.
func TestWhyWebDAVTakesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code    int   // the answer to a PUT
		from    int64 // of that many bytes on
		quota   int64 // that the server tells; below 0: none
		kind    backup.Kind
		text    string
		stopped bool // it cannot be read either
	}{
		"no room by its quota":   {http.StatusMethodNotAllowed, 0, 100, backup.Failed, "the place is full", false},
		"room by its quota":      {http.StatusMethodNotAllowed, 0, 1 << 40, backup.Unreachable, "does not answer as it should", false},
		"nearly none":            {http.StatusMethodNotAllowed, 0, 1 << 20, backup.Failed, "the place may be full: it can be read, but takes no files", false},
		"it tells no quota":      {http.StatusMethodNotAllowed, 0, -1, backup.Failed, "the place may be full: it can be read, but takes no files", false},
		"only what is small":     {http.StatusMethodNotAllowed, 1 << 10, -1, backup.Failed, "takes small files, but not one of 256 KiB", false},
		"too large":              {http.StatusRequestEntityTooLarge, 1 << 10, -1, backup.Unreachable, "takes no file of that size", false},
		"insufficient storage":   {http.StatusInsufficientStorage, 0, -1, backup.Failed, "the place is full", false},
		"forbidden":              {http.StatusForbidden, 0, 100, backup.Unreachable, "nothing may be written", false},
		"no WebDAV":              {http.StatusNotImplemented, 0, 1 << 40, backup.Unreachable, "there is no WebDAV server", false},
		"nothing works any more": {http.StatusMethodNotAllowed, 0, -1, backup.Unreachable, "does not answer as it should", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var begun atomic.Bool
			p := mirrortest.WebDAVOn(t, t.TempDir(), func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(body))
					switch {
					case r.Method == http.MethodPut && r.ContentLength >= c.from:
						begun.Store(true)
						w.WriteHeader(c.code)
					case c.stopped && begun.Load():
						w.WriteHeader(http.StatusMethodNotAllowed)
					case r.Method == "PROPFIND" && bytes.Contains(body, []byte("quota-available-bytes")) && c.quota >= 0:
						w.WriteHeader(http.StatusMultiStatus)
						fmt.Fprintf(w, `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/copy/</d:href><d:propstat><d:prop>`+
							`<d:quota-available-bytes>%d</d:quota-available-bytes></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`, c.quota)
					default:
						h.ServeHTTP(w, r)
					}
				})
			})
			s := connect(t, p, mirror.Options{Create: true})
			_, _, err := mirror.Probe(t.Context(), s, time.Now)
			fails(t, err, c.kind, c.text)
		})
	}
}
