package controller

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
	"holdfast/views"
)

// readPreferences gives what can be set, and where things are.
func (c *Controller) readPreferences(e *engine.Engine) (*views.Preferences, error) {
	list, err := e.Settings()
	if err != nil {
		return nil, err
	}
	p := &views.Preferences{Values: map[string]string{}}
	for _, s := range list {
		p.Values[s.Key] = s.Value
	}
	at := e.Places()
	p.Home, p.Config, p.Vault, p.Log = at.Home, at.Config, at.Vault, at.Log
	p.KitKept, err = e.KitKeptAt(c.life)
	return p, err
}

// SetPreference changes one of the preferences.
func (c *Controller) SetPreference(key, value string) {
	c.prefer(lang.L("Change the preferences"), func(ctx context.Context, e *engine.Engine) error { return e.SetSetting(ctx, key, value) })
}

// prefer does something on the page of the preferences, and shows there what came of it.
func (c *Controller) prefer(verb string, work func(context.Context, *engine.Engine) error) {
	c.running.Go(func() {
		err := c.approved(c.life, verb, nil, work)
		c.mu.Lock()
		c.unset = nil
		if backup.KindOf(err) != backup.Cancelled {
			c.unset = backup.FaultOf(err)
		}
		c.mu.Unlock()
		c.reload()
	})
}

// WriteDiagnostics writes a bundle for who is to help, beside the history.
func (c *Controller) WriteDiagnostics() {
	c.prefer(lang.L("Write a diagnostics bundle"), func(ctx context.Context, e *engine.Engine) error {
		path := filepath.Join(e.Places().Home, "diagnostics-"+c.now().Format("20060102-150405")+".zip")
		if err := e.Diagnostics(ctx, path); err != nil {
			return err
		}
		c.mu.Lock()
		c.bundle = path
		c.mu.Unlock()
		return nil
	})
}

// OpenFolder shows a folder, or that of a file, in the desktop's file manager.
func (c *Controller) OpenFolder(path string) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		path = filepath.Dir(path)
	}
	if err := c.ui.OpenFolder(path); err != nil {
		c.ui.Say(unopened(lang.L("The folder cannot be opened"), path))
	}
}

// OpenLog shows the log with the program that the desktop has for it.
func (c *Controller) OpenLog() {
	c.running.Go(func() {
		if f := OpenLog(c.life); f != nil && c.life.Err() == nil {
			c.ui.Say(f)
		}
	})
}

// OpenLog shows the log of the home that the environment names with the program that the desktop has for
// it. What it gives is why it cannot; nil when it can.
func OpenLog(ctx context.Context) *backup.Fault {
	path, err := engine.LogPath()
	if err == nil {
		err = platform.Open(ctx, path)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &backup.Fault{Text: lang.L("There is no log yet"), Hint: lang.L("It will be in {{.Path}}.", values{"Path": path})}
	case path == "":
		return backup.FaultOf(err)
	}
	return unopened(lang.L("The log cannot be opened"), path)
}

// unopened says that the desktop does not open what is at a path.
func unopened(what, path string) *backup.Fault {
	return &backup.Fault{Kind: backup.Failed, Text: what, Hint: lang.L("This desktop has no program for it. It is here: {{.Path}}", values{"Path": path})}
}
