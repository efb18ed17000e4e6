package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"holdfast/backup"
	"holdfast/backup/export"
	"holdfast/platform"
)

// DownloadRequest asks for a backup as a file that stock tools read.
type DownloadRequest struct {
	Ref        string // which backup
	Format     string // "dump", "sql" or "json"
	AllTables  bool   // of a JSON snapshot: operational tables too
	Out        string // a file, or a folder that is there; not used with Stdout
	Replace    bool   // replace a file that is there
	Stdout     io.Writer
	Passphrase string // seals the file with age; "" does not
	Wait       time.Duration
}

// Downloaded is a download that is complete.
type Downloaded struct {
	ID     backup.ID     `json:"id"`
	Format export.Format `json:"format"`
	Path   string        `json:"path"` // "-": standard output
	Bytes  int64         `json:"bytes"`
	Sealed bool          `json:"sealed"`

	LeftOut []string `json:"left_out,omitempty"` // operational tables that a JSON snapshot leaves out
}

// Download writes a backup into a file (mode 0600), which is there whole or not at all. Every
// byte is compared with the manifest on the way; what turns out damaged becomes the verdict.
func (e *Engine) Download(ctx context.Context, req DownloadRequest) (*Downloaded, error) {
	format, err := export.ParseFormat(req.Format)
	if err != nil {
		return nil, backup.WithOp("download", err)
	}
	b, err := e.backupHolding(ctx, req.Ref, format.Holds())
	if err != nil {
		return nil, err
	}
	op := "download " + string(b.ID)
	d := &Downloaded{ID: b.ID, Format: format, Path: "-", Sealed: req.Passphrase != ""}
	if err := req.check(b, d); err != nil {
		return nil, backup.WithOp(op, err)
	}
	ask := backup.Request{
		Op: op, Action: backup.ActionExport, Sandbox: b.Sandbox, Object: string(b.ID), Who: who(),
		What: fmt.Sprintf("Write the backup of %s from %s as %s to %s", b.Sandbox, b.Started.In(e.zone()).Format("2 January 2006 15:04 MST"), format, d.Path),
	}
	if !d.Sealed {
		ask.Loss = "What is written is not encrypted: whoever can read it has all the data."
	}
	grant, err := e.runner.Gate.Request(ctx, ask)
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	grant.Note(d.Path)
	err = grant.Outcome(ctx, backup.WithOp(op, e.download(ctx, req, d)))
	if err != nil {
		return nil, err
	}
	e.noteExport(ctx, b.Sandbox)
	return d, nil
}

// check checks what can be checked before anybody is asked, and finds the path.
func (req *DownloadRequest) check(b *backup.Backup, d *Downloaded) error {
	if !b.Restorable() {
		return backup.Errorf(backup.Refused, "Choose another one: holdfast backup list",
			"the backup cannot be downloaded: it is %s, %s %s", b.Status, b.Verdict, b.VerdictReason)
	}
	if part := d.Format.Holds(); !b.Holds(part) {
		return backup.Errorf(backup.Usage, "See what it holds: holdfast backup show "+string(b.ID), "the backup has no %s; %s is about that", part, d.Format)
	}
	if req.Stdout != nil {
		if d.Format.Holds() == backup.ScopeMedia {
			return backup.Errorf(backup.Usage, "Name a file: --out FILE", "%s is read back after it was written, so it cannot go to standard output", d.Format)
		}
		return nil
	}
	if req.Out == "" {
		return backup.Errorf(backup.Usage, "Name a file or a folder: --out FILE", "there is no place to write to")
	}
	path, err := filepath.Abs(req.Out)
	if err != nil {
		return fmt.Errorf("path of the download: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, fileName(b, d))
	}
	d.Path = path
	return req.free(path)
}

// fileName names a download by its sandbox and its moment: shop-2026-04-08-14-30-00.dump.
func fileName(b *backup.Backup, d *Downloaded) string {
	name := b.Sandbox + "-" + b.Started.UTC().Format("2006-01-02-15-04-05") + "." + string(d.Format)
	if d.Sealed {
		name += ".age"
	}
	return name
}

// free makes sure that nothing is replaced unless that was asked for, and never what is no file.
func (req *DownloadRequest) free(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return outError(path, err)
	case !info.Mode().IsRegular():
		return backup.Errorf(backup.Usage, "Choose another name.", "%s is there already, and is no file", path)
	case !req.Replace:
		return backup.Errorf(backup.Usage, "Choose another name, or replace it with --yes.", "%s is there already", path)
	}
	return nil
}

func outError(path string, err error) error {
	return &backup.Error{Kind: backup.Failed, Text: "cannot write " + path + ": " + reason(err).Error(), Hint: "Is the folder there, and yours to write in?", Err: err}
}

// download reads the backup and writes it.
func (e *Engine) download(ctx context.Context, req DownloadRequest, d *Downloaded) error {
	parts, err := e.runner.Read(ctx, d.ID, req.Wait)
	if err != nil {
		return err
	}
	if req.Stdout != nil {
		out := &counter{to: req.Stdout}
		err = e.writeDownload(ctx, req, d, parts, out, io.Discard)
		d.Bytes = out.n
	} else {
		err = e.writeDownloadFile(ctx, req, d, parts)
	}
	err = firstOf(err, parts.Close())
	if backup.KindOf(err) == backup.Damaged {
		err = firstOf(err, e.runner.Judge(context.WithoutCancel(ctx), d.ID, err))
	}
	return err
}

// counter counts what passes.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// writeDownloadFile writes beside the place where the file will be, and puts it there when all is
// well.
func (e *Engine) writeDownloadFile(ctx context.Context, req DownloadRequest, d *Downloaded, parts backup.VaultReader) error {
	e.sweep(filepath.Dir(d.Path))
	if err := hasRoom(d, parts.Manifest()); err != nil {
		return err
	}
	size, err := platform.StreamFileAtomic(d.Path, 0o600, func(f *os.File) error {
		var err error
		if d.Format.Holds() == backup.ScopeMedia {
			err = e.writeMedia(ctx, req, d, parts, f)
		} else {
			err = e.writeAndReadBack(ctx, req, d, parts, f)
		}
		if err != nil {
			return err
		}
		return req.free(d.Path) // it may have come meanwhile
	})
	d.Bytes = size
	if _, known := errors.AsType[*backup.Error](err); err == nil || known || ctx.Err() != nil {
		return err
	}
	return outError(d.Path, err)
}

// hasRoom refuses before anything is written.
func hasRoom(d *Downloaded, m *backup.Manifest) error {
	free, err := platform.Free(filepath.Dir(d.Path))
	if err != nil {
		return outError(d.Path, err)
	}
	if need := d.Format.Room(m); free < need {
		return backup.Errorf(backup.Failed, "Make room, or write to another disk.", "the download takes up to %s, and there are %s left at %s",
			backup.Units(need), backup.Units(free), filepath.Dir(d.Path))
	}
	return nil
}

// writeDownload writes the backup to w, sealed when that was asked for.
func (e *Engine) writeDownload(ctx context.Context, req DownloadRequest, d *Downloaded, parts backup.VaultReader, w, sum io.Writer) error {
	report := e.reportDownload
	m := parts.Manifest()
	write := func(to io.Writer) error { return d.Format.Write(ctx, m, parts, to, report) }
	if d.Format == export.FormatJSON && req.AllTables {
		write = func(to io.Writer) error { return export.JSON(ctx, m, parts, to, true, report) }
	} else if d.Format == export.FormatJSON {
		for _, t := range export.OperationalTables(m) {
			d.LeftOut = append(d.LeftOut, t.Schema+"."+t.Name)
		}
	}
	if !d.Sealed {
		return write(io.MultiWriter(w, sum))
	}
	sealed, err := export.Seal(w, req.Passphrase)
	if err != nil {
		return err
	}
	if err := write(io.MultiWriter(sealed, sum)); err != nil {
		return err
	}
	return sealed.Close()
}

// writeAndReadBack writes a download into a file, and reads it back before it counts.
func (e *Engine) writeAndReadBack(ctx context.Context, req DownloadRequest, d *Downloaded, parts backup.VaultReader, f *os.File) error {
	sum := sha256.New()
	if err := e.writeDownload(ctx, req, d, parts, f, sum); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	report := func(done, total int64) {
		if e.opts.Report != nil {
			e.opts.Report(backup.Progress{Stage: "read back", Bytes: done, BytesTotal: total})
		}
	}
	if d.Format == export.FormatJSON {
		return e.readJSONBack(ctx, req, f, func(n int64) { report(n, info.Size()) })
	}
	return export.CheckFile(ctx, d.Format, parts.Manifest(), f, info.Size(), req.Passphrase, sum.Sum(nil), report)
}

// readJSONBack reads a snapshot as a restore would.
func (e *Engine) readJSONBack(ctx context.Context, req DownloadRequest, f *os.File, report func(n int64)) error {
	snapshot := &export.Snapshot{Path: f.Name(), Passphrase: req.Passphrase}
	err := snapshot.Look(ctx, report)
	if backup.KindOf(err) == backup.Damaged {
		return &backup.Error{Kind: backup.Failed, Text: "what was written does not read back: " + backup.AsError(err).Text, Hint: "Look at the disk, or write to another one.", Err: err}
	}
	return err
}

// reason is err without the name of the file that it is about, which nobody chose.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
