package vault

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"syscall"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/content/index"
	"github.com/kopia/kopia/repo/manifest"
	"github.com/kopia/kopia/snapshot"
)

// One damaged entry of Kopia's list of snapshots bars all of the list. For finding one backup that does
// not matter, as long as its own entry is whole; for everything else it does, above all for whatever
// removes contents that no entry names.

// listDamaged explains why the list of backups cannot be read. What comes from the disk itself, or from
// a cancel, is no damage.
func listDamaged(ctx context.Context, err error) error {
	if _, ofDisk := errors.AsType[syscall.Errno](err); ofDisk || ctx.Err() != nil {
		return err
	}
	return errListDamaged(err)
}

func errListDamaged(err error) error {
	return damaged(err, hintList, "the list of backups in the vault is damaged")
}

// hintList is what to do about it. A backup whose own entry is whole can be restored meanwhile.
const hintList = "Put the damaged file back from an off-site copy: " + RepairFrom + ". If there is none, list the backups anew from what can still be read: holdfast vault repair"

// listEntry is an entry of the list as Kopia stores it.
type listEntry struct {
	ID       manifest.ID       `json:"id"`
	Labels   map[string]string `json:"labels"`
	Modified time.Time         `json:"modified"`
	Deleted  bool              `json:"deleted"`
	Data     json.RawMessage   `json:"data"`
}

// findInTornList gives the snapshot of one backup by reading the list entry by entry; nil when no entry
// that can be read is about it. Of several about the same snapshot the newest counts.
func findInTornList(ctx context.Context, rep repo.DirectRepository, tag string) (*snapshot.Manifest, error) {
	newest, err := newestEntries(ctx, rep, func(e listEntry) bool { return e.Labels[tagID] == tag })
	if err != nil {
		return nil, err
	}
	for id, e := range newest {
		s := &snapshot.Manifest{}
		if e.Deleted || json.Unmarshal(e.Data, s) != nil {
			continue
		}
		s.ID = id
		return s, nil
	}
	return nil, nil //nolint:nilnil // that there is none is the answer
}

// newestEntries gives those entries of snapshots that want chooses, as far as they can be read. Of several about
// the same snapshot it is the newest.
func newestEntries(ctx context.Context, rep repo.DirectRepository, want func(listEntry) bool) (map[manifest.ID]listEntry, error) {
	newest := map[manifest.ID]listEntry{}
	options := content.IterateOptions{Range: index.PrefixRange(manifest.ContentPrefix)}
	err := rep.ContentReader().IterateContents(ctx, options, func(c content.Info) error {
		entries, _ := readEntries(ctx, rep, c.ContentID) // what cannot be read has none
		for _, e := range entries {
			if e.Labels[manifest.TypeLabelKey] == snapshot.ManifestType && want(e) && !e.Modified.Before(newest[e.ID].Modified) {
				newest[e.ID] = e
			}
		}
		return ctx.Err()
	})
	return newest, err
}

// readEntries gives the entries in one content of the list.
func readEntries(ctx context.Context, rep repo.DirectRepository, id content.ID) ([]listEntry, error) {
	data, err := rep.ContentReader().GetContent(ctx, id)
	if err != nil {
		return nil, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var list struct {
		Entries []listEntry `json:"entries"`
	}
	err = json.NewDecoder(unzipped).Decode(&list)
	return list.Entries, err
}
