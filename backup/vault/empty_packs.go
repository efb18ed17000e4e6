package vault

import (
	"cmp"
	"context"
	"slices"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/maintenance"
)

// nearlyEmpty is the part of a pack that may still be needed for it to be emptied: one in so many.
const nearlyEmpty = 4

// emptyPacks rewrites what is still needed of packs that are nearly empty, the emptiest first, and no more than
// the reserve has room for. So a deletion gives space back on a full disk too, where mergePacks, which writes
// far more, cannot; and where only one pack is short, which that leaves alone.
func emptyPacks(ctx context.Context, rep repo.DirectRepositoryWriter) error {
	lengths, err := blobLengths(ctx, rep)
	if err != nil {
		return err
	}
	type pack struct {
		id       blob.ID
		needed   int64
		contents []content.ID
	}
	packs := map[blob.ID]*pack{}
	err = rep.ContentReader().IterateContents(ctx, content.IterateOptions{}, func(c content.Info) error {
		p := packs[c.PackBlobID]
		if p == nil {
			p = &pack{id: c.PackBlobID}
			packs[c.PackBlobID] = p
		}
		p.needed += int64(c.PackedLength)
		p.contents = append(p.contents, c.ContentID)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	var chosen []*pack
	for _, p := range packs {
		if p.needed*nearlyEmpty < lengths[p.id] && lengths[p.id] > reserveSize/16 { // what is small is not worth it
			chosen = append(chosen, p)
		}
	}
	slices.SortFunc(chosen, func(a, b *pack) int { return cmp.Or(cmp.Compare(a.needed, b.needed), cmp.Compare(a.id, b.id)) })
	var contents []content.ID
	room := int64(reserveSize / 2)
	for _, p := range chosen {
		if room -= p.needed; room < 0 {
			break
		}
		contents = append(contents, p.contents...)
	}
	if len(contents) == 0 {
		return nil
	}
	_, err = maintenance.RewriteContents(ctx, rep, &maintenance.RewriteContentsOptions{ContentIDs: contents, Parallel: 2}, maintenance.SafetyNone)
	return err
}
