package engine

import (
	"context"
	"io"
	"os"

	"holdfast/backup"
	"holdfast/backup/export"
)

func (e *Engine) reportDownload(done, total int64) {
	if e.opts.Report != nil {
		e.opts.Report(backup.Progress{Stage: "download", Bytes: done, BytesTotal: total})
	}
}

// writeMedia writes the folders into f, makes that durable, and reads it back.
func (e *Engine) writeMedia(ctx context.Context, req DownloadRequest, d *Downloaded, parts backup.VaultReader, f *os.File) error {
	digest, err := e.archiveMedia(ctx, req, d, parts, f)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if e.opts.Report != nil {
		e.opts.Report(backup.Progress{Stage: "reading it back"})
	}
	return export.CheckMedia(ctx, d.Format, f, size, req.Passphrase, digest)
}

func (e *Engine) archiveMedia(ctx context.Context, req DownloadRequest, d *Downloaded, parts backup.VaultReader, to io.Writer) ([]byte, error) {
	if !d.Sealed {
		return export.Media(ctx, d.Format, parts.Manifest(), parts, to, e.reportDownload)
	}
	sealed, err := export.Seal(to, req.Passphrase)
	if err != nil {
		return nil, err
	}
	digest, err := export.Media(ctx, d.Format, parts.Manifest(), parts, sealed, e.reportDownload)
	if err != nil {
		return nil, err
	}
	return digest, sealed.Close()
}
