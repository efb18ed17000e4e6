package backup

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// choose fills in what is to be restored, and refuses what does not go together.
func (req *RestoreRequest) choose(b *Backup) error {
	databaseOnly := len(req.Tables) > 0 || req.ToDatabase != "" || req.InPlace
	mediaOnly := len(req.MediaOnly) > 0 || req.Beside
	if req.What == "" {
		req.What = b.What
		switch {
		case databaseOnly || req.What == "":
			req.What = ScopeDatabase
		case mediaOnly:
			req.What = ScopeMedia
		}
	}
	if holdsDatabase(req.What) {
		if err := req.Target.NeedsDatabase("Restore only folders into it, --what media, or choose another --target."); err != nil {
			return err
		}
	}
	switch {
	case !slices.Contains([]Scope{ScopeDatabase, ScopeMedia, ScopeBoth}, req.What):
		return Errorf(Usage, "Choose database, media or both.", "there is no %q to restore", string(req.What))
	case holdsDatabase(req.What) && !b.Holds(ScopeDatabase), holdsMedia(req.What) && !b.Holds(ScopeMedia):
		return Errorf(Usage, "See: holdfast backup list "+b.Sandbox, "the backup %s holds only the %s", b.ID, map[bool]string{true: "folders", false: "database"}[b.What == ScopeMedia])
	case databaseOnly && req.What != ScopeDatabase:
		return Errorf(Usage, "Restore the folders apart: --what media", "single tables, a new database and --in-place are about the database only")
	case mediaOnly && req.What != ScopeMedia:
		return Errorf(Usage, "Restore the database apart: --what database", "chosen files and --beside are about the folders only")
	}
	return req.validateOnly(b)
}

// validateOnly refuses patterns that can never match, also behind the name of a folder.
func (req *RestoreRequest) validateOnly(b *Backup) error {
	err := req.MediaOnly.Validate()
	names := folderNames(b.Media)
	for i := 0; i < len(names) && err == nil; i++ {
		err = req.MediaOnly.In(names[i], names).Validate()
	}
	return err
}

// folderNames gives the names of folders, which tell them apart in a backup.
func folderNames(folders []MediaFolder) []string {
	names := make([]string, len(folders))
	for i := range folders {
		names[i] = folders[i].Name
	}
	return names
}

// lookInside reads the manifest, and finds out where the folders go.
func (r *Restorer) lookInside(ctx context.Context, req *RestoreRequest, b *Backup) (m *Manifest, err error) {
	parts, err := r.Runner.Read(ctx, b.ID, req.Wait)
	if err != nil {
		return nil, err
	}
	defer func() { err = firstError(err, parts.Close()) }()
	m = parts.Manifest()
	if !holdsMedia(req.What) {
		return m, nil
	}
	for i := range m.Media {
		f := m.Media[i]
		only := req.MediaOnly.In(f.Name, folderNames(m.Media))
		if len(req.MediaOnly) > 0 {
			if err := f.narrow(ctx, parts, only); err != nil {
				return nil, err
			}
		}
		if f.Files+f.Links+f.Folders == 0 {
			continue
		}
		swap, err := r.placeOf(*req, b, &f)
		if err != nil {
			return nil, err
		}
		req.folders, req.only, req.swaps = append(req.folders, m.Media[i]), append(req.only, only), append(req.swaps, swap)
	}
	if len(req.swaps) == 0 {
		return nil, Errorf(Usage, "Patterns are about names, or with a slash about whole paths from the folder on: --media-path 'pictures/2026/*'; one of several folders is named before a colon: --media-path 'uploads:pictures/2026/*'", "no file in the folders of the backup is like that")
	}
	return m, nil
}

// narrow counts only what patterns choose.
func (f *MediaFolder) narrow(ctx context.Context, parts Parts, only Exclusion) error {
	some := MediaFolder{Name: f.Name, Path: f.Path}
	err := ReadMediaList(ctx, parts, f, func(e MediaEntry) error {
		switch {
		case !only.Covers(e):
		case e.Type == MediaFile:
			some.Files, some.Bytes = some.Files+1, some.Bytes+e.Size
		case e.Type == MediaLink:
			some.Links++
		default:
			some.Folders++
		}
		return nil
	})
	*f = some
	return err
}

// placeOf says where one folder goes: to the target's folder with the same path, else with the
// same name; or beside that.
func (r *Restorer) placeOf(req RestoreRequest, b *Backup, f *MediaFolder) (FolderSwap, error) {
	swap := FolderSwap{Name: f.Name, Files: f.Files, Bytes: f.Bytes}
	i := slices.Index(req.Target.Media, f.Path)
	if i < 0 {
		i = slices.Index(MediaNames(req.Target.Media), f.Name)
	}
	switch {
	case i >= 0:
		swap.Path = req.Target.Media[i]
	case req.Beside && req.Target.Name == b.Sandbox:
		swap.Path = f.Path
	default:
		return swap, Errorf(Refused, "Name it first: holdfast sandbox edit "+req.Target.Name+" --media DIR. Or restore beside it: --beside",
			"the sandbox %s has no folder %s", req.Target.Name, f.Name)
	}
	if req.Beside {
		swap.Path = cutPath(swap.Path, "_from_"+b.Started.UTC().Format("20060102_150405"))
	}
	_, exists, err := r.Folders.Look(swap.Path)
	if err == nil && exists && req.Beside {
		err = Errorf(Usage, "Move it away first.", "%s is there already", swap.Path)
	}
	if exists {
		swap.Aside = "later" // named by journal
	}
	return swap, err
}

// journal names what the folders' restore will make.
func (req *RestoreRequest) journal(run ID, now time.Time) []FolderSwap {
	for i := range req.swaps {
		s := &req.swaps[i]
		s.Staged = filepath.Join(filepath.Dir(s.Path), "."+filepath.Base(cutPath(s.Path, "_restoring_"+string(run))))
		if s.Aside != "" {
			s.Aside = asidePath(s.Path, now)
		}
	}
	return req.swaps
}

// asidePath names what was a folder: its own name and the moment.
func asidePath(path string, at time.Time) string {
	return cutPath(path, "_before_"+strings.Replace(at.UTC().Format("20060102_150405.000"), ".", "_", 1))
}

// maxBase is the longest file name, in bytes, that every common file system keeps.
const maxBase = 240

// cutPath adds a suffix to a path's last step, which is cut so that both fit.
func cutPath(path, suffix string) string {
	base := filepath.Base(path)
	if len(base)+len(suffix) > maxBase {
		base = strings.ToValidUTF8(base[:maxBase-len(suffix)], "")
	}
	return filepath.Join(filepath.Dir(path), base+suffix)
}

// present says what there is to be saved first, of the target that it gives back.
func (req *RestoreRequest) present(target Target) (Scope, Sandbox) {
	s, what := req.Target, Scope("")
	s.Media = nil
	for i := range req.swaps {
		if req.swaps[i].Aside != "" {
			s.Media = append(s.Media, req.swaps[i].Path)
		}
	}
	if holdsDatabase(req.What) && target.Exists {
		what = ScopeDatabase
	}
	switch {
	case len(s.Media) == 0:
	case what == ScopeDatabase:
		what = ScopeBoth
	default:
		what = ScopeMedia
	}
	return what, s
}

// saved notes of which folders the pre-restore backup has everything.
func (rec *Restore) saved(b *Backup) {
	for i := range rec.Media {
		s := &rec.Media[i]
		for _, f := range b.Media {
			if f.Path != s.Path {
				continue
			}
			s.Whole = f.Whole()
			if f.Excluded > 0 {
				s.Warned = append(s.Warned, fmt.Sprintf("%d entries of %s that patterns leave out of backups are not in the restored folder; they stay in %s", f.Excluded, s.Path, s.Aside))
			}
		}
	}
}

// describeMedia puts into words what becomes of the folders.
func (r *Restorer) describeMedia(req RestoreRequest, b *Backup) (what, loss string) {
	if len(req.swaps) == 0 {
		return "", ""
	}
	verb := "Replace"
	if len(req.MediaOnly) > 0 {
		verb = "Replace chosen files in"
	}
	var lines []string
	replaced := false
	for _, s := range req.swaps {
		replaced = replaced || s.Aside != ""
		lines = append(lines, fmt.Sprintf("%s (%s, %s)", s.Path, Counted(s.Files, "file", "files"), Units(s.Bytes)))
	}
	if !replaced {
		verb = "Make"
	}
	what = fmt.Sprintf("%s the folder %s, from the backup of %s from %s", verb, strings.Join(lines, " and "), b.Sandbox, b.Started.In(r.zone()).Format("2 January 2006 15:04 MST"))
	if replaced {
		loss = "The folder that is there is saved first, and kept under another name for undo. Programs that have files open in it go on with the old ones until they are restarted."
	}
	return what, loss
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return strings.TrimSuffix(a, ".") + ". " + b
}

// reserveAll keeps others away from all that is to be replaced.
func (r *Restorer) reserveAll(ctx context.Context, req RestoreRequest, target Target) (release func(), err error) {
	release = func() {}
	if holdsDatabase(req.What) {
		if release, err = r.reserve(ctx, req, target); err != nil {
			return nil, err
		}
	}
	return r.reserveFolders(release, req.swaps)
}

// reserveFolders reserves folders besides what release gives up.
func (r *Restorer) reserveFolders(release func(), swaps []FolderSwap) (func(), error) {
	had := map[string]bool{}
	for _, s := range swaps {
		if above := filepath.Dir(s.Path); had[above] {
			continue
		}
		had[filepath.Dir(s.Path)] = true
		before := release
		mine, err := r.Folders.Reserve(s.Path)
		if err != nil {
			before()
			return nil, err
		}
		release = func() {
			mine()
			before()
		}
	}
	return release, nil
}
