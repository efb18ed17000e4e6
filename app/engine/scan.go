package engine

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/backup/workspace"
)

// scanTime bounds one look through all folders.
const scanTime = 90 * time.Second

// Scan is what was seen in the folders of the sandboxes. It holds no secret.
type Scan struct {
	At        time.Time       `json:"at"`
	Sandboxes map[string]Seen `json:"sandboxes"`
}

// Seen is what was seen in the folders of one sandbox.
type Seen struct {
	Repositories []workspace.Repository `json:"repositories"`
	Secrets      []workspace.Secret     `json:"secrets"`
	Uncovered    []workspace.Uncovered  `json:"uncovered"`
	Partial      []string               `json:"partial"` // why this may not be all
}

// scannedFact remembers the last Scan.
const scannedFact = "scan of folders"

// Scan looks through the folders of all sandboxes, and remembers what it saw for Reminders.
func (e *Engine) Scan(ctx context.Context) (Scan, error) {
	ctx, stop := context.WithTimeout(ctx, scanTime)
	defer stop()
	scan := Scan{At: e.opts.Now().UTC(), Sandboxes: map[string]Seen{}}
	key, err := e.printKey(ctx)
	if err != nil {
		e.warn("secret files are not compared with what was exported: " + backup.AsError(err).Text)
	}
	for _, s := range e.Sandboxes() {
		scan.Sandboxes[s.Name] = look(ctx, s, key)
	}
	text, err := json.Marshal(scan)
	if err != nil {
		return scan, err
	}
	return scan, e.catalog.SetFact(context.WithoutCancel(ctx), scannedFact, string(text))
}

// look looks through the folders of one sandbox.
func look(ctx context.Context, s backup.Sandbox, key []byte) Seen {
	seen := Seen{Repositories: []workspace.Repository{}, Uncovered: []workspace.Uncovered{}, Partial: []string{}}
	paths := namedSecrets(s.Secrets)
	told := map[string]bool{}
	for _, folder := range s.Code {
		found := workspace.Search(ctx, folder, s.Media)
		paths = append(paths, found.Secrets...)
		seen.Uncovered = append(seen.Uncovered, found.Uncovered...)
		repositories, partial := workspace.Repositories(ctx, folder)
		for _, r := range repositories {
			if !told[r.Path] {
				seen.Repositories = append(seen.Repositories, r)
			}
			told[r.Path] = true
		}
		for _, text := range []string{found.Partial, partial} {
			if text != "" && !told[text] {
				seen.Partial = append(seen.Partial, text)
				told[text] = true
			}
		}
	}
	seen.Secrets = workspace.Secrets(paths, key)
	return seen
}

// Look looks through the folders of one sandbox and remembers nothing.
func (e *Engine) Look(ctx context.Context, s backup.Sandbox) Seen {
	ctx, stop := context.WithTimeout(ctx, scanTime)
	defer stop()
	return look(ctx, s, nil)
}

func (e *Engine) lastScan(ctx context.Context) (Scan, error) {
	var scan Scan
	text, err := e.catalog.Fact(ctx, scannedFact)
	if err != nil || text == "" {
		return scan, err
	}
	if json.Unmarshal([]byte(text), &scan) != nil {
		scan = Scan{} // another version's: the next look makes a new one
	}
	return scan, nil
}

// scanDue says whether the last look is so old that an unattended one should follow.
func (e *Engine) scanDue(ctx context.Context) (bool, error) {
	last, err := e.lastScan(ctx)
	now := e.opts.Now()
	return last.At.After(now) || now.Sub(last.At) >= scanEvery, err
}

// scanEvery is how often an unattended look is due.
const scanEvery = 6 * time.Hour

// SetPlaces gives s folders with code and secret files, as absolute real paths. nil leaves what is
// there.
func SetPlaces(s *backup.Sandbox, code, secrets []string) error {
	for _, place := range []struct {
		named []string
		clean func(string) (string, error)
		into  *[]string
	}{{code, workspace.CleanFolder, &s.Code}, {secrets, secretPlace, &s.Secrets}} {
		if place.named == nil {
			continue
		}
		*place.into = nil
		for _, path := range place.named {
			real, err := place.clean(path)
			if err != nil {
				return err
			}
			*place.into = append(*place.into, real)
		}
	}
	return nil
}

// isPattern says whether a person named no file, but files like it: /srv/shop/*.key
func isPattern(path string) bool {
	_, err := os.Lstat(path)
	return err != nil && strings.ContainsAny(filepath.Base(path), "*?[") && !strings.ContainsAny(filepath.Dir(path), "*?[")
}

// secretPlace gives the absolute, real path of a secret file, or of a pattern in a folder that is there.
func secretPlace(path string) (string, error) {
	if !isPattern(path) {
		return workspace.CleanFile(path)
	}
	if _, err := filepath.Match(filepath.Base(path), ""); err != nil {
		return "", backup.Errorf(backup.Usage, "Use * and ?, such as *.key", "%q is no pattern of files", path)
	}
	folder, err := workspace.CleanFolder(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}

// namedSecrets gives the files that a sandbox names, also by patterns.
func namedSecrets(named []string) (paths []string) {
	for _, path := range named {
		if !isPattern(path) {
			paths = append(paths, path)
			continue
		}
		found, _ := filepath.Glob(path) // a pattern that is none was refused
		for _, file := range found {
			if real, err := workspace.CleanFile(file); err == nil {
				paths = append(paths, real)
			}
		}
	}
	return paths
}
