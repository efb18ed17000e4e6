package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/filesystem"
	"github.com/kopia/kopia/repo/format"
	"github.com/kopia/kopia/repo/maintenance"

	"holdfast/backup"
)

// Create makes a vault in a folder that is empty or not there yet, and opens it with key.
func Create(ctx context.Context, o Options, key string) (*Vault, error) {
	const op = "create vault"
	o, err := o.check()
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	if key == "" {
		return nil, backup.WithOp(op, backup.Errorf(backup.Usage, "", "a vault needs a key"))
	}
	if o.Path, err = prepareFolder(o.Path); err != nil {
		return nil, explain(op, err)
	}
	v, err := create(ctx, o, key)
	if err != nil {
		return nil, explain(op, errors.Join(err, emptyFolder(o.Path)))
	}
	return v, nil
}

// create fills an empty folder.
func create(ctx context.Context, o Options, key string) (*Vault, error) {
	storage, err := filesystem.New(ctx, o.storage(), true)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(repo.Initialize(ctx, storage, formatOptions(), key), storage.Close(ctx)); err != nil {
		return nil, err
	}
	v, err := connect(ctx, o, key)
	if err != nil {
		return nil, err
	}
	err = repo.WriteSession(ctx, v.rep, repo.WriteSessionOptions{Purpose: "create"}, v.setMaintenance)
	if err == nil {
		err = v.shortenEpochs(ctx)
	}
	if err == nil {
		v.format, err = readFormat(o.Path)
	}
	if err == nil {
		err = errors.Join(v.copyFormat(), v.claim(nil, time.Time{}))
	}
	if err = errors.Join(err, syncFolders(o.Path)); err != nil {
		return nil, errors.Join(err, v.rep.Close(ctx))
	}
	return v, nil
}

func formatOptions() *repo.NewRepositoryOptions {
	return &repo.NewRepositoryOptions{
		BlockFormat: format.ContentFormat{
			Hash:              hashing,
			Encryption:        encryption,
			MutableParameters: format.MutableParameters{MaxPackSize: packSize},
		},
		ObjectFormat:                      format.ObjectFormat{Splitter: splitting},
		FormatBlockKeyDerivationAlgorithm: keyDerivation,
	}
}

// setMaintenance keeps the stock kopia command from running maintenance on its own: it does not
// know our lock.
func (v *Vault) setMaintenance(ctx context.Context, w repo.RepositoryWriter) error {
	params := maintenance.DefaultParams()
	params.Owner = v.rep.ClientOptions().UsernameAtHost()
	params.QuickCycle.Enabled = false
	params.FullCycle.Enabled = false
	return maintenance.SetParams(ctx, w, &params)
}

// shortenEpochs lets index blobs be merged, and the merged ones removed, within hours. Kopia's
// days are for vaults with several writers that must not miss anything.
func (v *Vault) shortenEpochs(ctx context.Context) error {
	formats := v.rep.FormatManager()
	params, err := formats.GetMutableParameters(ctx)
	if err != nil {
		return err
	}
	blobConfig, err := formats.BlobCfgBlob(ctx)
	if err != nil {
		return err
	}
	features, err := formats.RequiredFeatures(ctx)
	if err != nil {
		return err
	}
	params.EpochParameters.MinEpochDuration = time.Hour
	params.EpochParameters.CleanupSafetyMargin = time.Hour
	return formats.SetParameters(ctx, params, blobConfig, features)
}

// prepareFolder makes the folder, or checks that it is empty, and gives its real path.
func prepareFolder(path string) (string, error) {
	if err := os.MkdirAll(path, folderMode); err != nil {
		return "", &backup.Error{Kind: backup.Unreachable, Text: fmt.Sprintf("the folder %s cannot be made", path), Hint: "Choose a folder that you may write to.", Err: err}
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.Name() == formatFile {
			return "", backup.Errorf(backup.Refused, "Open it with its key, or choose another folder.", "the folder %s holds a vault already", path)
		}
	}
	if len(entries) > 0 {
		return "", backup.Errorf(backup.Refused, "Choose an empty folder.", "the folder %s is not empty", path)
	}
	probe, err := os.CreateTemp(path, ".holdfast-*")
	if err != nil {
		return "", &backup.Error{Kind: backup.Unreachable, Text: fmt.Sprintf("nothing can be written into %s", path), Hint: "Choose a folder that you may write to.", Err: err}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return "", err
	}
	return path, os.Chmod(path, folderMode)
}

// emptyFolder removes what a failed creation left in a folder that was empty.
func emptyFolder(path string) error {
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(path, e.Name())))
	}
	return err
}

// Open opens the vault in o.Path with key. A wrong key is Damaged, a place without a vault
// Unreachable. An index that a power cut tore is set aside and rebuilt; Warnings says so.
func Open(ctx context.Context, o Options, key string) (*Vault, error) {
	const op = "open vault"
	o, err := o.check()
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	if o.Path, err = findVault(o.Path); err != nil {
		return nil, explain(op, err)
	}
	if err := checkIndexNames(o.Path); err != nil {
		return nil, explain(op, err)
	}
	v, err := connect(ctx, o, key)
	if err != nil && mayBeFormat(err) {
		v, err = afterChange(ctx, o, key)
	}
	if err != nil && mayBeFormat(err) {
		v, err = repairShards(ctx, o, key, err)
	}
	if err != nil && mayBeFormat(err) {
		v, err = repairFormat(ctx, o, key, err)
	}
	if err != nil && mayBeTorn(err) {
		v, err = recoverVault(ctx, o, key, err)
	}
	if isWrongKey(err) && unfinishedChange(o.Path) != nil {
		err = damaged(err, "Give the other key: a change of the recovery key was interrupted, and this one did not become the vault's, or is not any more.", "the key does not open this vault")
	}
	if err != nil {
		return nil, explain(op, o.named(openError(err)))
	}
	if err := errors.Join(v.finishChange(ctx), v.readState(ctx)); err != nil {
		return nil, explain(op, errors.Join(err, v.rep.Close(ctx)))
	}
	if o.TakeOver {
		if err := v.TakeOver(ctx, 0); err != nil {
			return nil, errors.Join(err, v.rep.Close(ctx))
		}
	}
	return v, nil
}

// findVault resolves symbolic links and looks for the format blob.
func findVault(path string) (string, error) {
	none := func(err error) error {
		return &backup.Error{Kind: backup.Unreachable, Text: "no vault at " + path, Hint: "Check that the disk is there and the path is right.", Err: err}
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", none(err)
	}
	if info, err := os.Stat(real); err == nil && !info.IsDir() {
		return "", none(fmt.Errorf("%s is not a folder", real))
	}
	_, err = os.Stat(filepath.Join(real, formatFile))
	if _, copyErr := os.Stat(filepath.Join(real, copyOf(formatFile))); errors.Is(err, fs.ErrNotExist) && copyErr == nil {
		err = nil // it is lost, and comes back from its copy
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return "", none(err)
	}
	return real, err
}

// connect opens the repository without looking at anything of ours.
func connect(ctx context.Context, o Options, key string) (*Vault, error) {
	if err := writeConfig(o); err != nil {
		return nil, err
	}
	v := &Vault{opts: o, key: key, clock: &forwardClock{now: o.Clock}}
	var err error
	if v.format, err = readFormat(o.Path); err != nil {
		return nil, err
	}
	if v.rep, err = v.openRepository(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// openRepository opens the repository anew, without any memory of what was read or written before.
func (v *Vault) openRepository(ctx context.Context) (repo.DirectRepository, error) {
	opened, err := repo.Open(ctx, v.opts.ConfigFile, v.key, &repo.Options{
		TimeNowFunc:          v.clock.Now,
		DisableRepositoryLog: true,           // its blobs would pile up in the vault
		DoNotWaitForUpgrade:  true,           // Kopia would wait for ever
		OnFatalError:         func(error) {}, // Kopia would end the process; the call fails anyway
	})
	if err != nil {
		return nil, err
	}
	return opened.(repo.DirectRepository), nil // only an API server's is none, and our config names none
}

// writeConfig makes Kopia's configuration file say what o says. It holds no key. It says nothing
// of caches: only then does an environment variable of Kopia's not turn them on.
func writeConfig(o Options) error {
	return writeConfigFor(o, blob.ConnectionInfo{Type: "filesystem", Config: o.storage()})
}

// writeConfigFor is writeConfig for blobs that lie elsewhere.
func writeConfigFor(o Options, where blob.ConnectionInfo) error {
	want, err := json.MarshalIndent(repo.LocalConfig{
		Storage: &where,
		ClientOptions: repo.ClientOptions{
			Hostname:                o.Host,
			Username:                userName,
			Description:             "Holdfast vault",
			FormatBlobCacheDuration: format.DefaultRepositoryBlobCacheDuration,
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	have, err := os.ReadFile(o.ConfigFile)
	if err == nil && string(have) == string(want) {
		return os.Chmod(o.ConfigFile, fileMode)
	}
	if err := os.MkdirAll(filepath.Dir(o.ConfigFile), folderMode); err != nil {
		return err
	}
	return replaceFile(o.ConfigFile, want)
}

// readState takes over what the record and an unfinished recovery say.
func (v *Vault) readState(ctx context.Context) error {
	r, err := readRecord(v.opts.Path)
	if err != nil {
		return err
	}
	if r != nil {
		v.clock.raise(r.Clock)
	}
	pending, err := v.recovery()
	if pending == nil {
		return err
	}
	v.warn(pending.text())
	if pending.Rebuilt {
		return nil
	}
	return v.resumeRecovery(ctx)
}

// mayBeFormat says whether err can come from damaged format files: a wrong key looks the same.
func mayBeFormat(err error) bool {
	known, ok := errors.AsType[*backup.Error](openError(err))
	return ok && (isWrongKey(err) || known.Text == unreadable)
}

// AtFormat says whether err, of opening a vault or a copy, can come from damage of what the key opens: a wrong
// key looks the same.
func AtFormat(err error) bool { return err != nil && mayBeFormat(err) }

// openError says why a vault does not open.
func openError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*backup.Error](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	switch {
	case isWrongKey(err):
		return damaged(err, "Enter the recovery key of this vault; it is on the recovery kit.", "the key does not open this vault")
	case strings.Contains(err.Error(), "does not support feature") || strings.Contains(err.Error(), "can't handle repositories"):
		return damaged(err, "Install a newer Holdfast.", "the vault was made or changed by a newer program")
	case errors.Is(err, repo.ErrRepositoryUnavailableDueToUpgradeInProgress):
		return err
	}
	return damaged(err, hintRepair, unreadable)
}

// named says which file of the index a vault does not open for, if Kopia named one.
func (o Options) named(err error) error {
	known, ok := errors.AsType[*backup.Error](err)
	if !ok || known.Text != unreadable {
		return err
	}
	fault := *known
	if known.Err == nil {
		return err
	}
	if torn, found := (&Vault{opts: o}).findTorn(known.Err); found {
		fault.Text += ": its file " + torn.from + " is damaged"
	}
	return &fault
}

const unreadable = "the vault cannot be read"
