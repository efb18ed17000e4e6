package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
	"golang.org/x/sync/errgroup"

	"holdfast/backup"
)

// Verify reads every byte of a backup. report gets bytes read and bytes in all; may be nil.
func (v *Vault) Verify(ctx context.Context, id backup.ID, wait time.Duration, report func(done, total int64)) error {
	op := "verify backup " + string(id)
	l, err := v.acquire(ctx, false, wait, "")
	if err != nil {
		return explain(op, err)
	}
	return explain(op, errors.Join(v.verify(ctx, id, report), l.release(true)))
}

func (v *Vault) verify(ctx context.Context, id backup.ID, report func(done, total int64)) error {
	r, err := v.openWhole(ctx, id)
	if err != nil {
		return err
	}
	if err := checkNamed(r.manifest, r.tree); err != nil {
		return err
	}
	err = readParts(ctx, v.rep, r.tree, newProgress(r.tree.bytes(), report))
	if backup.KindOf(err) == backup.Damaged {
		v.addRotten(ctx, v.rep, r.tree)
	}
	return err
}

// checkNamed looks for every part that the manifest speaks of.
func checkNamed(m *backup.Manifest, t *tree) error {
	have := map[string]bool{"": true} // tables whose rows were left out have no part
	for _, p := range t.parts {
		have[p.name] = true
	}
	for i := range m.Tables {
		if name := m.Tables[i].Part; !have[name] {
			return damaged(nil, hintVerify, "the part "+name+" of the backup is missing")
		}
	}
	for _, name := range m.LargeObjects.Parts {
		if !have[name] {
			return damaged(nil, hintVerify, "the part "+name+" of the backup is missing")
		}
	}
	return checkMedia(m, t)
}

// checkMedia compares what the manifest says about the media folders with what there is.
func checkMedia(m *backup.Manifest, t *tree) error {
	for i := range m.Media {
		f := &m.Media[i]
		var files, bytes int64
		list := false
		for _, p := range t.parts {
			list = list || p.name == f.List()
			if strings.HasPrefix(p.name, f.Part("")+"/") {
				files++
				if !p.link {
					bytes += p.size
				}
			}
		}
		if !list || files != f.Files+f.Links || bytes != f.Bytes {
			return damaged(nil, hintVerify, fmt.Sprintf("the folder %s of the backup has %d files and links with %d bytes; it must have %d with %d", f.Name, files, bytes, f.Files+f.Links, f.Bytes))
		}
	}
	return nil
}

// readers is how many contents are decrypted at once.
func readers() int { return min(runtime.GOMAXPROCS(0), 4) }

// readParts reads all parts to their ends and compares their sizes.
func readParts(ctx context.Context, rep repo.Repository, t *tree, p *progress) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers())
	for _, part := range t.parts {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			err := readPart(ctx, rep, part, p)
			if err != nil && ctx.Err() == nil {
				return partDamaged(part.name, err)
			}
			return err
		})
	}
	return g.Wait()
}

func readPart(ctx context.Context, rep repo.Repository, p part, progress *progress) error {
	in, err := rep.OpenObject(ctx, p.id)
	if err != nil {
		return err
	}
	n, err := io.Copy(writerFunc(func(data []byte) (int, error) {
		progress.add(int64(len(data)))
		return len(data), ctx.Err()
	}), in)
	if err == nil && n != p.size {
		err = errSize
	}
	return errors.Join(err, in.Close())
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(data []byte) (int, error) { return f(data) }

// checkIndexed checks that all that a backup names is in the index, and that the blobs which the
// index names are there and long enough. It reads no contents but the folders'.
func checkIndexed(ctx context.Context, rep repo.Repository, blobs map[blob.ID]int64, t *tree) error {
	return t.eachContent(ctx, rep, func(_ part, id content.ID) error {
		c, err := rep.ContentInfo(ctx, id)
		if err != nil {
			return err
		}
		if length := blobs[c.PackBlobID]; length < int64(c.PackOffset)+int64(c.PackedLength) {
			return fmt.Errorf("blob %s has %d bytes; content %s needs %d at %d", c.PackBlobID, length, id, c.PackedLength, c.PackOffset)
		}
		return nil
	})
}

// eachContent gives f the contents of all folders and parts; an error of f is one of the part's.
func (t *tree) eachContent(ctx context.Context, rep repo.Repository, f func(part, content.ID) error) error {
	for _, list := range [][]part{t.folders, t.parts} {
		for _, p := range list {
			ids, err := rep.VerifyObject(ctx, p.id)
			for _, id := range ids {
				err = errors.Join(err, f(p, id))
			}
			if err != nil {
				return partDamaged(p.name, err)
			}
		}
	}
	return ctx.Err()
}

// readContents reads and checks those contents of the vault that want chooses, each once,
// and gives those that are damaged.
func readContents(ctx context.Context, rep repo.DirectRepository, want func(content.Info) bool, report func(done, total int64)) (map[content.ID]error, error) {
	byPack := map[blob.ID][]content.Info{}
	var total int64
	err := rep.ContentReader().IterateContents(ctx, content.IterateOptions{}, func(c content.Info) error {
		if want(c) {
			byPack[c.PackBlobID] = append(byPack[c.PackBlobID], c)
			total += int64(c.PackedLength)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	p := newProgress(total, report)
	bad := map[content.ID]error{}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers())
	for _, contents := range byPack {
		g.Go(func() error {
			slices.SortFunc(contents, func(a, b content.Info) int { return cmp.Compare(a.PackOffset, b.PackOffset) })
			for _, c := range contents {
				if err := readContent(ctx, rep, c); err != nil {
					mu.Lock()
					bad[c.ContentID] = err
					mu.Unlock()
				}
				p.add(int64(c.PackedLength))
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
			return nil
		})
	}
	return bad, g.Wait()
}

func readContent(ctx context.Context, rep repo.DirectRepository, c content.Info) error {
	data, err := rep.ContentReader().GetContent(ctx, c.ContentID)
	if err == nil && len(data) != int(c.OriginalLength) {
		return errSize
	}
	return err
}

// VerifyAll checks every backup of the vault: its index, or with full every byte, each content
// once. The map has an entry for each backup, nil for a whole one; the error says that the
// checking itself failed. A full check is what ends a recovery; see Status.Recovering.
func (v *Vault) VerifyAll(ctx context.Context, full bool, wait time.Duration, report func(done, total int64)) (map[backup.ID]error, error) {
	const op = "verify the vault"
	l, err := v.acquire(ctx, false, wait, "")
	if err != nil {
		return nil, explain(op, err)
	}
	results, err := v.verifyAll(ctx, full, report)
	if err == nil && full {
		err = v.settleRecovery(results)
	}
	return results, explain(op, errors.Join(err, l.release(true)))
}

func (v *Vault) verifyAll(ctx context.Context, full bool, report func(done, total int64)) (map[backup.ID]error, error) {
	snapshots, err := v.snapshots(ctx)
	if err != nil {
		return nil, err
	}
	blobs, err := blobLengths(ctx, v.rep)
	if err != nil {
		return nil, err
	}
	var bad map[content.ID]error
	if full {
		bad, err = readContents(ctx, v.rep, func(content.Info) bool { return true }, report)
		if err != nil {
			return nil, err
		}
	}
	if full {
		v.noteRotten(bad)
	}
	results := map[backup.ID]error{}
	for _, s := range snapshots {
		err := v.verifyStored(ctx, idOf(s), blobs, bad)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		results[idOf(s)] = explain("verify backup "+string(idOf(s)), err)
	}
	return results, nil
}

// verifyStored checks one backup against what is known of the vault's blobs and contents.
func (v *Vault) verifyStored(ctx context.Context, id backup.ID, blobs map[blob.ID]int64, bad map[content.ID]error) error {
	r, err := v.openWhole(ctx, id)
	if err != nil {
		return err
	}
	if err := checkNamed(r.manifest, r.tree); err != nil {
		return err
	}
	if err := checkIndexed(ctx, v.rep, blobs, r.tree); err != nil {
		return err
	}
	return r.tree.eachContent(ctx, v.rep, func(_ part, id content.ID) error { return bad[id] })
}

// progress counts bytes for a report. A nil one counts nothing.
type progress struct {
	mu     sync.Mutex
	done   int64
	total  int64
	report func(done, total int64)
}

func newProgress(total int64, report func(done, total int64)) *progress {
	if report == nil {
		return nil
	}
	return &progress{total: total, report: report}
}

func (p *progress) add(n int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	p.report(p.done, p.total)
}
