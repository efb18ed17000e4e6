package backup

import (
	"context"
	"fmt"
	"strings"
)

// complete fills in what the request leaves open, and refuses what makes no sense.
func (req *CreateRequest) complete() error {
	has := len(req.Sandbox.Media) > 0
	if err := validateNote(req.Note); err != nil {
		return err
	}
	if req.What == ScopeDatabase || req.What == ScopeBoth {
		if err := req.Sandbox.NeedsDatabase("Leave that out, or choose media. A database is a sandbox of its own: holdfast sandbox add NAME --dsn URL"); err != nil {
			return err
		}
	}
	switch req.What {
	case "":
		req.What = req.Sandbox.All()
	case ScopeDatabase:
	case ScopeMedia, ScopeBoth:
		if !has {
			return Errorf(Usage, "Name them first: holdfast sandbox edit "+req.Sandbox.Name+" --media DIR", "the sandbox %s has no folders", req.Sandbox.Name)
		}
	default:
		return Errorf(Usage, "Choose database, media or both.", "there is no %q to back up", string(req.What))
	}
	return nil
}

// Validate checks what can be checked of a request by itself.
func (req CreateRequest) Validate() error { return req.complete() }

func holdsDatabase(what Scope) bool { return what != ScopeMedia }

func holdsMedia(what Scope) bool { return what == ScopeMedia || what == ScopeBoth }

// noPreflight stands for the server's where no database is captured.
func noPreflight() (Preflight, error) { return Preflight{}, nil }

// captureAll captures what was asked for: the database first, for its snapshot is of one moment, and
// the folders as soon as that is done.
func (r *Runner) captureAll(ctx context.Context, req CreateRequest, w VaultWriter) (*Manifest, error) {
	m := &Manifest{Captured: r.Now().UTC()}
	if holdsDatabase(req.What) {
		var err error
		if m, err = r.Server.Capture(ctx, req.Sandbox, w, r.report); err != nil {
			return nil, err
		}
	}
	if holdsMedia(req.What) {
		return m, r.captureMedia(ctx, req, w, m)
	}
	return m, nil
}

// captureMedia stores the folders one after the other.
func (r *Runner) captureMedia(ctx context.Context, req CreateRequest, w VaultWriter, m *Manifest) error {
	previous, err := r.previousMedia(ctx, req.Sandbox.Name)
	if err != nil {
		return err
	}
	names := MediaNames(req.Sandbox.Media)
	for i, at := range req.Sandbox.Media {
		job := MediaJob{Name: names[i], Path: at, Exclude: req.Sandbox.MediaExclude, Previous: previous}
		f, err := w.AddFolder(ctx, job, func(files, bytes int64) {
			r.report(Progress{Stage: "folder " + names[i], Files: files, Bytes: bytes})
		})
		if err != nil {
			return err
		}
		m.Media = append(m.Media, f)
		if f.Skipped > 0 {
			r.warn(notesText(&f))
		}
	}
	return nil
}

// shownNotes is how many notes a warning repeats.
const shownNotes = 5

// notesText says what of a folder is not in the backup as it should be.
func notesText(f *MediaFolder) string {
	var b strings.Builder
	fmt.Fprintf(&b, "the folder %s: %d entries are not in the backup as they should be", f.Path, f.Skipped)
	for i, n := range f.Notes {
		if i == shownNotes {
			fmt.Fprintf(&b, "; and %d more, see: holdfast backup show", f.Skipped-shownNotes)
			break
		}
		fmt.Fprintf(&b, "; %s: %s", n.Path, n.Text)
	}
	return b.String()
}

// previousMedia names the newest backup of the sandbox whose files need not be stored again.
func (r *Runner) previousMedia(ctx context.Context, sandbox string) (ID, error) {
	all, err := r.Catalog.Backups(ctx, Query{Sandbox: sandbox})
	if err != nil {
		return "", err
	}
	for i := range all { // newest first
		if all[i].Restorable() && all[i].Holds(ScopeMedia) {
			return all[i].ID, nil
		}
	}
	return "", nil
}
