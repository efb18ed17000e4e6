package backup

import (
	"path"
	"strings"
)

// Exclusion says which files and folders of a media folder are left out of backups. A pattern has
// * ? and […] as in a shell; without a slash it is about names at any depth, with one about paths
// from the media folder on; one that ends in a slash is about folders only.
type Exclusion []string

// DefaultExclusion leaves out what tools make again by themselves.
func DefaultExclusion() Exclusion {
	return Exclusion{"node_modules/", "__pycache__/", ".cache/", ".DS_Store", "Thumbs.db"}
}

// Validate refuses patterns that can never match.
func (x Exclusion) Validate() error {
	for _, pattern := range x {
		if _, err := path.Match(strings.Trim(pattern, "/"), "x"); err != nil || strings.Trim(pattern, "/") == "" {
			return Errorf(Usage, "Use names with * and ?, such as *.tmp or node_modules/.", "%q is no pattern of files to leave out", pattern)
		}
	}
	return nil
}

// In gives those patterns that count in one of the folders of a backup: those that name no folder,
// and those that begin with its name and a colon, without these. names are all the folders' names; of
// two that could be meant the longer one is.
func (x Exclusion) In(folder string, names []string) Exclusion {
	var here Exclusion
	for _, pattern := range x {
		of, rest := "", pattern
		for _, name := range names {
			if cut, ok := strings.CutPrefix(pattern, name+":"); ok && len(name) > len(of) {
				of, rest = name, cut
			}
		}
		if of == "" || of == folder {
			here = append(here, rest)
		}
	}
	return here
}

// Covers says whether a pattern is about the entry, or about a folder that it is in.
func (x Exclusion) Covers(e MediaEntry) bool {
	for at, isDir := e.Path, e.Type == MediaSubdir; at != "."; at, isDir = path.Dir(at), true {
		if x.Excludes(at, isDir) {
			return true
		}
	}
	return false
}

// Excludes says whether a pattern is about the file or folder; file is relative to the media
// folder, with slashes.
func (x Exclusion) Excludes(file string, isDir bool) bool {
	for _, pattern := range x {
		if strings.HasSuffix(pattern, "/") && !isDir {
			continue
		}
		pattern = strings.TrimSuffix(pattern, "/")
		subject := file
		if !strings.Contains(pattern, "/") {
			subject = path.Base(file)
		}
		if hit, err := path.Match(strings.TrimPrefix(pattern, "/"), subject); err == nil && hit {
			return true
		}
	}
	return false
}
