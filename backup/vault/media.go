package vault

import (
	"context"
	"encoding/json"
	"errors"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/manifest"
	"github.com/kopia/kopia/snapshot"
	"github.com/kopia/kopia/snapshot/policy"
	"github.com/kopia/kopia/snapshot/upload"

	"holdfast/backup"
)

// AddFolder stores a folder below media/, with a list of its contents. Files that are as they were
// in job.Previous are not read again.
func (w *writer) AddFolder(ctx context.Context, job backup.MediaJob, report func(files, bytes int64)) (backup.MediaFolder, error) {
	f, err := w.addFolder(ctx, job, report)
	return f, explain("store the folder "+job.Path, err)
}

func (w *writer) addFolder(ctx context.Context, job backup.MediaJob, report func(files, bytes int64)) (backup.MediaFolder, error) {
	f := backup.MediaFolder{Name: job.Name, Path: job.Path}
	if err := w.mayAdd(job); err != nil {
		return f, err
	}
	root, err := os.OpenRoot(job.Path)
	if err != nil {
		return f, folderError(job.Path, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	src := &source{root: root, exclude: job.Exclude, facts: newFacts()}
	entry, err := w.upload(ctx, src, job, report)
	if err != nil {
		return f, err
	}
	entry.Name = job.Name
	if err := w.writeList(ctx, &f, entry, src.facts); err != nil {
		return f, err
	}
	f.Excluded, f.Skipped, f.Notes = src.facts.excluded, src.facts.skipped, src.facts.notes
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return f, errEnded
	}
	w.media = append(w.media, entry)
	return f, nil
}

// mayAdd refuses names that are none, and folders that the vault would eat its own tail with.
func (w *writer) mayAdd(job backup.MediaJob) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if job.Name == "" || job.Name == "." || job.Name == ".." || strings.ContainsAny(job.Name, "/\\\x00") {
		return backup.Errorf(backup.Failed, "", "%q is no name for a folder", job.Name)
	}
	for _, had := range w.media {
		if had.Name == job.Name {
			return backup.Errorf(backup.Failed, "", "the folder %s is there twice", job.Name)
		}
	}
	if within(job.Path, w.v.opts.Path) || within(w.v.opts.Path, job.Path) {
		return backup.Errorf(backup.Usage, "Take it out of the sandbox: holdfast sandbox edit NAME --media DIR", "the folder %s and the vault are inside each other", job.Path)
	}
	return nil
}

// within says whether a path is root or below it, as the names say.
func within(root, at string) bool {
	rel, err := filepath.Rel(root, at)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func folderError(at string, err error) error {
	why := sourceError{err}.words()
	if errors.Is(err, iofs.ErrNotExist) {
		why = "it is not there"
	}
	return &backup.Error{Kind: backup.Failed, Text: "the folder " + at + " cannot be stored: " + why, Hint: "Is it there, and yours to read? Else change the sandbox: holdfast sandbox edit NAME --media DIR", Err: err}
}

// upload lets Kopia store what src has.
func (w *writer) upload(ctx context.Context, src *source, job backup.MediaJob, report func(files, bytes int64)) (*snapshot.DirEntry, error) {
	info, err := src.root.Stat(".")
	if err != nil {
		return nil, folderError(job.Path, err)
	}
	u := upload.NewUploader(noManifests{w.rep})
	u.ParallelUploads = min(runtime.GOMAXPROCS(0), 4)
	u.EnableActions, u.DisableIgnoreRules = false, true
	p := &uploadProgress{facts: src.facts, stop: u.Cancel, report: report}
	u.Progress = p
	defer context.AfterFunc(ctx, u.Cancel)()
	var previous []*snapshot.Manifest
	if before := w.previous(ctx, job); before != nil {
		previous = append(previous, before)
	}
	src.keep(".", info)
	done, err := u.Upload(ctx, &sourceDir{sourceEntry{src: src, path: ".", info: info}}, mediaPolicy(), snapshot.SourceInfo{Host: w.v.opts.Host, UserName: userName, Path: "/media"}, previous...)
	wrong, fromSource := errors.AsType[sourceError](err)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case p.failed() != nil:
		return nil, p.failed()
	case fromSource:
		return nil, folderError(job.Path, wrong.error)
	case err != nil:
		return nil, err
	case done.IncompleteReason != "" || done.RootEntry == nil:
		return nil, errors.New("the folder was not stored whole: " + done.IncompleteReason)
	}
	return done.RootEntry.Clone(), nil
}

// mediaPolicy goes on where a file cannot be read; what cannot be written stops the upload, see
// uploadProgress.Error.
func mediaPolicy() *policy.Tree {
	p := *policy.DefaultPolicy
	p.CompressionPolicy.CompressorName = compressor
	p.MetadataCompressionPolicy.CompressorName = compressor
	p.UploadPolicy = policy.UploadPolicy{}
	yes := policy.NewOptionalBool(true)
	p.ErrorHandlingPolicy = policy.ErrorHandlingPolicy{IgnoreFileErrors: yes, IgnoreDirectoryErrors: yes, IgnoreUnknownTypes: yes}
	return policy.BuildTree(nil, &p)
}

// noManifests keeps the uploader from listing checkpoints of its own, and from pruning by Kopia's
// rules, after three quarters of an hour.
type noManifests struct{ repo.RepositoryWriter }

func (noManifests) PutManifest(context.Context, map[string]string, any) (manifest.ID, error) {
	return "", nil
}

func (noManifests) ReplaceManifests(context.Context, map[string]string, any) (manifest.ID, error) {
	return "", nil
}

func (noManifests) FindManifests(context.Context, map[string]string) ([]*manifest.EntryMetadata, error) {
	return nil, nil
}

// uploadProgress hears what the uploader does.
type uploadProgress struct {
	upload.NullUploadProgress

	facts  *facts
	stop   func()
	report func(files, bytes int64)

	mu           sync.Mutex
	files, bytes int64
	err          error
}

// Error tells trouble with a file, which is noted, from trouble with the vault, which ends the run.
func (p *uploadProgress) Error(file string, err error, _ bool) {
	if wrong, ok := errors.AsType[sourceError](err); ok {
		p.facts.note(file, wrong.words())
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
	p.stop()
}

func (p *uploadProgress) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// CachedFile counts a file that need not be read again.
func (p *uploadProgress) CachedFile(_ string, size int64) { p.add(0, size) }

// HashedBytes counts what was read.
func (p *uploadProgress) HashedBytes(n int64) { p.add(0, n) }

// FinishedFile counts files.
func (p *uploadProgress) FinishedFile(string, error) { p.add(1, 0) }

func (p *uploadProgress) add(files, bytes int64) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files, p.bytes = p.files+files, p.bytes+bytes
	p.report(p.files, p.bytes)
}

// previous gives the same folder as an earlier backup has it; nil when there is none that can be
// read. Then everything is read again, and what the vault has already is not stored twice.
func (w *writer) previous(ctx context.Context, job backup.MediaJob) *snapshot.Manifest {
	if job.Previous == "" || w.doubt || w.afresh != "" {
		return nil
	}
	s, err := w.v.find(ctx, job.Previous)
	if err != nil {
		return nil
	}
	m, err := w.v.readManifest(ctx, s)
	if err != nil {
		return nil
	}
	for i := range m.Media {
		if m.Media[i].Path != job.Path {
			continue
		}
		entry, err := descend(ctx, w.rep, s.RootEntry, backup.DirMedia, m.Media[i].Name)
		if err != nil {
			return nil
		}
		return &snapshot.Manifest{RootEntry: entry}
	}
	return nil
}

// descend finds an entry below a stored folder.
func descend(ctx context.Context, rep repo.Repository, from *snapshot.DirEntry, steps ...string) (*snapshot.DirEntry, error) {
	for _, step := range steps {
		var m snapshot.DirManifest
		if err := readJSON(ctx, rep, from.ObjectID, &m); err != nil {
			return nil, err
		}
		from = nil
		for _, e := range m.Entries {
			if e.Name == step {
				from = e
			}
		}
		if from == nil {
			return nil, damaged(nil, hintVerify, "the backup has no "+step)
		}
	}
	return from, nil
}

// writeList stores the list of what the folder holds, with what else is known of it, and sums it up
// in f.
func (w *writer) writeList(ctx context.Context, f *backup.MediaFolder, root *snapshot.DirEntry, known *facts) error {
	p, err := w.create(ctx, f.List())
	if err != nil {
		return err
	}
	defer p.Discard()
	lines := json.NewEncoder(p)
	lines.SetEscapeHTML(false)
	firsts := map[fileID]backup.MediaEntry{}
	err = eachStored(ctx, w.rep, root, ".", func(e backup.MediaEntry) error {
		switch e.Type {
		case backup.MediaSubdir:
			f.Folders++
		case backup.MediaLink:
			f.Links++
		default:
			f.Files, f.Bytes = f.Files+1, f.Bytes+e.Size
			if e.Hard = known.sameAs(e, firsts); e.Hard != "" {
				f.Hard++
			}
		}
		e.Attributes = known.attributes[e.Path]
		return lines.Encode(e)
	})
	if err != nil {
		return err
	}
	return p.Seal()
}

// sameAs gives the name under which a file is in the list already; "" when it is not, or was changed
// between its names.
func (f *facts) sameAs(e backup.MediaEntry, firsts map[fileID]backup.MediaEntry) string {
	id, shared := f.shared[e.Path]
	if !shared {
		return ""
	}
	first, had := firsts[id]
	if !had {
		firsts[id] = e
		return ""
	}
	if first.Size != e.Size || first.Mode != e.Mode || !first.ModTime.Equal(e.ModTime) {
		return ""
	}
	return first.Path
}

// eachStored gives f a stored folder and all that is in it, parents first.
func eachStored(ctx context.Context, rep repo.Repository, at *snapshot.DirEntry, name string, f func(backup.MediaEntry) error) error {
	e := backup.MediaEntry{
		Path: name, Type: backup.MediaFile, Size: at.FileSize, Mode: backup.MediaMode(at.Permissions),
		ModTime: at.ModTime.ToTime().UTC(), UID: at.UserID, GID: at.GroupID,
	}
	if at.Type == snapshot.EntryTypeDirectory {
		e.Type, e.Size = backup.MediaSubdir, 0
	}
	if at.Type == snapshot.EntryTypeSymlink {
		text, err := readObject(ctx, rep, at.ObjectID)
		if err != nil {
			return err
		}
		e.Type, e.Link = backup.MediaLink, string(text)
	}
	if err := f(e); err != nil || at.Type != snapshot.EntryTypeDirectory {
		return err
	}
	var m snapshot.DirManifest
	if err := readJSON(ctx, rep, at.ObjectID, &m); err != nil {
		return err
	}
	for _, child := range m.Entries {
		if err := eachStored(ctx, rep, child, path.Join(name, child.Name), f); err != nil {
			return err
		}
	}
	return ctx.Err()
}
