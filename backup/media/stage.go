package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"holdfast/backup"
)

// Stage makes job.Swap.Staged from a backup, compares it with the list and makes it durable.
func (f Folders) Stage(ctx context.Context, job backup.StageJob, parts backup.Parts, report func(files, bytes int64)) error {
	at := job.Swap.Staged
	if err := f.room(job); err != nil {
		return err
	}
	if err := os.Mkdir(at, 0o700); err != nil {
		return writeError(at, err)
	}
	err := mark(at)
	if err == nil {
		err = f.stage(ctx, job, parts, report)
	}
	if err != nil {
		return errors.Join(err, f.Remove(at))
	}
	job.Swap.Inode = inode(at)
	return nil
}

// room refuses before anything is written.
func (f Folders) room(job backup.StageJob) error {
	if f.Free == nil || len(job.Only) > 0 {
		return nil
	}
	at := filepath.Dir(job.Swap.Staged)
	free, err := f.Free(at)
	if err == nil && free < job.Folder.Bytes {
		err = backup.Errorf(backup.Failed, "Make room, or restore only some files: --media-path PATTERN", "the folder takes up to %s, and there are %s left at %s", backup.Units(job.Folder.Bytes), backup.Units(free), at)
	}
	return err
}

func (f Folders) stage(ctx context.Context, job backup.StageJob, parts backup.Parts, report func(files, bytes int64)) error {
	root, err := os.OpenRoot(job.Swap.Staged)
	if err != nil {
		return writeError(job.Swap.Staged, err)
	}
	defer func() { _ = root.Close() }() // a handle of the folder; files are closed by who writes them
	s := &stager{root: root, parts: parts, job: job, report: report, give: mayGive()}
	if job.Base != "" {
		if err := s.copyBase(ctx); err != nil {
			return err
		}
	}
	if err := s.fill(ctx); err != nil {
		return err
	}
	if err := s.join(ctx); err != nil {
		return err
	}
	if err := s.finish(); err != nil {
		return err
	}
	if err := s.compare(ctx); err != nil {
		return err
	}
	done, err := flushAll(root)
	if err == nil && !done {
		err = s.flushEach(ctx)
	}
	if err != nil {
		return err
	}
	return s.complete()
}

// stager fills one folder.
type stager struct {
	root   *os.Root
	parts  backup.Parts
	job    backup.StageJob
	report func(files, bytes int64)
	give   bool // files get the owners they had

	folders []backup.MediaEntry // whose modes and times are set when all is in them
	base    []backup.MediaEntry // folders of the copied one, the same
	hard    []backup.MediaEntry // files that are another one under a second name, made when that is there
	leading []string            // links that lead out of the folder
	made    backup.MediaFolder  // what was restored so far

	mu           sync.Mutex
	files, bytes int64
	bare         []string // files and folders whose attributes the disk does not keep
}

// chosen says whether an entry is to be restored.
func (s *stager) chosen(e backup.MediaEntry) bool {
	if len(s.job.Only) == 0 {
		return true
	}
	return s.job.Only.Covers(e)
}

// each gives f what is to be restored, parents first; folders only on the way to it have way set.
func (s *stager) each(ctx context.Context, f func(e backup.MediaEntry) error) error {
	var way []backup.MediaEntry // folders above the entry that were not given yet
	return backup.ReadMediaList(ctx, s.parts, s.job.Folder, func(e backup.MediaEntry) error {
		for len(way) > 0 && !below(way[len(way)-1].Path, e.Path) {
			way = way[:len(way)-1]
		}
		if !s.chosen(e) {
			if e.Type == backup.MediaSubdir {
				way = append(way, e)
			}
			return nil
		}
		for _, above := range way {
			if err := f(above); err != nil {
				return err
			}
		}
		way = way[:0]
		return f(e)
	})
}

// below says whether a path is in a folder; both are relative with slashes.
func below(folder, file string) bool {
	return folder == "." || strings.HasPrefix(file, folder+"/")
}

// fill makes folders and links in their order, and files a few at a time.
func (s *stager) fill(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(runtime.GOMAXPROCS(0), 4))
	err := s.each(ctx, func(e backup.MediaEntry) error {
		switch e.Type {
		case backup.MediaSubdir:
			s.made.Folders++
			made, err := s.mkdir(e)
			if made { // one of the copied folder keeps its own mode
				s.folders = append(s.folders, e)
			}
			return err
		case backup.MediaLink:
			s.made.Links++
			return s.link(e)
		case backup.MediaFile:
			s.made.Files, s.made.Bytes = s.made.Files+1, s.made.Bytes+e.Size
			if e.Hard != "" && s.chosen(backup.MediaEntry{Path: e.Hard, Type: backup.MediaFile}) {
				s.hard = append(s.hard, e)
				return nil
			}
			g.Go(func() error { return s.file(ctx, e) })
			return ctx.Err()
		}
		return backup.Errorf(backup.Damaged, "Use another backup.", "%s in the folder %s is of an unknown type %q", e.Path, s.job.Folder.Name, e.Type)
	})
	if waited := g.Wait(); waited != nil { // what stopped the list, if anything in it went wrong
		return waited
	}
	return err
}

func (s *stager) mkdir(e backup.MediaEntry) (made bool, err error) {
	if e.Path == "." {
		return s.job.Base == "", nil
	}
	err = s.root.Mkdir(filepath.FromSlash(e.Path), 0o700)
	if errors.Is(err, fs.ErrExist) && s.job.Base != "" {
		if info, statErr := s.root.Lstat(filepath.FromSlash(e.Path)); statErr == nil && info.IsDir() {
			return false, nil
		}
	}
	return err == nil, s.writeError(e.Path, err)
}

func (s *stager) link(e backup.MediaEntry) error {
	if out := path.Join(path.Dir(e.Path), filepath.ToSlash(e.Link)); filepath.IsAbs(e.Link) || out == ".." || strings.HasPrefix(out, "../") {
		s.leading = append(s.leading, e.Path)
	}
	if err := s.clear(e.Path); err != nil {
		return err
	}
	name := filepath.FromSlash(e.Path)
	err := s.root.Symlink(e.Link, name)
	if err == nil && s.give {
		err = s.root.Lchown(name, int(e.UID), int(e.GID))
	}
	if err == nil {
		err = setLinkTime(s.root, name, e.ModTime)
	}
	return s.writeError(e.Path, err)
}

// clear makes room for a chosen file in a copy of the present folder.
func (s *stager) clear(file string) error {
	if s.job.Base == "" {
		return nil
	}
	err := s.root.Remove(filepath.FromSlash(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.writeError(file, err)
}

// file writes one file, with holes where it has nothing but zeros.
func (s *stager) file(ctx context.Context, e backup.MediaEntry) (err error) {
	in, err := s.parts.Open(ctx, s.job.Folder.Part(e.Path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := s.clear(e.Path); err != nil {
		return err
	}
	name := filepath.FromSlash(e.Path)
	out, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return s.writeError(e.Path, err)
	}
	n, err := copySparse(ctx, out, in, func(n int64) { s.count(0, n) })
	if err == nil && n != e.Size {
		err = backup.Errorf(backup.Damaged, "Use another backup.", "%s in the folder %s has %d bytes; the list says %d", e.Path, s.job.Folder.Name, n, e.Size)
	}
	if err == nil && s.give {
		err = out.Chown(int(e.UID), int(e.GID))
	}
	if err == nil {
		s.dress(out, e) // before the mode, which may forbid it
		err = out.Chmod(fs.FileMode(e.Mode))
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return s.writeError(e.Path, err)
	}
	s.count(1, 0)
	return s.writeError(e.Path, s.root.Chtimes(name, e.ModTime, e.ModTime))
}

func (s *stager) count(files, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.bytes = s.files+files, s.bytes+bytes
	if s.report != nil {
		s.report(s.files, s.bytes)
	}
}

// compare looks at everything that was made, and compares it with the list and the manifest.
func (s *stager) compare(ctx context.Context) error {
	want := s.job.Folder
	if len(s.job.Only) == 0 && (s.made.Files != want.Files || s.made.Links != want.Links || s.made.Folders != want.Folders || s.made.Bytes != want.Bytes) {
		return backup.Errorf(backup.Damaged, "Use another backup.", "the list of the folder %s has %d files with %d bytes; the manifest says %d with %d", want.Name, s.made.Files, s.made.Bytes, want.Files, want.Bytes)
	}
	err := s.each(ctx, func(e backup.MediaEntry) error {
		if e.Path == "." {
			return nil // it is finished last
		}
		info, err := s.root.Lstat(filepath.FromSlash(e.Path))
		if err != nil {
			return s.writeError(e.Path, err)
		}
		if !alike(e, info) && (s.job.Base == "" || e.Type != backup.MediaSubdir || !info.IsDir()) {
			return backup.Errorf(backup.Failed, "Are names that differ only in case in that folder, or does the disk keep no modes? Choose single files: --media-path PATTERN", "%s in the restored folder %s is not what the backup has", e.Path, want.Name)
		}
		return nil
	})
	if len(s.leading) > 0 {
		s.job.Swap.Warned = append(s.job.Swap.Warned, fmt.Sprintf("%d links in %s lead out of the folder; they are restored as they were: %s", len(s.leading), s.job.Swap.Path, some(s.leading)))
	}
	if len(s.bare) > 0 {
		s.job.Swap.Warned = append(s.job.Swap.Warned, fmt.Sprintf("the disk of %s does not keep the extended attributes or access lists of %d files and folders: %s", s.job.Swap.Path, len(s.bare), some(s.bare)))
	}
	s.job.Swap.Files, s.job.Swap.Bytes = s.made.Files, s.made.Bytes
	return err
}

// alike compares what is on the disk with a line of the list. A link has no time that could be set.
func alike(e backup.MediaEntry, info fs.FileInfo) bool {
	const bits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	switch e.Type {
	case backup.MediaLink:
		return info.Mode()&fs.ModeSymlink != 0
	case backup.MediaSubdir:
		return info.IsDir() && info.Mode()&bits == fs.FileMode(e.Mode)&bits
	}
	return info.Mode().IsRegular() && info.Size() == e.Size && info.Mode()&bits == fs.FileMode(e.Mode)&bits && info.ModTime().Equal(e.ModTime)
}

// flushEach is for systems that cannot flush all at once.
func (s *stager) flushEach(ctx context.Context) error {
	return s.each(ctx, func(e backup.MediaEntry) error {
		if e.Type == backup.MediaLink {
			return nil
		}
		f, err := s.root.Open(filepath.FromSlash(e.Path))
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		return s.writeError(e.Path, err)
	})
}

// shownNames is how many names a sentence repeats.
const shownNames = 3

func some(names []string) string {
	if len(names) > shownNames {
		return strings.Join(names[:shownNames], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func (s *stager) writeError(file string, err error) error {
	return writeError(filepath.Join(s.job.Swap.Staged, filepath.FromSlash(file)), err)
}

// writeError says what could not be written; what is known already stays as it is.
func writeError(at string, err error) error {
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[*backup.Error](err); known || errors.Is(err, context.Canceled) {
		return err
	}
	e := &backup.Error{Kind: backup.Failed, Text: "cannot write " + at + ": " + err.Error(), Hint: "Nothing that was there is changed. May you write there?", Err: err}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		e.Text, e.Hint = "the disk of "+at+" is full", "Nothing that was there is changed. Make room, then restore again."
	case errors.Is(err, fs.ErrExist):
		e.Text, e.Hint = "two names in the backup are one on this disk: "+at, "Nothing that was there is changed. Restore single files (--media-path), or to a disk that tells upper from lower case."
	case errors.Is(err, syscall.ENAMETOOLONG):
		e.Hint = "Nothing that was there is changed. Restore to a disk that takes such long names."
	}
	return e
}

// copySparse copies, and leaves holes for long runs of zeros.
func copySparse(ctx context.Context, out *os.File, in io.Reader, count func(int64)) (int64, error) {
	buf := make([]byte, 128<<10)
	var size int64
	for {
		n, err := io.ReadFull(in, buf)
		if n > 0 {
			if writeErr := writeBlock(out, buf[:n], size); writeErr != nil {
				return size, writeErr
			}
			size += int64(n)
			count(int64(n))
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return size, out.Truncate(size)
		case err != nil:
			return size, err
		case ctx.Err() != nil:
			return size, ctx.Err()
		}
	}
}

func writeBlock(out *os.File, block []byte, at int64) error {
	for _, b := range block {
		if b != 0 {
			_, err := out.WriteAt(block, at)
			return err
		}
	}
	return nil
}
