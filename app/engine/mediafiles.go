package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
)

// MediaFile is one file of a backup's folders.
type MediaFile struct {
	Folder string // the folder's name in the backup
	Path   string // relative to the folder, with slashes
	Size   int64  // bytes
}

// MediaFiles gives the first most files and links of a backup's folders whose path has text in it,
// whatever the case, and how many there are of them altogether.
func (e *Engine) MediaFiles(ctx context.Context, ref, text string, most int) (files []MediaFile, all int64, err error) {
	b, err := e.ShowBackup(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	parts, err := e.runner.Read(ctx, b.ID, 0)
	if err != nil {
		return nil, 0, backup.WithOp("list the files of "+string(b.ID), err)
	}
	defer func() { err = firstOf(err, parts.Close()) }()
	text = strings.ToLower(strings.TrimSpace(text))
	m := parts.Manifest()
	for i := range m.Media {
		name := m.Media[i].Name
		err = backup.ReadMediaList(ctx, parts, &m.Media[i], func(entry backup.MediaEntry) error {
			if entry.Type == backup.MediaSubdir || !strings.Contains(strings.ToLower(name+"/"+entry.Path), text) {
				return nil
			}
			if all++; len(files) < most {
				files = append(files, MediaFile{Folder: name, Path: entry.Path, Size: sizeOf(entry)})
			}
			return nil
		})
		if err != nil {
			return nil, 0, backup.WithOp("list the files of "+string(b.ID), err)
		}
	}
	return files, all, nil
}

// sizeOf gives the bytes of a file; links have none that matter.
func sizeOf(entry backup.MediaEntry) int64 {
	if entry.Type == backup.MediaFile {
		return entry.Size
	}
	return 0
}

// CompareFolders compares only the folders of a backup with those of a sandbox as they are now; "" is
// the backup's own sandbox. The database is not read.
func (e *Engine) CompareFolders(ctx context.Context, ref, sandbox string, wait time.Duration) (*backup.Comparison, error) {
	b, s, c, err := e.beginComparison(ctx, ref, sandbox)
	if err != nil {
		return nil, err
	}
	return c, backup.WithOp("compare "+string(b.ID), e.compareFolders(ctx, s, b.ID, c, wait))
}

// NewestMedia gives the newest completed backup of a sandbox that holds folders and was not taken before
// a restore, with what it says of them; nil when there is none.
func (e *Engine) NewestMedia(ctx context.Context, sandbox string) (*backup.Backup, error) {
	all, err := e.History(ctx, backup.Query{Sandbox: sandbox})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(b backup.Backup) bool {
		return b.Status == backup.StatusCompleted && b.Trigger != backup.PreRestore && b.Holds(backup.ScopeMedia)
	})
	if at < 0 {
		return nil, nil //nolint:nilnil // most sandboxes have none
	}
	return e.catalog.Backup(ctx, all[at].ID)
}

// SetMedia changes the folders of a sandbox and what is left out of them. Folders become their real,
// absolute paths; each must be there, unless the sandbox has it already.
func (e *Engine) SetMedia(ctx context.Context, sandbox string, folders []string, exclude backup.Exclusion) error {
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return err
	}
	var all []string
	for _, folder := range folders {
		if slices.Contains(s.Media, folder) {
			all = append(all, folder)
			continue
		}
		found, err := MediaPaths([]string{folder})
		if err != nil {
			return backup.WithOp("edit sandbox "+sandbox, err)
		}
		if !slices.Contains(all, found[0]) {
			all = append(all, found[0])
		}
	}
	s.Media, s.MediaExclude = all, exclude
	_, err = e.EditSandbox(ctx, s, PutSandbox{})
	return err
}

// ScheduledScope says what scheduled runs of a sandbox take.
func (e *Engine) ScheduledScope(sandbox string) backup.Scope {
	for i := range e.config.Sandboxes {
		if e.config.Sandboxes[i].Name == sandbox {
			return scheduledScope(&e.config.Sandboxes[i])
		}
	}
	return backup.ScopeDatabase
}

// scheduledScope is what a sandbox's scheduled runs take: all that it has, unless a part was chosen. A
// choice that needs folders does not outlive the last of them.
func scheduledScope(s *config.Sandbox) backup.Scope {
	all := s.Domain().All()
	if all != backup.ScopeBoth || s.ScheduledWhat == "" {
		return all
	}
	return s.ScheduledWhat
}

// SetScheduledScope changes what scheduled runs of a sandbox take.
func (e *Engine) SetScheduledScope(ctx context.Context, sandbox string, what backup.Scope) error {
	op := "edit sandbox " + sandbox
	s, err := e.Sandbox(sandbox)
	if err == nil {
		err = backup.CreateRequest{Sandbox: s, What: what}.Validate()
	}
	if err != nil {
		return backup.WithOp(op, err)
	}
	return e.change(ctx, op, sandbox, func() error {
		return e.update(ctx, func(c *config.Config) error { return c.SetScheduledWhat(sandbox, what) })
	})
}
