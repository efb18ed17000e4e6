package controller

import (
	"context"
	"strings"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// filesShown is how many files of a backup are listed at a time.
const filesShown = 500

// BackUpOf takes a backup of the database, of the folders, or of both.
func (c *Controller) BackUpOf(sandbox string, what backup.Scope, note string) {
	kind := runBackup
	if what == backup.ScopeMedia {
		kind = runOther
	}
	c.jobOf(kind, sandbox, lang.L("Backing up {{.Name}}", values{"Name": sandbox}), lang.L("Back up now"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.SavePoint(ctx, sandbox, what, note, queueTime)
		return err
	})
}

// readMedia reads what the section about folders shows.
func (c *Controller) readMedia(e *engine.Engine, s backup.Sandbox, b *views.Sandbox) error {
	newest, err := e.NewestMedia(c.life, s.Name)
	b.Media = &views.Media{Folders: s.Media, Exclude: s.MediaExclude, Takes: e.ScheduledScope(s.Name), Newest: newest}
	return err
}

// SetMedia changes the folders of a sandbox and what is left out of them.
func (c *Controller) SetMedia(sandbox string, folders, exclude []string) {
	c.edit(sandbox, lang.L("Change the folders"), func(ctx context.Context, e *engine.Engine) error {
		return e.SetMedia(ctx, sandbox, folders, exclude)
	})
}

// SetTakes changes what scheduled backups of a sandbox take.
func (c *Controller) SetTakes(sandbox string, what backup.Scope) {
	c.edit(sandbox, lang.L("Change the schedule"), func(ctx context.Context, e *engine.Engine) error {
		return e.SetScheduledScope(ctx, sandbox, what)
	})
}

// CompareFolders compares only the folders of a backup with those of a sandbox as they are now.
func (c *Controller) CompareFolders(_ string, id backup.ID, target string) {
	c.compare(id, target, true, func(ctx context.Context, e *engine.Engine) (*backup.Comparison, error) {
		return e.CompareFolders(ctx, string(id), target, 0)
	})
}

// compare compares, and keeps what came of it for the target.
func (c *Controller) compare(id backup.ID, target string, folders bool, with func(context.Context, *engine.Engine) (*backup.Comparison, error)) {
	c.mu.Lock()
	delete(c.compared, target)
	c.mu.Unlock()
	c.job(target, lang.L("Comparing {{.Name}} with the backup", values{"Name": target}), lang.L("Compare"), func(ctx context.Context, e *engine.Engine) error {
		found, err := with(ctx, e)
		if err != nil {
			return err
		}
		c.mu.Lock()
		c.compared[target] = &views.Compared{Backup: id, Folders: folders, Result: *found}
		c.mu.Unlock()
		return nil
	})
}

// ListFiles reads the files of a backup whose path has text in it. What was asked for later is shown,
// whatever is read first.
func (c *Controller) ListFiles(sandbox string, id backup.ID, text string) {
	c.mu.Lock()
	now := &views.MediaFiles{Backup: id, Text: text, Reading: true}
	if old := c.files[sandbox]; old != nil && old.Backup == id {
		now.Files, now.All = old.Files, old.All
	}
	c.files[sandbox] = now
	c.mu.Unlock()
	c.show()
	c.running.Go(func() {
		read := &views.MediaFiles{Backup: id, Text: text}
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			found, all, err := e.MediaFiles(c.life, string(id), text, filesShown)
			for _, f := range found {
				read.Files = append(read.Files, views.File{Folder: f.Folder, Path: f.Path, Size: f.Size})
			}
			read.All = all
			return err
		})
		read.Problem = backup.FaultOf(err)
		c.mu.Lock()
		if c.files[sandbox] == now {
			c.files[sandbox] = read
		}
		c.mu.Unlock()
		c.show()
	})
}

// foldersVerb names what the gate's button does with folders; "" when they are not what is restored.
func foldersVerb(what views.Restoring, when string) string {
	with := values{"Name": what.Target, "When": when, "N": len(what.Files)}
	switch {
	case what.What != backup.ScopeMedia:
		return ""
	case what.Beside:
		return lang.L("Restore beside it", with)
	case len(what.Files) > 0:
		return lang.N("Replace {{.N}} files", len(what.Files), with)
	}
	return lang.L("Replace the folders of {{.Name}} with {{.When}}", with)
}

// keptOf names the database and the folders that a restore replaced; "" when it replaced nothing.
func keptOf(rec *backup.Restore) string {
	var all []string
	if rec.Replaced != "" {
		all = append(all, rec.Replaced)
	}
	for i := range rec.Media {
		if aside := rec.Media[i].Aside; aside != "" {
			all = append(all, aside)
		}
	}
	return strings.Join(all, ", ")
}

// restoredFolders gives the paths of the folders that were restored.
func restoredFolders(rec *backup.Restore) (paths []string) {
	for i := range rec.Media {
		paths = append(paths, rec.Media[i].Path)
	}
	return paths
}
