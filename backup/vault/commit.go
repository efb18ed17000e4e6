package vault

import (
	"context"
	"errors"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/object"
	"github.com/kopia/kopia/snapshot"

	"holdfast/backup"
)

// Commit stores the manifest, makes everything durable, reads back what was added through a
// freshly opened repository, and only then lists the backup. Whatever happens the lock is given
// up; after a failure nothing of the backup is left, as after Abort.
func (w *writer) Commit(ctx context.Context, m *backup.Manifest) (backup.Stored, error) {
	op := "complete backup " + string(m.ID)
	if !w.end() {
		return backup.Stored{}, backup.WithOp(op, errEnded)
	}
	stored, listed, err := w.commit(ctx, m)
	if err != nil {
		if gone := w.lock.stays(); gone != nil {
			listed, err = false, gone // whatever it was, it comes from that
		}
		return backup.Stored{}, explain(op, w.takeBack(ctx, m.ID, listed, err))
	}
	// The backup stands, whatever becomes of the lock: it dies with the process.
	if err := errors.Join(w.close(context.WithoutCancel(ctx)), w.lock.release(!w.doubt)); err != nil {
		w.v.warn("The vault's lock was not given up cleanly: " + err.Error())
	}
	return stored, nil
}

// takeBack removes a backup that failed for the given reason, and gives that reason: what went
// wrong first is what the person must read.
func (w *writer) takeBack(ctx context.Context, id backup.ID, listed bool, reason error) error {
	known := *backup.AsError(explain("", reason))
	var err error
	if listed {
		err = w.unlist(ctx, id)
	}
	if err = errors.Join(err, w.drop(ctx)); err != nil {
		w.v.warn("What the failed backup " + string(id) + " wrote could not be removed yet; the next run does it.")
		known.Err = errors.Join(known.Err, err)
	}
	return &known
}

// commit gives listed when the snapshot may have been saved.
func (w *writer) commit(ctx context.Context, m *backup.Manifest) (stored backup.Stored, listed bool, err error) {
	if err := w.lock.stays(); err != nil {
		return stored, false, err
	}
	root, err := w.writeTree(ctx, m)
	if err != nil {
		return stored, false, err
	}
	if err := w.makeDurable(ctx); err != nil {
		return stored, false, err
	}
	// From here on nothing is to come out of the writer's memory: checks read through a
	// repository that knows nothing of this run.
	fresh, err := w.fresh()
	if err != nil {
		return stored, false, err
	}
	if err := fresh.Refresh(ctx); err != nil {
		return stored, false, err
	}
	if err = w.proveStored(ctx, fresh, root); err == nil {
		stored, listed, err = w.list(ctx, m, root)
	}
	if err == nil {
		err = w.lock.stays()
	}
	if err == nil {
		err = proveListed(ctx, fresh, m.ID, root.ObjectID)
	}
	return stored, listed, err
}

// list saves the snapshot.
func (w *writer) list(ctx context.Context, m *backup.Manifest, root *snapshot.DirEntry) (stored backup.Stored, listed bool, err error) {
	added, err := w.added(ctx)
	if err != nil {
		return stored, false, err
	}
	// The tag holds whole seconds; what is given now must be what List gives later.
	verified := w.v.opts.Clock().UTC().Truncate(time.Second)
	s := newSnapshot(m, w.v.opts.Host, root, added, verified)
	if _, err := snapshot.SaveSnapshot(ctx, w.rep, s); err != nil {
		return stored, false, err
	}
	return backup.Stored{Manifest: m, AddedBytes: added, VerifiedAt: verified}, true, w.makeDurable(ctx)
}

// writeTree adds the parts that the vault writes itself, and the folders.
func (w *writer) writeTree(ctx context.Context, m *backup.Manifest) (*snapshot.DirEntry, error) {
	text, err := backup.EncodeManifest(m)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	own := map[string][]byte{
		backup.PartManifest: text,
		backup.PartReadme:   []byte(restoreText(m, w.v.opts.Path)),
	}
	if m.What != backup.ScopeMedia {
		own[backup.PartScript] = []byte(restoreScript(m))
	}
	for name, data := range own {
		entry, err := w.writeSmall(ctx, name, data)
		if err != nil {
			return nil, err
		}
		w.entries[name] = entry
	}
	root := buildTree(w.entries)
	if len(w.media) > 0 {
		media := root.sub(backup.DirMedia)
		media.files = append(media.files, w.media...)
	}
	return root.write(ctx, w.rep, ".", w.started)
}

func (w *writer) writeSmall(ctx context.Context, name string, data []byte) (*snapshot.DirEntry, error) {
	out := w.object(ctx, name, "")
	_, err := out.Write(data)
	var id object.ID
	if err == nil {
		id, err = out.Result()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, err
	}
	return &snapshot.DirEntry{
		Name: name, Type: snapshot.EntryTypeFile, Permissions: snapshot.Permissions(fileMode),
		FileSize: int64(len(data)), ModTime: w.started, ObjectID: id,
	}, nil
}

// makeDurable writes out what Kopia still holds, and the folders' names, which it does not sync.
func (w *writer) makeDurable(ctx context.Context) error {
	if err := w.lock.stays(); err != nil {
		return err
	}
	if err := errors.Join(w.rep.Flush(ctx), w.lock.stays()); err != nil {
		return err
	}
	return syncFolders(w.v.opts.Path)
}

// proveStored checks that everything the tree names is indexed and that all that was added is
// whole.
func (w *writer) proveStored(ctx context.Context, rep repo.DirectRepository, root *snapshot.DirEntry) error {
	blobs, err := blobLengths(ctx, rep)
	if err != nil {
		return err
	}
	t, err := readWholeTree(ctx, rep, root)
	if err != nil {
		return err
	}
	if err := checkIndexed(ctx, rep, blobs, t); err != nil {
		return err
	}
	if w.doubt || w.afresh != "" {
		if err := readParts(ctx, rep, t, nil); err != nil {
			w.v.addRotten(ctx, rep, t)
			if backup.KindOf(err) == backup.Damaged && len(w.media) > 0 {
				err = damaged(err, "See which backups are damaged: `holdfast vault verify --full`. Delete them, then take this one again.",
					"files of the folders are stored already, and what is stored of them is damaged: "+backup.AsError(err).Text)
			}
			return err
		}
		return nil
	}
	// Everything of this run and not only what the tree names: later runs build on it.
	bad, err := readContents(ctx, rep, func(c content.Info) bool {
		_, old := w.before[c.PackBlobID]
		_, there := blobs[c.PackBlobID] // else an earlier run's pack that is lost
		return !old && there
	}, nil)
	for id, cause := range bad {
		err = errors.Join(err, damaged(cause, "Check the disk that holds the vault.", "what was written cannot be read back: content "+id.String()))
	}
	return err
}

// proveListed checks that the backup is found as the next run will find it.
func proveListed(ctx context.Context, rep repo.DirectRepository, id backup.ID, root object.ID) error {
	if err := rep.Refresh(ctx); err != nil {
		return err
	}
	found, err := findSnapshots(ctx, rep, map[string]string{tagID: string(id)})
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].RootObjectID() != root {
		return damaged(nil, "Check the disk that holds the vault.", "the backup was saved but is not listed")
	}
	return nil
}

// added measures by how much the vault grew.
func (w *writer) added(ctx context.Context) (int64, error) {
	now, err := blobLengths(ctx, w.rep)
	var n int64
	for id, length := range now {
		n += length - w.before[id]
	}
	return max(n, 0), err
}

// unlist takes a snapshot back that was saved but did not pass.
func (w *writer) unlist(ctx context.Context, id backup.ID) error {
	ctx = context.WithoutCancel(ctx)
	return repo.WriteSession(ctx, w.v.rep, repo.WriteSessionOptions{Purpose: "unlist"}, func(ctx context.Context, rep repo.RepositoryWriter) error {
		return deleteSnapshots(ctx, rep, []backup.ID{id})
	})
}
