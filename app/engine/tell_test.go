package engine_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/app/tell"
	"holdfast/backup"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestScheduledRunsAreToldOutside: the dead-man's switch and the webhook hear of a run that went
// well and of one that did not, and of nothing else.
func TestScheduledRunsAreToldOutside(t *testing.T) {
	d := newDays(t)
	var mu sync.Mutex
	var heard []string
	place := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, r.Method+" "+r.URL.Path)
	}))
	t.Cleanup(place.Close)
	store := config.Store{Path: d.paths.Config}
	if _, err := store.Update(t.Context(), func(c *config.Config) error {
		c.Tell = config.Tell{Webhook: place.URL + "/hook", Ping: place.URL + "/ping"}
		c.Put(backup.Sandbox{Name: "down", Connection: backup.Connection{Host: "/nowhere", User: "x", Database: "y"}}, d.now)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	d.with(func(e *engine.Engine) {
		if _, err := e.RunDue(t.Context(), true, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := e.CreateBackup(t.Context(), "shop", "by hand", 0); err != nil {
			t.Fatal(err)
		}
		e.SendTold(t.Context())
	})
	want := "GET /ping/start,GET /ping,POST /hook,GET /ping/start,GET /ping/fail,POST /hook"
	if got := strings.Join(heard, ","); got != want {
		t.Errorf("heard %s", got)
	}
}

// TestWhatGoesWrongIsToldOutsideOnce: the dead-man's switch and the webhook hear of a backup that is overdue,
// of a copy and of a download that failed, once for one cause.
func TestWhatGoesWrongIsToldOutsideOnce(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	var mu sync.Mutex
	heard := map[string]int{}
	place := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var m tell.Message
		_ = json.Unmarshal(text, &m) // a ping has none
		mu.Lock()
		defer mu.Unlock()
		heard[strings.TrimSpace(r.URL.Path+" "+string(m.Event)+" "+m.Sandbox+m.Place)]++
	}))
	t.Cleanup(place.Close)
	copied, folder := mirrortest.WebDAV(t), filepath.Join(t.TempDir(), "out")
	good(t, os.Mkdir(folder, 0o700))
	d.approve = func(context.Context, backup.Prompt) (string, error) { return "a good passphrase", nil }
	d.with(func(e *engine.Engine) {
		good(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return "a good passphrase", nil }))
		_, err := e.AddOffsite(t.Context(), engine.AddOffsite{Name: "cloud", Place: copied.Place, Secret: copied.Secret})
		good(t, err)
		good(t, e.SetDownloads(t.Context(), "shop", engine.SetDownloads{Folder: &folder}))
		good(t, os.Remove(folder))
	})
	store := config.Store{Path: d.paths.Config}
	_, err := store.Update(t.Context(), func(c *config.Config) error {
		c.Tell = config.Tell{Webhook: place.URL + "/hook", Ping: place.URL + "/ping"}
		return nil
	})
	good(t, err)
	for i := range 4 { // both are tried again, and fail again
		d.now = d.now.Add(24 * time.Hour / time.Duration(1+11*(i/2)))
		d.fails(backup.Unreachable, "cannot be used")
		copied.Wire.Left.Store(0)
	}
	d.with(func(e *engine.Engine) { good(t, e.Pause(t.Context(), d.now.Add(30*24*time.Hour))) })
	for range 3 {
		d.now = d.now.Add(20 * time.Hour)
		d.with(func(e *engine.Engine) {
			_, err := e.RunDue(t.Context(), true, 0)
			good(t, err)
		})
	}
	d.with(func(e *engine.Engine) { e.SendTold(t.Context()) })
	mu.Lock()
	defer mu.Unlock()
	if heard["/hook copy-failed cloud"] != 1 || heard["/hook overdue shop"] != 1 || heard["/hook download-failed shop"] != 1 || heard["/ping/fail"] != 3 {
		t.Errorf("heard %v", heard)
	}
}
