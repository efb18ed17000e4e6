package engine

import (
	"cmp"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"holdfast/app/config"
	"holdfast/app/tell"
	"holdfast/backup"
	"holdfast/backup/export"
	"holdfast/platform"
)

// runDownloads writes the newest backup of each sandbox into its folder, where that is due, and gives those
// that could not be written. They are tried again later.
func (e *Engine) runDownloads(ctx context.Context, wait time.Duration) (failed []Ran) {
	for _, s := range e.Sandboxes() {
		if ctx.Err() != nil {
			break
		}
		if _, err := e.RunDownload(ctx, s.Name, wait); err != nil {
			failed = append(failed, Ran{Sandbox: s.Name, Err: err})
		}
	}
	return failed
}

// DueDownloads names the sandboxes whose newest backup is to be written into their folder now.
func (e *Engine) DueDownloads(ctx context.Context) (due []string, err error) {
	for _, s := range e.Sandboxes() {
		d := e.config.DownloadsOf(s.Name)
		if d == nil {
			continue
		}
		b, _, err := e.dueDownload(ctx, s.Name, d)
		if err != nil {
			return nil, err
		}
		if b != nil {
			due = append(due, s.Name)
		}
	}
	return due, nil
}

// dueDownload gives the backup that is to be written now, nil for none, and what is on record.
func (e *Engine) dueDownload(ctx context.Context, sandbox string, d *config.Downloads) (*backup.Backup, *ledger, error) {
	l, err := e.ledgerOf(ctx, sandbox)
	if err != nil {
		return nil, nil, err
	}
	all, err := e.History(ctx, backup.Query{Sandbox: sandbox})
	if err != nil {
		return nil, l, err
	}
	b := newestBy(all, export.Format(d.Format).Holds(), e.opts.Now())
	if b == nil || !l.due(d, b, e.opts.Now()) {
		return nil, l, nil
	}
	return b, l, nil
}

// RunDownload writes the newest backup of a sandbox into its folder; nil when none is due. After a
// failure the next try comes later.
func (e *Engine) RunDownload(ctx context.Context, sandbox string, wait time.Duration) (*Downloaded, error) {
	d := e.config.DownloadsOf(sandbox)
	if d == nil {
		return nil, nil //nolint:nilnil // most sandboxes have none
	}
	b, l, err := e.dueDownload(ctx, sandbox, d)
	if err != nil || b == nil {
		return nil, err
	}
	out, err := e.runDownload(ctx, sandbox, d, b, l, wait)
	if err == nil {
		return out, nil
	}
	fault := *backup.AsError(err)
	fault.Text = "the backup of " + sandbox + " was not written into " + d.Folder + ": " + fault.Text
	now := backup.FaultOf(&fault)
	if kind := backup.KindOf(err); kind != backup.Busy && kind != backup.Cancelled && newCause(l.Fault, now) {
		e.tell(tell.DownloadFailed, sandbox)
	}
	l.Failed, l.Fault = e.opts.Now(), now
	return nil, firstOf(e.keepLedger(ctx, sandbox, l), &fault)
}

func (e *Engine) runDownload(ctx context.Context, sandbox string, d *config.Downloads, b *backup.Backup, l *ledger, wait time.Duration) (*Downloaded, error) {
	err := e.mayDownload(ctx, sandbox, d)
	if err != nil {
		return nil, err
	}
	req := DownloadRequest{Format: d.Format, AllTables: d.AllTables, Wait: wait}
	if d.Sealed {
		if req.Passphrase, err = e.passwords.Get(ctx, sealItem(sandbox)); err != nil {
			return nil, err
		}
		if req.Passphrase == "" {
			return nil, backup.Errorf(backup.Damaged, "Give it again: holdfast sandbox edit "+sandbox+" --downloads-seal-file FILE", "the passphrase to seal with is not kept any more")
		}
	}
	out := &Downloaded{ID: b.ID, Format: export.Format(d.Format), Sealed: d.Sealed}
	req.Out = newFile(d.Folder, b, out)
	if err := req.check(b, out); err != nil {
		return nil, err
	}
	if err := e.downloadByPlan(ctx, sandbox, req, out); err != nil {
		return nil, err
	}
	e.noteExport(ctx, sandbox)
	l.Failed, l.Fault = time.Time{}, nil
	l.Files = append(l.Files, downloadedFile{Path: out.Path, Bytes: out.Bytes, Backup: b.ID, Moment: b.Started})
	if err := e.keepLedger(ctx, sandbox, l); err != nil {
		return nil, err
	}
	return out, e.pruneDownloads(ctx, sandbox, d, l)
}

// newFile names a file that is not there yet. Two backups of one second, or a file that somebody else
// put there, make the backup's ID a part of it.
func newFile(folder string, b *backup.Backup, d *Downloaded) string {
	name := fileName(b, d)
	if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
		moment := b.Sandbox + "-" + b.Started.UTC().Format("2006-01-02-15-04-05")
		name = moment + "-" + string(b.ID)[:8] + strings.TrimPrefix(name, moment)
	}
	return filepath.Join(folder, name)
}

// newestBy gives the newest backup of a part that a person would download, of those that no clock
// which ran ahead dated; nil when there is none.
func newestBy(all []backup.Backup, part backup.Scope, now time.Time) (newest *backup.Backup) {
	for i := range all {
		b := &all[i]
		if b.Trigger != backup.PreRestore && b.Restorable() && b.Holds(part) && !b.Started.After(now) && (newest == nil || b.Started.After(newest.Started)) {
			newest = b
		}
	}
	return newest
}

// due says whether b is to be written now. A tenth is not counted: a run that begins a second earlier
// than the day before, or after a night of 23 hours, is no reason to leave a day out. Nor are files
// counted that a clock which ran ahead dated.
func (l *ledger) due(d *config.Downloads, b *backup.Backup, now time.Time) bool {
	if failed := now.Sub(l.Failed); failed >= 0 && failed < downloadRetry {
		return false
	}
	if len(l.Files) == 0 {
		return true
	}
	last := l.Files[len(l.Files)-1]
	every := time.Duration(d.Every)
	return last.Backup != b.ID && (last.Moment.After(now) || b.Started.Sub(last.Moment) >= every-every/10)
}

// mayDownload makes sure that a person approved of just this, and that the policy does not deny it.
func (e *Engine) mayDownload(ctx context.Context, sandbox string, d *config.Downloads) error {
	seal, err := e.sealDownloads(ctx, sandbox, d)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(seal), []byte(d.Approved)) {
		return backup.Errorf(backup.Refused, "Approve of it: holdfast sandbox edit "+sandbox+" --downloads-to DIR", "what is to be written was changed in the configuration, and nobody approved of that")
	}
	policy, err := e.rules.Policy(ctx, sandbox)
	if err != nil {
		return err
	}
	if policy.Decide(backup.ActionExport) == backup.Deny {
		return backup.Errorf(backup.Refused, "Change the policy, or end it: holdfast sandbox edit "+sandbox+" --no-downloads", "the policy of the sandbox denies it (%s)", backup.ActionExport)
	}
	return away(isFolder(d.Folder))
}

// away says of a folder that was there once, and cannot be used now, that its place is out of reach.
func away(err error) error {
	if err == nil {
		return nil
	}
	fault := *backup.AsError(err)
	fault.Kind = backup.Unreachable
	return &fault
}

func (e *Engine) downloadByPlan(ctx context.Context, sandbox string, req DownloadRequest, out *Downloaded) error {
	op := "download " + string(out.ID)
	grant, err := e.runner.Gate.ByPlan(ctx, backup.Request{
		Op: op, Action: backup.ActionExport, Sandbox: sandbox, Object: string(out.ID), Who: who(), What: "write it into " + out.Path, Unattended: true,
	})
	if err != nil {
		return err
	}
	if err := grant.Use(); err != nil {
		return err
	}
	grant.Note(out.Path)
	return grant.Outcome(ctx, backup.WithOp(op, e.download(ctx, req, out)))
}

// pruneDownloads removes the oldest files beyond those that are kept. Only files that are on record,
// and are still as they were written, are removed: any other is let go of.
func (e *Engine) pruneDownloads(ctx context.Context, sandbox string, d *config.Downloads, l *ledger) error {
	if d.Keep == 0 {
		return nil
	}
	var failed error
	for len(l.Files) > d.Keep {
		old := l.Files[0]
		info, err := os.Lstat(old.Path)
		if err == nil && info.Mode().IsRegular() && info.Size() == old.Bytes {
			err = os.Remove(old.Path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = err
			break
		}
		l.Files = l.Files[1:]
	}
	err := e.keepLedger(ctx, sandbox, l)
	if failed != nil {
		failed = &backup.Error{Kind: backup.Failed, Text: "an old download cannot be removed: " + failed.Error(), Hint: "Is the folder yours to write in?", Err: failed}
	}
	return cmp.Or(failed, err)
}

// sweep removes what killed downloads left in a folder. That it cannot does no harm.
func (e *Engine) sweep(dir string) {
	if n, err := platform.RemoveLeftovers(dir); err == nil && n > 0 {
		e.warn(fmt.Sprintf("%d files that a killed run left in %s are removed", n, dir))
	}
}

// sweepAll does that where this home writes by itself. Folders of downloads may be on disks that do
// not answer: nobody waits for them.
func (e *Engine) sweepAll() {
	e.sweep(e.paths.Home)
	for i := range e.config.Sandboxes {
		if d := e.config.Sandboxes[i].Downloads; d != nil {
			go func(dir string) { _, _ = platform.RemoveLeftovers(dir) }(d.Folder)
		}
	}
}
