// Package tell says outside how runs went, for who wants it: a webhook, and a dead-man's ping.
//
// What is to be said is put into a folder first, one small file for each message, and sent from
// there, also by a later process: a run never waits for the network. A message that nobody takes
// is tried again, ever more seldom, and given up after a day. It carries the name of the sandbox
// and how the run ended, or how much there is to do, and nothing of any database.
package tell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"holdfast/platform"
)

// Event is what happened.
type Event string

// The events.
const (
	Started   Event = "started"
	Completed Event = "completed"
	Failed    Event = "failed"
	Alarm     Event = "alarm"     // a data loss alarm
	Reminders Event = "reminders" // things to do, where no desktop can show them

	Overdue        Event = "overdue"         // the last good backup is older than the schedule allows
	CopyFailed     Event = "copy-failed"     // an off-site copy could not be brought up to date
	DownloadFailed Event = "download-failed" // a scheduled download could not be written
)

// Places are where to tell; "" tells nowhere.
type Places struct {
	Webhook string // gets a POST with a Message for each event but Started
	Ping    string // gets a GET: at URL/start, at URL when a run completed, at URL/fail when it failed, or when one is overdue, or a copy or a download failed
}

// Message is what a webhook gets, as JSON.
type Message struct {
	Event   Event     `json:"event"`
	Sandbox string    `json:"sandbox"`
	Trigger string    `json:"trigger"`
	At      time.Time `json:"at"` // UTC

	Place string `json:"place,omitempty"` // of CopyFailed: the copy's name

	Count int    `json:"count,omitempty"` // of Reminders: how many things there are to do
	First string `json:"first,omitempty"` // the kind of the most pressing
}

const (
	firstRetry   = time.Minute
	longestRetry = time.Hour
	giveUp       = 24 * time.Hour
	patience     = 10 * time.Second // for one answer
	mostWaiting  = 200              // messages that wait at the same time; older ones are dropped
)

// Outbox is the folder from which messages are sent.
type Outbox struct {
	Folder string
	Places Places
	Now    func() time.Time
	Client *http.Client // nil: one that waits ten seconds and follows no redirect to another host
}

// letter is one message on its way to one place.
type letter struct {
	Method string    `json:"method"`
	URL    string    `json:"url"`
	Body   []byte    `json:"body,omitempty"`
	Since  time.Time `json:"since"`
	Next   time.Time `json:"next"`
	Tries  int       `json:"tries"`
}

// CheckURL says why a place cannot be told; nil when it can.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("it is no http or https address")
	}
	return nil
}

// written numbers the messages of this process: a clock alone may give two of them one name.
var written atomic.Int64

// Put puts a message into the outbox, once for each place that wants it.
func (o *Outbox) Put(m Message) error {
	var letters []letter
	now := o.Now().UTC()
	if o.Places.Ping != "" && m.Event != Alarm && m.Event != Reminders {
		end := map[Event]string{Started: "/start", Completed: "", Failed: "/fail", Overdue: "/fail", CopyFailed: "/fail", DownloadFailed: "/fail"}[m.Event]
		letters = append(letters, letter{Method: http.MethodGet, URL: strings.TrimSuffix(o.Places.Ping, "/") + end, Since: now, Next: now})
	}
	if o.Places.Webhook != "" && m.Event != Started {
		body, err := json.Marshal(m)
		if err != nil {
			return err
		}
		letters = append(letters, letter{Method: http.MethodPost, URL: o.Places.Webhook, Body: body, Since: now, Next: now})
	}
	for _, l := range letters {
		if err := o.write(fmt.Sprintf("%020d-%06d-%d.json", now.UnixNano(), written.Add(1), os.Getpid()), l); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) write(name string, l letter) error {
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return platform.WriteFileAtomic(filepath.Join(o.Folder, name), text, 0o600)
}

// Send sends what is due, oldest first, and gives the number of messages that still wait. Two
// processes that send at the same time may say something twice, never not at all.
func (o *Outbox) Send(ctx context.Context) (waiting int, err error) {
	files, err := os.ReadDir(o.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	files = slices.DeleteFunc(files, func(f os.DirEntry) bool { return !strings.HasSuffix(f.Name(), ".json") })
	for i, f := range files {
		if ctx.Err() != nil {
			return waiting + len(files) - i, ctx.Err()
		}
		kept, err := o.deliver(ctx, f.Name(), len(files)-i > mostWaiting)
		if err != nil {
			return waiting, err
		}
		if kept {
			waiting++
		}
	}
	return waiting, nil
}

// deliver sends one message if it is due, and says whether it still waits.
func (o *Outbox) deliver(ctx context.Context, name string, tooMany bool) (kept bool, err error) {
	path := filepath.Join(o.Folder, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // another process sent it
	}
	var l letter
	now := o.Now().UTC()
	if err != nil || json.Unmarshal(text, &l) != nil || tooMany || now.Sub(l.Since) > giveUp || l.Since.After(now.Add(giveUp)) {
		return false, remove(path)
	}
	if l.Next.After(now) {
		return true, nil
	}
	if o.post(ctx, l) == nil {
		return false, remove(path)
	}
	if ctx.Err() != nil {
		return true, nil //nolint:nilerr // it was not the place that failed: the next round tries again
	}
	l.Tries++
	l.Next = now.Add(min(firstRetry<<min(l.Tries-1, 10), longestRetry))
	return true, o.write(name, l)
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (o *Outbox) post(ctx context.Context, l letter) (err error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, l.Method, l.URL, bytes.NewReader(l.Body))
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "Holdfast")
	if l.Method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	client := o.Client
	if client == nil {
		client = &http.Client{CheckRedirect: sameHost}
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}

// sameHost follows a redirect only where it stays on the host that the person named.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) > 5 || req.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}
