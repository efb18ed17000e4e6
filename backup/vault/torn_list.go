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
	return damaged(err, "No backup can be taken until the vault's damaged file is put back from an off-site copy: "+RepairFrom+". Backups whose entries are whole can still be restored.", "the list of backups in the vault is damaged")
}

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
	newest := map[manifest.ID]listEntry{}
	options := content.IterateOptions{Range: index.PrefixRange(manifest.ContentPrefix)}
	err := rep.ContentReader().IterateContents(ctx, options, func(c content.Info) error {
		for _, e := range readEntries(ctx, rep, c.ContentID) {
			if e.Labels[manifest.TypeLabelKey] == snapshot.ManifestType && e.Labels[tagID] == tag && !e.Modified.Before(newest[e.ID].Modified) {
				newest[e.ID] = e
			}
		}
		return ctx.Err()
	})
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

// readEntries gives the entries in one content of the list; none when it cannot be read.
func readEntries(ctx context.Context, rep repo.DirectRepository, id content.ID) []listEntry {
	data, err := rep.ContentReader().GetContent(ctx, id)
	if err != nil {
		return nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	var list struct {
		Entries []listEntry `json:"entries"`
	}
	if json.NewDecoder(unzipped).Decode(&list) != nil {
		return nil
	}
	return list.Entries
}
