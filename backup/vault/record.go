package vault

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"holdfast/backup"
)

// record says who writes a vault. It lies in clear in the vault's folder and holds no secret.
type record struct {
	Vault string    `json:"vault"` // Kopia's unique ID, in hex
	Home  string    `json:"home"`
	Host  string    `json:"host"`
	At    time.Time `json:"at"`
	Clock time.Time `json:"clock"` // see forwardClock
}

// readRecord gives nil when there is none: a vault made by the kopia command, or an unfinished
// creation. One that cannot be read counts as none too, for it can be made again.
func readRecord(path string) (*record, error) {
	text, err := os.ReadFile(filepath.Join(path, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r record
	if json.Unmarshal(text, &r) != nil {
		return nil, nil //nolint:nilerr // it can be made again
	}
	return &r, nil
}

// write replaces the record in the vault's folder.
func (r *record) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(path, recordFile), append(text, '\n'))
}

// checkHome refuses a home that is not the vault's writer.
func (v *Vault) checkHome() (*record, error) {
	r, err := readRecord(v.opts.Path)
	if err != nil {
		return nil, err
	}
	if r != nil && (r.Home != v.opts.Home || r.Vault != v.uniqueID()) {
		return nil, backup.Errorf(backup.Refused,
			"Give each home a vault of its own. If that one is no longer used, take the vault over: holdfast vault open",
			"the vault %s is written by another home, on %s", v.opts.Path, r.Host)
	}
	return r, nil
}

// checkWriter is checkHome, and makes the clock ready for writing. Call it under the exclusive lock,
// before anything is changed.
func (v *Vault) checkWriter(ctx context.Context) (*record, error) {
	r, err := v.checkHome()
	if err != nil {
		return nil, err
	}
	if r != nil {
		v.clock.raise(r.Clock)
	}
	if err := v.rep.Refresh(ctx); err != nil {
		return nil, err
	}
	manifests, err := v.rep.FindManifests(ctx, map[string]string{})
	for _, m := range manifests {
		v.clock.raise(m.ModTime)
	}
	return r, err
}

// claim makes this home the writer, on record, and keeps floor there for the clock: the times up
// to which deletions are final. It writes only when something changed.
func (v *Vault) claim(old *record, floor time.Time) error {
	next := record{Vault: v.uniqueID(), Home: v.opts.Home, Host: v.opts.Host, At: v.opts.Clock().UTC(), Clock: floor.UTC()}
	if old != nil {
		next.Clock = later(next.Clock, old.Clock)
		same := next
		same.At = old.At
		if same == *old {
			return nil
		}
	}
	return next.write(v.opts.Path)
}
