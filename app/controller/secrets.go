package controller

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// FindSecrets looks for the secret files of a sandbox. Their names and times are shown, never what is
// in them.
func (c *Controller) FindSecrets(sandbox string) {
	c.setSecrets(sandbox, func(s *views.Secrets) { *s = views.Secrets{Sandbox: sandbox, Looking: true} })
	c.running.Go(func() { c.findSecrets(sandbox, nil) })
}

// findSecrets looks, and shows what was found beside a problem of what went before.
func (c *Controller) findSecrets(sandbox string, before error) {
	var found views.Secrets
	err := c.approved(c.life, lang.L("Show the secret files"), nil, func(ctx context.Context, e *engine.Engine) error {
		list, notes, err := e.SecretFiles(ctx, sandbox)
		found = views.Secrets{Notes: notes}
		for _, f := range list {
			found.Files = append(found.Files, views.SecretFile{Path: f.Path, Modified: f.Modified, Exported: f.Exported, Changed: f.Changed, Problem: f.Problem})
		}
		if s, known := e.Sandbox(sandbox); known == nil {
			found.Watched = s.Secrets
		}
		return err
	})
	if before != nil {
		err = before
	}
	c.setSecrets(sandbox, func(s *views.Secrets) {
		s.Looking, s.Files, s.Notes, s.Watched = false, found.Files, found.Notes, found.Watched
		s.Problem = faultUnlessCancelled(err)
	})
}

func faultUnlessCancelled(err error) *backup.Fault {
	if err == nil || backup.KindOf(err) == backup.Cancelled {
		return nil
	}
	return backup.FaultOf(err)
}

// setSecrets changes what the wizard shows, as long as it is about this sandbox.
func (c *Controller) setSecrets(sandbox string, change func(*views.Secrets)) {
	c.mu.Lock()
	next := views.Secrets{}
	if c.secrets != nil {
		next = *c.secrets
	}
	change(&next)
	if next.Sandbox == sandbox {
		c.secrets = &next
	}
	c.mu.Unlock()
	c.show()
}

// WatchSecrets changes which files and patterns are secret files beside those in the code folders.
func (c *Controller) WatchSecrets(sandbox string, watched []string) {
	c.setSecrets(sandbox, func(s *views.Secrets) { s.Looking, s.Problem = true, nil })
	c.running.Go(func() {
		err := c.approved(c.life, lang.L("Change the sandbox"), nil, func(ctx context.Context, e *engine.Engine) error {
			s, err := e.Sandbox(sandbox)
			if err == nil {
				err = engine.SetPlaces(&s, nil, append([]string{}, watched...))
			}
			if err != nil {
				return err
			}
			_, err = e.EditSandbox(ctx, s, engine.PutSandbox{})
			return err
		})
		c.findSecrets(sandbox, err)
	})
}

// ExportSecrets writes secret files into one file, once a person approved.
func (c *Controller) ExportSecrets(what views.SecretsExport) {
	c.setSecrets(what.Sandbox, func(s *views.Secrets) { s.Busy, s.Problem = true, nil })
	c.running.Go(func() {
		var done *engine.ExportedSecrets
		err := c.approved(c.life, lang.L("Export the secrets"), nil, func(ctx context.Context, e *engine.Engine) (err error) {
			done, err = e.ExportSecrets(ctx, engine.ExportSecrets{Sandbox: what.Sandbox, Format: what.Format, Files: what.Files, Out: what.Out, Passphrase: what.Passphrase})
			if err == nil {
				_, _ = e.Scan(ctx) // else the reminder goes with the next look
			}
			return err
		})
		c.setSecrets(what.Sandbox, func(s *views.Secrets) {
			s.Busy, s.Problem = false, faultUnlessCancelled(err)
			if err == nil {
				s.Done = &views.SecretsDone{Path: done.Path, Format: string(done.Format), Hint: done.Hint, Plain: done.Plain, Files: len(done.Files)}
			}
		})
		c.reload()
	})
}

// DeleteExport removes the plain file that was written last, once it is imported.
func (c *Controller) DeleteExport(sandbox string) {
	c.mu.Lock()
	path := ""
	if s := c.secrets; s != nil && s.Sandbox == sandbox && s.Done != nil && s.Done.Plain {
		path = s.Done.Path
	}
	c.mu.Unlock()
	if path == "" {
		return
	}
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // the person did it
	}
	c.setSecrets(sandbox, func(s *views.Secrets) {
		if err != nil {
			s.Problem = &backup.Fault{Kind: backup.Failed, Text: lang.L("the plain file cannot be deleted: {{.Why}}", values{"Why": err}), Hint: lang.L("Delete it by hand.")}
			return
		}
		done := *s.Done
		done.Deleted, s.Done, s.Problem = true, &done, nil
	})
}

// EndSecrets forgets what the wizard showed.
func (c *Controller) EndSecrets() {
	c.mu.Lock()
	c.secrets = nil
	c.mu.Unlock()
	c.show()
}
