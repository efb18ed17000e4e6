package controller

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// Compare compares a backup with the database of a sandbox as it is now.
func (c *Controller) Compare(_ string, id backup.ID, target string) {
	c.compare(id, target, false, func(ctx context.Context, e *engine.Engine) (*backup.Comparison, error) {
		return e.CompareWith(ctx, string(id), target, 0)
	})
}

// Restore brings a backup back.
func (c *Controller) Restore(what views.Restoring) { c.restore(what, engine.RestoreRequest{}) }

// GoUnsaved begins the restore again that stopped because the present state could not be saved.
func (c *Controller) GoUnsaved(sandbox string) {
	c.mu.Lock()
	what, ok := c.unsaved[sandbox]
	c.mu.Unlock()
	if ok {
		c.restore(what, engine.RestoreRequest{Unsaved: true})
	}
}

// GoReplacing begins the restore again that stopped because the server lacks roles or tablespaces: the
// roles are made, or what is theirs goes to the role that restores; the rest goes where the server puts it.
func (c *Controller) GoReplacing(sandbox string, makeRoles bool) {
	c.mu.Lock()
	what, ok := c.lacking[sandbox]
	c.mu.Unlock()
	roles := backup.RolesMapped
	if makeRoles {
		roles = backup.RolesCreated
	}
	if ok {
		c.restore(what, engine.RestoreRequest{Roles: roles, AnyTablespace: true})
	}
}

// restore begins one; req says what a person agreed to.
func (c *Controller) restore(what views.Restoring, req engine.RestoreRequest) {
	req.Ref, req.Target, req.ToDatabase, req.Tables = string(what.Backup), what.Target, what.NewDatabase, quotedNames(what.Tables)
	req.What, req.MediaOnly, req.Beside = what.What, views.MediaPatterns(what.Files, true), what.Beside
	kind := runOther
	if what.What != backup.ScopeMedia && what.NewDatabase == "" && len(what.Tables) == 0 && len(what.Files) == 0 && !what.Beside {
		kind = runRestore
	}
	c.jobOf(kind, what.Target, lang.L("Restoring {{.Name}}", values{"Name": what.Target}), c.restoreVerb(what), func(ctx context.Context, e *engine.Engine) error {
		b, err := e.Backup(ctx, req.Ref)
		if err != nil {
			return err
		}
		if req.What == "" && b.Holds(backup.ScopeDatabase) { // who asks speaks of the database
			req.What = backup.ScopeDatabase
		}
		rec, err := e.Restore(ctx, req)
		if err != nil {
			c.offerUnsaved(what, err)
			c.offerReplacing(what, err)
			return err
		}
		c.afterRestore(ctx, e, rec)
		c.ui.NotifyAt(lang.L("Restored {{.Name}}", values{"Name": what.Target}), c.restoredText(rec), views.Place{Sandbox: what.Target})
		return nil
	})
}

// quotedNames writes names as ParseTable reads them, whatever they hold.
func quotedNames(names []backup.Name) (texts []string) {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	for _, n := range names {
		texts = append(texts, quote(n.Schema)+"."+quote(n.Name))
	}
	return texts
}

// offerUnsaved remembers a restore that can go on without saving the present state.
func (c *Controller) offerUnsaved(what views.Restoring, err error) {
	kind := backup.KindOf(err)
	if !errors.Is(err, backup.ErrNotSaved) || len(what.Tables) > 0 || kind == backup.Busy || kind == backup.Cancelled {
		return
	}
	c.mu.Lock()
	c.unsaved[what.Target] = what
	c.mu.Unlock()
}

// offerReplacing remembers a restore that can go on without what the server lacks.
func (c *Controller) offerReplacing(what views.Restoring, err error) {
	if !errors.Is(err, backup.ErrLacking) {
		return
	}
	c.mu.Lock()
	c.lacking[what.Target] = what
	c.mu.Unlock()
}

// afterRestore learns what the person may want to know of the replaced database. What cannot be
// learnt is left out.
func (c *Controller) afterRestore(ctx context.Context, e *engine.Engine, rec *backup.Restore) {
	c.mu.Lock()
	delete(c.compared, rec.Sandbox) // it is not true any more
	c.mu.Unlock()
	if rec.Replaced == "" {
		return
	}
	if size, err := e.KeptSize(ctx, rec); err == nil {
		c.mu.Lock()
		c.sizes[rec.ID] = size
		c.mu.Unlock()
	}
}

func (c *Controller) restoredText(rec *backup.Restore) string {
	switch {
	case rec.Kept() != "":
		return lang.L("What was there before is kept as {{.Name}}.", values{"Name": keptOf(rec)})
	case rec.PreRestore != "":
		return lang.L("What was there before is in the backup {{.Name}}.", values{"Name": rec.PreRestore})
	}
	if rec.Target == "" {
		return lang.L("It is in {{.Name}}.", values{"Name": strings.Join(restoredFolders(rec), ", ")})
	}
	return lang.L("It is in the database {{.Name}}.", values{"Name": rec.Target})
}

// restoreVerb names what the gate's button does: "Replace shop with 14 June 09:00".
func (c *Controller) restoreVerb(what views.Restoring) string {
	when := c.momentOf(what.Backup)
	folders := foldersVerb(what, when)
	switch {
	case folders != "":
		return folders
	case what.NewDatabase != "":
		return lang.L("Restore into {{.Name}}", values{"Name": what.NewDatabase})
	case len(what.Tables) > 0:
		return lang.N("Replace {{.N}} tables", len(what.Tables), values{"N": len(what.Tables)})
	}
	return lang.L("Replace {{.Name}} with {{.When}}", values{"Name": what.Target, "When": when})
}

// Undo takes a restore back.
func (c *Controller) Undo(sandbox string, restore backup.ID) {
	c.job(sandbox, lang.L("Undoing the restore of {{.Name}}", values{"Name": sandbox}), lang.L("Undo the restore"), func(ctx context.Context, e *engine.Engine) error {
		rec, err := e.Undo(ctx, string(restore), false, 0)
		if err == nil {
			c.afterRestore(ctx, e, rec)
		}
		return err
	})
}

// GiveBack drops the database that a restore replaced.
func (c *Controller) GiveBack(sandbox string, restore backup.ID) {
	c.job(sandbox, lang.L("Dropping the replaced database of {{.Name}}", values{"Name": sandbox}), lang.L("Drop it for good"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.Undo(ctx, string(restore), true, 0)
		return err
	})
}

// Forget says no more of a restore.
func (c *Controller) Forget(restore backup.ID) {
	c.mu.Lock()
	c.seen[restore] = true
	c.mu.Unlock()
	go c.reload()
}
