package controller

import (
	"context"
	"path/filepath"
	"regexp"
	"strconv"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/views"
)

// aboutOpening is what the job and the problem of opening a vault are kept under. No sandbox has a
// colon in its name.
const aboutOpening = "opening:"

// OpenVault attaches a vault that is there, or fetches it from a copy first. A server whose host key
// nobody has compared yet is asked for it, and nothing else is done.
func (c *Controller) OpenVault(from views.VaultPlace) {
	c.mu.Lock()
	c.opening.HostKey = nil
	c.mu.Unlock()
	c.start(aboutOpening, lang.L("Opening the vault"), func(ctx context.Context, report func(backup.Progress)) error {
		return c.approved(ctx, lang.L("Open the vault"), report, func(ctx context.Context, e *engine.Engine) error {
			opened, done, err := c.open(ctx, e, from)
			if err != nil || !done {
				return err
			}
			if from.Passphrase != "" {
				err = c.setPassphrase(e, from.Passphrase)
			}
			c.mu.Lock()
			c.opening.Opened++
			c.opening.Backups = opened.Backups
			c.mu.Unlock()
			return err
		})
	})
}

// open is done unless a person is to compare a host key first.
func (c *Controller) open(ctx context.Context, e *engine.Engine, from views.VaultPlace) (opened engine.OpenedVault, done bool, err error) {
	key, err := backup.ParseRecoveryKey(keyIn(from.Key))
	if err != nil {
		return opened, false, err
	}
	if err := e.CanKeepKey(ctx); err != nil {
		return opened, false, err
	}
	give := func() (string, error) { return string(key), nil }
	if from.Kind == "" {
		path, err := absolute(from.Path)
		if err != nil {
			return opened, false, err
		}
		opened, err = e.OpenVault(ctx, path, give)
		return opened, true, err
	}
	req := engine.FetchVault{Secret: from.Secret, Fingerprint: from.HostKey}
	if req.Place, err = mirrorPlace(from.CopyPlace); err == nil {
		req.Path, err = absolute(from.Into)
	}
	if err != nil {
		return opened, false, err
	}
	if from.Kind == views.CopyToSFTP && from.HostKey == "" {
		return opened, false, c.askHostKey(ctx, e, req.Place)
	}
	fetched, err := e.FetchVault(ctx, req, give)
	return fetched.OpenedVault, true, err
}

func (c *Controller) askHostKey(ctx context.Context, e *engine.Engine, place mirror.Place) error {
	key, err := e.AskHostKey(ctx, place)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.opening.HostKey = &views.HostKey{Host: place.Host, Fingerprint: key.Fingerprint, Type: key.Type, Compare: key.Compare}
	c.mu.Unlock()
	return nil
}

func absolute(path string) (string, error) {
	if path == "" {
		return "", backup.Errorf(backup.Usage, "Name the folder.", "no folder is given")
	}
	return filepath.Abs(path)
}

// wholeKey is a recovery key in a text, such as the kit's: groups with a dash, and perhaps a line's end,
// between them.
var wholeKey = regexp.MustCompile(`(?:[A-Za-z2-7]{4}-\s*){13}[A-Za-z2-7]{4}\b`)

// keyIn finds the recovery key in what was pasted; a text without a whole one is the key as it was typed.
func keyIn(text string) string {
	if found := wholeKey.FindString(text); found != "" {
		return found
	}
	return text
}

// mirrorPlace reads a place as it was typed.
func mirrorPlace(to views.CopyPlace) (mirror.Place, error) {
	port, err := strconv.Atoi(to.Port)
	if err != nil && to.Port != "" {
		return mirror.Place{}, backup.Errorf(backup.Usage, "Give a number, such as 22.", "%q is no port", to.Port)
	}
	return mirror.Place{
		Kind: mirror.Kind(to.Kind), Path: to.Path, Host: to.Host, Port: port, User: to.User, Identity: to.Identity,
		Endpoint: to.Endpoint, Bucket: to.Bucket, Prefix: to.Prefix, Region: to.Region, AccessKeyID: to.AccessKey, URL: to.URL,
	}, nil
}

// CancelOpening ends it. What was fetched so far stays, and is not fetched again.
func (c *Controller) CancelOpening() { c.Cancel(aboutOpening) }

// overlayOpening puts how far the opening of a vault is over what was read.
func (c *Controller) overlayOpening(s *views.State) {
	s.Opening = c.opening
	s.Opening.Problem = c.problems[aboutOpening]
	if s.Opening.Into == "" {
		s.Opening.Into = c.setup.Path
	}
	if j := c.jobs[aboutOpening]; j != nil {
		busy := j.busy
		s.Opening.Busy = &busy
	}
}
