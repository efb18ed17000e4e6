package engine

import (
	"context"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// FetchVault asks for a vault to be made from its copy.
type FetchVault struct {
	Path        string // folder for the vault: empty, or left by a fetch that broke off
	Place       mirror.Place
	Secret      string
	Fingerprint string    // of an SFTP server's host key
	At          time.Time // the copy as it was then; zero: as it is
}

// FetchedVault says what was brought, and attached.
type FetchedVault struct {
	OpenedVault

	Copy mirror.Fetched
}

// FetchVault brings the copy of a vault into a folder and attaches it: its key comes from
// HOLDFAST_KEY_FILE or from ask, this home becomes its writer, the catalog is rebuilt from it. What
// breaks off is resumed by the same call.
func (e *Engine) FetchVault(ctx context.Context, req FetchVault, ask func() (string, error)) (FetchedVault, error) {
	op := "open the vault"
	place, err := req.Place.Check()
	if err == nil {
		err = e.checkVaultPlace(req.Path)
	}
	if err == nil {
		req.Place, err = place.Pin(ctx, req.Fingerprint)
	}
	if err != nil {
		return FetchedVault{}, backup.WithOp(op, err)
	}
	var fetched FetchedVault
	err = e.change(ctx, op, "", func() error {
		key, err := e.givenKey(ctx, ask)
		if err != nil {
			return err
		}
		if fetched.Copy, err = e.fetch(ctx, req, key); err != nil {
			return err
		}
		fetched.OpenedVault, err = e.attach(ctx, req.Path, func() (string, error) { return string(key), nil })
		return err
	})
	return fetched, err
}

func (e *Engine) fetch(ctx context.Context, req FetchVault, key backup.RecoveryKey) (fetched mirror.Fetched, err error) {
	store, err := mirror.Open(ctx, req.Place, mirror.Options{Secret: req.Secret, At: req.At})
	if err != nil {
		return fetched, err
	}
	defer func() { err = firstOf(err, store.Close(context.WithoutCancel(ctx))) }()
	return mirror.Fetch(ctx, store, req.Path, string(key), e.opts.Now, e.reportBytes("fetch the copy"))
}
