// Package engine connects the domain to PostgreSQL, the vault, the catalog and the operating
// system, and offers what the commands and the window ask for, each as one call.
//
// An Engine belongs to one home. Several may be open at the same time, in one process or in
// many: the vault's lock and the catalog keep them apart. The vault is opened when it is first
// needed, so that listing backups needs no key.
//
// Hazard: call Recover before acting on backups, so that runs of dead processes are closed.
package engine

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"holdfast/app/config"
	"holdfast/app/sample"
	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/backup/catalog"
	"holdfast/backup/export"
	"holdfast/backup/media"
	"holdfast/backup/postgres"
	"holdfast/platform"
)

// KeyFileEnv names the environment variable that names the vault key's file.
const KeyFileEnv = secret.KeyFileEnv

// Options say how an engine is to work.
type Options struct {
	Version string
	Now     backup.Clock
	Zone    *time.Location        // for times in prompts
	Approve backup.Approver       // nil: nobody can be asked
	Report  func(backup.Progress) // may be nil
	Warn    func(text string)
	Paths   *platform.Paths           // nil: from the environment
	KeyFile string                    // "" takes KeyFileEnv
	Via     string                    // backup.ViaWindow or backup.ViaCommand
	Lent    func() backup.RecoveryKey // the key that a person gave this process; nil, or "": where it is kept
	Polkit  platform.Polkit           // asked in the window, where its action is installed

	OnBattery func(context.Context) bool // nil: the machine is asked
}

// Engine is one open home.
type Engine struct {
	opts      Options
	paths     platform.Paths
	home      string // random ID of this home
	store     config.Store
	config    *config.Config
	keys      secret.Keys
	passwords secret.Passwords
	derived   secret.Derived
	offsite   secret.Passwords // secrets of the off-site places
	gate      secret.Passphrase
	rules     secret.Rules
	catalog   *catalog.Catalog
	beating   *beating
	vault     *lazyVault
	sample    *sample.Sample
	server    *postgres.Server
	runner    *backup.Runner
	restorer  *backup.Restorer
	self      backup.Process
	log       *slog.Logger
	spent     bool // the reserve was given up
}

// Open makes an engine for the home that the options or the environment name.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	e := &Engine{opts: opts}
	if opts.OnBattery == nil {
		e.opts.OnBattery = platform.Power{}.OnBattery
	}
	if err := e.findHome(); err != nil {
		return nil, err
	}
	if err := e.loadConfig(); err != nil {
		return nil, err
	}
	e.findSecrets()
	e.sample = sample.In(e.paths.Home, e.home)
	e.spendReserve()
	if err := e.openCatalog(ctx); err != nil {
		e.refillReserve()
		return nil, err
	}
	e.connect()
	return e, nil
}

func (e *Engine) findHome() error {
	if e.opts.Paths != nil {
		e.paths = *e.opts.Paths
	} else {
		found, err := platform.FindPaths()
		if err != nil {
			return homeError(err)
		}
		e.paths = found
	}
	if err := e.paths.Make(); err != nil {
		return homeError(err)
	}
	e.log = e.logFile().Logger()
	id, err := homeID(filepath.Join(e.paths.Home, "home.id"))
	e.home = id
	return err
}

func homeError(err error) error {
	return &backup.Error{Kind: backup.Unreachable, Text: "Holdfast's folder cannot be used: " + err.Error(), Hint: "Mend that, or set HOLDFAST_HOME to a folder of your own.", Err: err}
}

// homeID reads this home's random ID, or draws one at the first start.
func homeID(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		if id := strings.TrimSpace(string(text)); len(id) == 32 {
			return id, nil
		}
		return "", backup.Errorf(backup.Damaged, "Remove it; then attach the vault again: holdfast vault open", "the file %s is damaged", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", homeError(err)
	}
	var raw [16]byte
	rand.Read(raw[:])
	id := hex.EncodeToString(raw[:])
	if err := platform.WriteFileAtomic(path, []byte(id+"\n"), 0o600); err != nil {
		return "", homeError(err)
	}
	return id, nil
}

func (e *Engine) loadConfig() error {
	e.store = config.Store{Path: e.paths.Config}
	c, warning, err := e.store.Load()
	if err != nil {
		return err
	}
	if warning != "" {
		e.warn(warning)
	}
	e.config = c
	return nil
}

func (e *Engine) findSecrets() {
	file := e.opts.KeyFile
	if file == "" {
		file = os.Getenv(KeyFileEnv)
	}
	keyring := platform.Keyring{}
	e.keys = secret.Keys{File: file, Piped: new(secret.Piped), Home: e.home, Keyring: keyring, Lent: e.opts.Lent}
	e.derived = secret.Derived{File: filepath.Join(e.paths.Home, "derived.json")}
	e.passwords = secret.Passwords{Home: e.home, File: filepath.Join(e.paths.Home, "passwords.json"), Keyring: keyring, Key: e.key, Derived: e.derived}
	e.offsite = secret.Passwords{
		Kind: "offsite", Again: "holdfast offsite remove NAME, then holdfast offsite add NAME",
		Home: e.home, File: filepath.Join(e.paths.Home, "offsite-secrets.json"), Keyring: keyring, Key: e.key, Derived: e.derived,
	}
	e.gate = secret.Passphrase{File: e.paths.Gate, Now: e.opts.Now}
	e.findRules()
	e.vault = &lazyVault{open: e.openVault, copy: e.firstCopy}
}

// key gives the vault key; before there is a vault, the error says how to make one.
func (e *Engine) key(ctx context.Context) (backup.RecoveryKey, error) {
	if !e.HasVault() {
		return "", backup.Errorf(backup.Unreachable, "Make it: holdfast vault init. Or attach one: holdfast vault open --path DIR", "there is no vault yet at %s", e.VaultPath())
	}
	return e.keys.Load(ctx)
}

// auditKey gives the key that seals the audit log, nil while there is none.
func (e *Engine) auditKey(ctx context.Context) []byte {
	if !e.HasVault() {
		return nil
	}
	key, err := e.keys.Load(ctx)
	if err != nil {
		return nil
	}
	raw, err := e.derived.Key(key, secret.ForAudit)
	if err != nil || !e.trusted(ctx, raw) {
		return nil
	}
	return raw
}

// trustedKey is the fact that remembers which audit key belongs to the vault, as a digest. An
// entry that were sealed with the key of another vault would look like tampering for ever.
const trustedKey = "digest of the audit key"

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func (e *Engine) trusted(ctx context.Context, raw []byte) bool {
	known, err := e.catalog.Fact(ctx, trustedKey)
	return err == nil && known == digest(raw)
}

// trustKey remembers the key that has just opened the vault.
func (e *Engine) trustKey(ctx context.Context, key backup.RecoveryKey) error {
	raw, err := e.derived.Key(key, secret.ForAudit)
	if err != nil || e.trusted(ctx, raw) {
		return err
	}
	return e.catalog.SetFact(ctx, trustedKey, digest(raw))
}

func (e *Engine) connect() {
	host, _ := os.Hostname()
	e.self = processOf(platform.Self())
	e.server = &postgres.Server{
		Password: e.passwordOf(),
		Home:     e.home, Tools: e.config.Engine.Tools, Workers: e.config.Engine.Workers, Clock: e.opts.Now, Ready: e.ready,
	}
	gate := &backup.Gate{
		Policy: e.rules.Policy, Token: e.token, Ready: e.gate.Ready, Approve: e.opts.Approve, Verify: e.gate.Verify,
		Audit: e.audit, Now: e.opts.Now, From: backup.Origin{Via: e.opts.Via, Parents: platform.Ancestors()},
	}
	if e.opts.Via == backup.ViaWindow { // who runs a command must know the passphrase
		gate.System = systemApprover{e.opts.Polkit}
	}
	e.beating = &beating{Catalog: e.catalog, now: e.opts.Now, warn: e.warn, log: e.log, ends: map[backup.ID]func(){}}
	e.runner = &backup.Runner{
		Gate: gate, Catalog: e.beating, Vault: e.vault, Server: drillServer{e.server, e}, Now: e.opts.Now, Self: e.self,
		Program: fmt.Sprintf("Holdfast %s on %s", e.opts.Version, host), Hook: platform.RunShell, Report: e.opts.Report, Warn: e.warn, ServerFree: e.serverFree, Anchor: e.anchor,
	}
	e.restorer = &backup.Restorer{Runner: e.runner, Folders: media.Folders{Free: platform.Free}, Zone: e.opts.Zone, Script: func(ctx context.Context, m *backup.Manifest, parts backup.Parts, to io.Writer) error {
		return export.SQL(ctx, m, parts, to, nil)
	}, OpenSnapshot: openSnapshot}
}

func (e *Engine) warn(text string) {
	e.log.Warn(text)
	if e.opts.Warn != nil {
		e.opts.Warn(text)
	}
}

func processOf(p platform.Process) backup.Process {
	return backup.Process{Host: p.Host, Boot: p.Boot, PID: p.PID, Started: p.Started}
}

func alive(p backup.Process) (lives, known bool) {
	return platform.Alive(platform.Process{Host: p.Host, Boot: p.Boot, PID: p.PID, Started: p.Started})
}

// Recover closes the books on runs whose process is gone.
func (e *Engine) Recover(ctx context.Context) (backup.Recovery, error) {
	e.sweepAll()
	if err := e.sweepSample(ctx); err != nil {
		e.warn("the sample sandbox is not removed yet: " + backup.AsError(err).Error())
	}
	if err := e.fillCatalog(ctx); err != nil {
		return backup.Recovery{}, err
	}
	adopted, err := e.adopt(ctx)
	if err != nil {
		return backup.Recovery{}, err
	}
	open, err := e.openRuns(ctx)
	if err != nil {
		return backup.Recovery{}, err
	}
	found, err := e.restorer.Recover(ctx, func(p backup.Process) (bool, bool) { return e.lives(p, open) }, e.Sandbox)
	drills, err2 := e.recoverDrills(ctx, func(p backup.Process) bool {
		lives, known := e.lives(p, open)
		return known && !lives
	})
	err = errors.Join(err, err2)
	e.restorer.SweepFolders(ctx, e.Sandboxes(), &found)
	if len(found.Interrupted) > 0 {
		err = errors.Join(err, e.catalog.ForgetBeats(ctx))
	}
	found.Interrupted = slices.Concat(adopted.Interrupted, found.Interrupted, drills.Interrupted)
	found.Pending = slices.Concat(adopted.Pending, found.Pending, drills.Pending, e.hanging(open))
	return found, err
}

// InstanceSocket gives the place where the one window of this home listens.
func (e *Engine) InstanceSocket() string { return platform.InstanceSocket(e.paths.Home, e.home) }

// Close gives up everything that is open.
func (e *Engine) Close(ctx context.Context) error {
	e.beating.close()
	defer e.refillReserve()
	return errors.Join(e.sample.Release(ctx), e.vault.Close(ctx), e.catalog.Close())
}
