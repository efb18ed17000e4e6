package engine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/export"
)

// downloadRetry is how long after a failure the next try of a download comes.
const downloadRetry = time.Hour

// SetDownloads asks for backups to be written into a folder from now on.
type SetDownloads struct {
	Folder     *string // nil leaves it as it is; the same with the others
	Format     *string
	Every      *time.Duration
	Keep       *int
	AllTables  *bool
	Passphrase *string // "" writes them unsealed
	Stop       bool    // ends it; files that are there stay
}

// DownloadPlan is what is written into a folder for a sandbox.
type DownloadPlan struct {
	Folder    string        `json:"folder"`
	Format    export.Format `json:"format"`
	Every     string        `json:"every"` // "" is after each scheduled backup
	Keep      int           `json:"keep"`  // 0 keeps all
	Sealed    bool          `json:"sealed"`
	AllTables bool          `json:"all_tables"`
	Files     []string      `json:"files"` // that were written and are kept, oldest first
}

// sealItem names the passphrase that downloads of a sandbox are sealed with, among the passwords. No
// sandbox has a colon in its name.
func sealItem(sandbox string) string { return "downloads:" + sandbox }

// SetDownloads changes what is written into a folder for a sandbox, after a person approved: from
// then on it is done unasked.
func (e *Engine) SetDownloads(ctx context.Context, sandbox string, req SetDownloads) error {
	op := "edit sandbox " + sandbox
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return backup.WithOp(op, err)
	}
	if req.Stop {
		return e.change(ctx, op, sandbox, func() error { return e.keepDownloads(ctx, sandbox, nil, "") })
	}
	d, err := req.merged(e.config.DownloadsOf(sandbox))
	if err == nil {
		err = e.checkOutside(d.Folder, "Choose another folder: each backup would hold the downloads.")
	}
	if err == nil && export.Format(d.Format).Holds() == backup.ScopeDatabase {
		err = s.NeedsDatabase("Choose the format " + string(export.FormatMediaTar) + " or " + string(export.FormatMediaZip) + ".")
	}
	if err != nil {
		return backup.WithOp(op, err)
	}
	ask := backup.Request{
		Op: op, Action: backup.ActionExport, Sandbox: sandbox, Object: d.Folder, Who: who(),
		What: fmt.Sprintf("From now on write backups of %s into %s as %s, %s, unasked", sandbox, d.Folder, d.Format, everyWords(d)),
	}
	if !d.Sealed {
		ask.Loss = "What is written is not encrypted: whoever can read it has all the data."
	}
	grant, err := e.runner.Gate.Request(ctx, ask)
	if err != nil {
		return err
	}
	if err := grant.Use(); err != nil {
		return err
	}
	passphrase := ""
	if req.Passphrase != nil {
		passphrase = *req.Passphrase
	}
	return grant.Outcome(ctx, backup.WithOp(op, e.keepDownloads(ctx, sandbox, d, passphrase)))
}

func everyWords(d *config.Downloads) string {
	words := "after each scheduled backup"
	if d.Every > 0 {
		words = "at most once in " + time.Duration(d.Every).String()
	}
	if d.Keep > 0 {
		words += fmt.Sprintf(", and keep the %d newest files", d.Keep)
	}
	return words
}

// merged applies what is asked for to what is there, and checks it.
func (req *SetDownloads) merged(old *config.Downloads) (*config.Downloads, error) {
	d := &config.Downloads{Format: string(export.FormatDump), Keep: 7}
	if old != nil {
		copied := *old
		d = &copied
	}
	if req.Folder != nil {
		folder, err := filepath.Abs(*req.Folder)
		if err != nil {
			return nil, fmt.Errorf("path of the folder: %w", err)
		}
		d.Folder = folder
	}
	if req.Format != nil {
		d.Format = *req.Format
	}
	if req.Every != nil {
		d.Every = config.Duration(*req.Every)
	}
	if req.Keep != nil {
		d.Keep = *req.Keep
	}
	if req.AllTables != nil {
		d.AllTables = *req.AllTables
	}
	if req.Passphrase != nil {
		d.Sealed = *req.Passphrase != ""
	}
	switch {
	case d.Folder == "":
		return nil, backup.Errorf(backup.Usage, "Name one: --downloads-to DIR", "there is no folder to write into yet")
	case d.Every < 0 || d.Keep < 0:
		return nil, backup.Errorf(backup.Usage, "Give 0 or more.", "how often, and how many to keep, cannot be negative")
	case d.AllTables && d.Format != string(export.FormatJSON):
		return nil, backup.Errorf(backup.Usage, "Leave it out: only JSON snapshots leave tables out.", "all tables are in downloads of the format %s anyway", d.Format)
	}
	if _, err := export.ParseFormat(d.Format); err != nil {
		return nil, err
	}
	return d, isFolder(d.Folder)
}

// isFolder wants a folder that is there: one on a disk that is not, made anew, would fill another.
func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		return &backup.Error{Kind: backup.Usage, Text: "the folder " + path + " cannot be used: " + err.Error(), Hint: "Make it, or attach its disk.", Err: err}
	}
	return nil
}

// keepDownloads keeps the passphrase first: a plan that cannot seal must not be in force.
func (e *Engine) keepDownloads(ctx context.Context, sandbox string, d *config.Downloads, passphrase string) error {
	if passphrase != "" {
		if err := e.passwords.Set(ctx, sealItem(sandbox), passphrase); err != nil {
			return err
		}
	}
	if d != nil {
		seal, err := e.sealDownloads(ctx, sandbox, d)
		if err != nil {
			return err
		}
		d.Approved = seal
	}
	if err := e.update(ctx, func(c *config.Config) error { return c.SetDownloads(sandbox, d) }); err != nil {
		return err
	}
	if err := e.forgetFailure(ctx, sandbox); err != nil {
		return err
	}
	if d == nil || !d.Sealed {
		return e.passwords.Remove(ctx, sealItem(sandbox))
	}
	return nil
}

// sealDownloads seals what a person approved of, so that nobody makes Holdfast export anything by
// editing its configuration.
func (e *Engine) sealDownloads(ctx context.Context, sandbox string, d *config.Downloads) (string, error) {
	key, err := e.rulesKey(ctx)
	if err != nil {
		return "", err
	}
	bare := *d
	bare.Approved = ""
	text, err := json.Marshal([]any{"downloads", sandbox, bare})
	if err != nil {
		return "", fmt.Errorf("encode downloads: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// ledger is what is on record of the downloads of a sandbox: which files are ours.
type ledger struct {
	Files  []downloadedFile `json:"files"` // as they were written
	Failed time.Time        `json:"failed"`
	Fault  *backup.Fault    `json:"fault,omitempty"` // why; nil: it did not
}

type downloadedFile struct {
	Path   string    `json:"path"`
	Bytes  int64     `json:"bytes"`
	Backup backup.ID `json:"backup"`
	Moment time.Time `json:"moment"` // when the backup began
}

func ledgerFact(sandbox string) string { return "downloads " + sandbox }

func (e *Engine) ledgerOf(ctx context.Context, sandbox string) (*ledger, error) {
	text, err := e.catalog.Fact(ctx, ledgerFact(sandbox))
	l := &ledger{}
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), l)
	}
	return l, err
}

func (e *Engine) keepLedger(ctx context.Context, sandbox string, l *ledger) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode downloads: %w", err)
	}
	return e.catalog.SetFact(context.WithoutCancel(ctx), ledgerFact(sandbox), string(text))
}

// forgetFailure lets the next download be tried at once: what was wrong may be mended.
func (e *Engine) forgetFailure(ctx context.Context, sandbox string) error {
	l, err := e.ledgerOf(ctx, sandbox)
	if err != nil || l.Failed.IsZero() {
		return err
	}
	l.Failed, l.Fault = time.Time{}, nil
	return e.keepLedger(ctx, sandbox, l)
}

// DownloadPlan gives what is written into a folder for a sandbox; nil for nothing.
func (e *Engine) DownloadPlan(ctx context.Context, sandbox string) (*DownloadPlan, error) {
	d := e.config.DownloadsOf(sandbox)
	if d == nil {
		return nil, nil //nolint:nilnil // most sandboxes have none
	}
	l, err := e.ledgerOf(ctx, sandbox)
	if err != nil {
		return nil, err
	}
	p := &DownloadPlan{Folder: d.Folder, Format: export.Format(d.Format), Keep: d.Keep, Sealed: d.Sealed, AllTables: d.AllTables, Files: []string{}}
	if d.Every > 0 {
		p.Every = time.Duration(d.Every).String()
	}
	for _, f := range l.Files {
		p.Files = append(p.Files, f.Path)
	}
	return p, nil
}

// DownloadEvery says how often a file is written for a sandbox; 0 is after each scheduled backup.
func (e *Engine) DownloadEvery(sandbox string) time.Duration {
	if d := e.config.DownloadsOf(sandbox); d != nil {
		return time.Duration(d.Every)
	}
	return 0
}
