package engine_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/backup"
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
