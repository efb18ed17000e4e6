package tell_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/app/tell"
)

// desk is a place on loopback that notes what it is told, and an outbox whose clock is moved.
type desk struct {
	tell.Outbox

	mu     sync.Mutex
	heard  []string
	answer int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{answer: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.heard = append(d.heard, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
		w.WriteHeader(d.answer)
	}))
	t.Cleanup(server.Close)
	now := time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC)
	d.Outbox = tell.Outbox{Folder: filepath.Join(t.TempDir(), "out"), Places: tell.Places{Webhook: server.URL + "/hook", Ping: server.URL + "/ping/"}, Now: func() time.Time { return now }}
	return d
}

func (d *desk) later(by time.Duration) {
	now := d.Now().Add(by)
	d.Now = func() time.Time { return now }
}

func (d *desk) send(t *testing.T) (waiting int, heard []string) {
	t.Helper()
	d.heard = nil
	waiting, err := d.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return waiting, d.heard
}

func (d *desk) put(t *testing.T, e tell.Event) {
	t.Helper()
	if err := d.Put(tell.Message{Event: e, Sandbox: "shop", Trigger: "scheduled", At: d.Now()}); err != nil {
		t.Fatal(err)
	}
	d.later(time.Second)
}

func TestEverybodyIsToldOnce(t *testing.T) {
	d := newDesk(t)
	for _, e := range []tell.Event{tell.Started, tell.Completed, tell.Failed, tell.Alarm} {
		d.put(t, e)
	}
	waiting, heard := d.send(t)
	body := func(e tell.Event, second int) string {
		text, err := json.Marshal(tell.Message{Event: e, Sandbox: "shop", Trigger: "scheduled", At: time.Date(2031, 3, 1, 12, 0, second, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		return "POST /hook " + string(text)
	}
	want := []string{"GET /ping/start", "GET /ping", body(tell.Completed, 1), "GET /ping/fail", body(tell.Failed, 2), body(tell.Alarm, 3)}
	if waiting != 0 || !slices.Equal(heard, want) {
		t.Errorf("%d wait; heard\n%s", waiting, strings.Join(heard, "\n"))
	}
	if _, again := d.send(t); len(again) != 0 {
		t.Errorf("told twice: %q", again)
	}
}

func TestWhoDoesNotAnswerIsToldAgainAndGivenUp(t *testing.T) {
	d := newDesk(t)
	d.answer = http.StatusInternalServerError
	d.put(t, tell.Completed)
	if waiting, heard := d.send(t); waiting != 2 || len(heard) != 2 {
		t.Fatalf("%d wait, heard %q", waiting, heard)
	}
	if _, heard := d.send(t); len(heard) != 0 {
		t.Errorf("told again at once: %q", heard)
	}
	d.later(2 * time.Minute)
	if _, heard := d.send(t); len(heard) != 2 {
		t.Errorf("not told again: %q", heard)
	}
	tries := 0
	for range 48 {
		d.later(30 * time.Minute)
		_, heard := d.send(t)
		tries += len(heard)
	}
	if tries > 60 {
		t.Errorf("tried %d times in a day", tries)
	}
	d.answer = http.StatusOK
	d.later(2 * time.Hour)
	if waiting, heard := d.send(t); waiting != 0 || len(heard) != 0 {
		t.Errorf("after a day: %d wait, heard %q", waiting, heard)
	}
}

func TestTornMessagesAndForeignFilesDoNoHarm(t *testing.T) {
	d := newDesk(t)
	d.put(t, tell.Completed)
	for name, text := range map[string]string{"00.json": "{", "note.txt": "mine"} {
		if err := os.WriteFile(filepath.Join(d.Folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if waiting, heard := d.send(t); waiting != 0 || len(heard) != 2 {
		t.Errorf("%d wait, heard %q", waiting, heard)
	}
	if left, err := filepath.Glob(filepath.Join(d.Folder, "*")); err != nil || len(left) != 1 {
		t.Errorf("left: %q %v", left, err)
	}
}

func TestAddresses(t *testing.T) {
	for text, good := range map[string]bool{"https://example.org/x": true, "http://127.0.0.1:80": true, "ftp://example.org": false, "example.org": false, "": false, "https://": false} {
		if err := tell.CheckURL(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
