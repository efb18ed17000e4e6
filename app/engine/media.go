package engine

import (
	"os"
	"path/filepath"
	"strings"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// MediaPaths gives folders by their real, absolute paths: what links there are now is not followed
// again later. Each must be there.
func MediaPaths(folders []string) ([]string, error) {
	paths := make([]string, len(folders))
	for i, folder := range folders {
		abs, err := filepath.Abs(folder)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		info, statErr := os.Stat(abs)
		if err == nil {
			err = statErr
		}
		if err != nil {
			return nil, &backup.Error{Kind: backup.Usage, Text: "the folder " + folder + " cannot be backed up: " + err.Error(), Hint: "Name a folder that is there.", Err: err}
		}
		if !info.IsDir() {
			return nil, backup.Errorf(backup.Usage, "Name the folder that it is in.", "%s is not a folder", folder)
		}
		paths[i] = abs
	}
	return paths, nil
}

// checkMedia refuses folders that cannot be those of a sandbox.
func (e *Engine) checkMedia(s backup.Sandbox) error {
	if err := s.MediaExclude.Validate(); err != nil {
		return err
	}
	if s.FoldersOnly && len(s.Media) == 0 {
		return backup.Errorf(backup.Usage, "Name one with --media DIR.", "a sandbox without a database needs a folder")
	}
	for i, at := range s.Media {
		if !filepath.IsAbs(at) || filepath.Dir(at) == at {
			return backup.Errorf(backup.Usage, "Name a folder below it.", "the folder %s cannot be one of a sandbox's folders", at)
		}
		for _, ours := range []struct{ what, path string }{{"the vault", realPath(e.VaultPath())}, {"Holdfast's own folder", realPath(e.paths.Home)}} {
			if inside(at, ours.path) || inside(ours.path, at) {
				return backup.Errorf(backup.Usage, "Choose another folder.", "the folder %s and %s (%s) are inside each other", at, ours.what, ours.path)
			}
		}
		if err := e.checkHoldsNoBackups(at); err != nil {
			return err
		}
		for _, other := range s.Media[:i] {
			if inside(at, other) || inside(other, at) {
				return backup.Errorf(backup.Usage, "Name only the outer one.", "the folders %s and %s are inside each other", other, at)
			}
		}
	}
	return nil
}

// checkHoldsNoBackups refuses a folder of a sandbox that what is made of backups is written into.
func (e *Engine) checkHoldsNoBackups(folder string) error {
	for _, o := range e.config.Offsite {
		if o.Kind == mirror.Folder && inside(folder, realPath(o.Path)) {
			return backup.Errorf(backup.Usage, "Choose another folder: each backup would hold the copy.", "the off-site copy %s (%s) is in the folder %s", o.Name, o.Path, folder)
		}
	}
	for _, with := range e.Sandboxes() {
		if d := e.config.DownloadsOf(with.Name); d != nil && inside(folder, realPath(d.Folder)) {
			return backup.Errorf(backup.Usage, "Choose another folder: each backup would hold the downloads.", "the downloads of %s (%s) are in the folder %s", with.Name, d.Folder, folder)
		}
	}
	return nil
}

// checkVaultPlace refuses a place for the vault that is in a sandbox's folder, or around one: each backup
// would hold the ones before.
func (e *Engine) checkVaultPlace(path string) error {
	place := realPath(path)
	for _, s := range e.Sandboxes() {
		for _, folder := range s.Media {
			if inside(folder, place) || inside(place, folder) {
				return backup.Errorf(backup.Usage, "Choose another place, or take the folder out of the sandbox first: holdfast sandbox edit "+backup.ShellWord(s.Name)+" --media ''",
					"the vault's place %s and the folder %s of the sandbox %s are inside each other", place, folder, s.Name)
			}
		}
	}
	return nil
}

// checkCopyPlace refuses a place for a copy of the vault that is in the vault, or is backed up. In the
// vault's own folder, what opens it refuses.
func (e *Engine) checkCopyPlace(p mirror.Place) error {
	if p.Kind != mirror.Folder || realPath(p.Path) == realPath(e.VaultPath()) {
		return nil
	}
	return e.checkOutside(p.Path, "Choose another folder: each backup would hold the copy.")
}

// checkOutside refuses a folder for what is made of backups in the vault, or in a folder of a sandbox:
// each backup would hold the ones before.
func (e *Engine) checkOutside(folder, hint string) error {
	place := realPath(folder)
	if inside(realPath(e.VaultPath()), place) {
		return backup.Errorf(backup.Usage, "Choose another folder, on another disk.", "the folder %s is in the vault", place)
	}
	for _, s := range e.Sandboxes() {
		for _, media := range s.Media {
			if inside(media, place) {
				return backup.Errorf(backup.Usage, hint, "the place %s is in the folder %s of the sandbox %s", place, media, s.Name)
			}
		}
	}
	return nil
}

// realPath follows links as far as the path is there.
func realPath(path string) string {
	for head, tail := path, ""; ; {
		if found, err := filepath.EvalSymlinks(head); err == nil {
			return filepath.Join(found, tail)
		}
		if filepath.Dir(head) == head {
			return path
		}
		head, tail = filepath.Dir(head), filepath.Join(filepath.Base(head), tail)
	}
}

// inside says whether a path is folder or below it, as the names say.
func inside(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
