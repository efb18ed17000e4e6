package mirror

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/sharded"
	"github.com/studio-b12/gowebdav"

	"holdfast/backup/vault"
)

// davFolder is a WebDAV folder in which blobs lie as in a vault's. Kopia's own does the same, but asks a
// hundred times whatever the server answers, which takes longer than anybody waits for the answer, and leaves
// what was written in part.
type davFolder struct {
	sharded.Storage
	blob.DefaultProviderImplementation

	files *davFiles
}

func newDAVFolder(url string, auth gowebdav.Authorizer, cli *gowebdav.Client) *davFolder {
	files := &davFiles{url: gowebdav.FixSlash(url), auth: auth, cli: cli}
	return &davFolder{Storage: sharded.New(files, "", vault.Shards(), true), files: files}
}

// ConnectionInfo names no place: what Kopia keeps of it is thrown away.
func (f *davFolder) ConnectionInfo() blob.ConnectionInfo {
	return blob.ConnectionInfo{Type: "holdfast-webdav"}
}

// DisplayName implements blob.Reader.
func (f *davFolder) DisplayName() string { return f.files.url }

// GetCapacity implements blob.Volume by the folder's quota (RFC 4331). A server that tells none is
// blob.ErrNotAVolume.
func (f *davFolder) GetCapacity(ctx context.Context) (blob.Capacity, error) {
	return f.files.quota(ctx)
}

// davFiles implements sharded.Impl.
type davFiles struct {
	url  string
	auth gowebdav.Authorizer
	cli  *gowebdav.Client
}

// GetBlobFromPath reads a file, or length bytes of it where length is not below 0.
func (d *davFiles) GetBlobFromPath(ctx context.Context, _, path string, offset, length int64, to blob.OutputBuffer) error {
	if offset < 0 {
		return blob.ErrInvalidRange
	}
	err := again(ctx, func() error {
		to.Reset()
		return d.read(path, offset, length, to)
	})
	switch status(err) {
	case http.StatusNotFound:
		return blob.ErrBlobNotFound
	case http.StatusRequestedRangeNotSatisfiable:
		return blob.ErrInvalidRange
	}
	if err == nil {
		err = blob.EnsureLengthExactly(to.Length(), length)
	}
	return err
}

func (d *davFiles) read(path string, offset, length int64, to io.Writer) error {
	var in io.ReadCloser
	var err error
	if length < 0 {
		in, err = d.cli.ReadStream(path)
	} else {
		in, err = d.cli.ReadStreamRange(path, offset, max(length, 1))
	}
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	if length == 0 {
		return nil
	}
	_, err = io.Copy(to, in)
	return err
}

// GetMetadataFromPath says how long a file is, and of when.
func (d *davFiles) GetMetadataFromPath(ctx context.Context, _, path string) (b blob.Metadata, err error) {
	err = again(ctx, func() error {
		info, err := d.cli.Stat(path)
		if err == nil {
			b.Length, b.Timestamp = info.Size(), info.ModTime()
		}
		return err
	})
	if status(err) == http.StatusNotFound {
		err = blob.ErrBlobNotFound
	}
	return b, err
}

// PutBlobInPath writes a file under a name of its own, and renames it when it is whole. What was written in
// part is removed, if the server still answers.
func (d *davFiles) PutBlobInPath(ctx context.Context, _, path string, data blob.Bytes, o blob.PutOptions) error {
	if o.HasRetentionOptions() || o.DoNotRecreate || !o.SetModTime.IsZero() || o.GetModTime != nil {
		return blob.ErrUnsupportedPutBlobOption
	}
	whole, err := io.ReadAll(data.Reader())
	if err != nil {
		return err
	}
	return again(ctx, func() error {
		part := fmt.Sprintf("%s-%d", path, rand.Uint64()) //nolint:gosec // a name that nothing has yet
		err := d.cli.Write(part, whole, 0o600)
		if err == nil {
			err = d.cli.Rename(part, path, true)
		}
		if status(err) > 0 {
			_ = d.cli.Remove(part) // the first error says it all
		}
		return err
	})
}

// DeleteBlobInPath removes a file; one that is not there is no error.
func (d *davFiles) DeleteBlobInPath(ctx context.Context, _, path string) error {
	return again(ctx, func() error { return d.cli.Remove(path) })
}

// ReadDir lists a folder.
func (d *davFiles) ReadDir(ctx context.Context, path string) (entries []os.FileInfo, err error) {
	err = again(ctx, func() error {
		entries, err = d.cli.ReadDir(gowebdav.FixSlash(path))
		return err
	})
	return entries, err
}

const quotaQuestion = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><quota-available-bytes/><quota-used-bytes/></prop></propfind>`

// quotaAnswer is a multistatus as far as it is about the quota.
type quotaAnswer struct {
	Props []struct {
		Status    string `xml:"DAV: status"`
		Available string `xml:"DAV: prop>quota-available-bytes"`
		Used      string `xml:"DAV: prop>quota-used-bytes"`
	} `xml:"DAV: response>propstat"`
}

func (d *davFiles) quota(ctx context.Context) (blob.Capacity, error) {
	var said quotaAnswer
	if err := d.askQuota(ctx, &said); err != nil {
		return blob.Capacity{}, err
	}
	for _, p := range said.Props {
		left, err := strconv.ParseInt(strings.TrimSpace(p.Available), 10, 64)
		if err != nil || left < 0 || !strings.Contains(p.Status, " 200 ") { // below 0: not known, or without an end
			continue
		}
		used, _ := strconv.ParseInt(strings.TrimSpace(p.Used), 10, 64)
		return blob.Capacity{FreeB: uint64(left), SizeB: uint64(left + max(used, 0))}, nil
	}
	return blob.Capacity{}, blob.ErrNotAVolume
}

func (d *davFiles) askQuota(ctx context.Context, said *quotaAnswer) error {
	auth, body := d.auth.NewAuthenticator(strings.NewReader(quotaQuestion))
	defer auth.Close() //nolint:errcheck // it holds nothing
	r, err := http.NewRequestWithContext(ctx, "PROPFIND", d.url, body)
	if err != nil {
		return err
	}
	r.Header.Set("Depth", "0")
	r.Header.Set("Content-Type", "application/xml; charset=utf-8")
	client := &http.Client{}
	if err := auth.Authorize(client, r, "/"); err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode != http.StatusMultiStatus {
		return gowebdav.NewPathError("PROPFIND", d.url, answer.StatusCode)
	}
	return xml.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(said)
}

// What passes by itself is waited for: a tenth of a second at first, twice as long each time, 13 s in all.
const (
	mostTries = 8
	firstWait = 100 * time.Millisecond
)

// again does what do does until the server answers it for good.
func again(ctx context.Context, do func() error) error {
	wait := firstWait
	for tries := 1; ; tries++ {
		err := do()
		if err == nil || tries == mostTries || !passes(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
			wait *= 2
		}
	}
}

// passes says whether an answer may be another one in a moment.
func passes(err error) bool {
	switch code := status(err); code {
	case 0: // there was none
		return true
	case http.StatusBadRequest, // gowebdav's word for no answer to DELETE
		http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusInsufficientStorage:
		return false
	default:
		return code >= http.StatusInternalServerError
	}
}

// status is what a WebDAV server answered; 0 when err is no answer of one.
func status(err error) int {
	if answer, ok := errors.AsType[gowebdav.StatusError](err); ok {
		return answer.Status
	}
	return 0
}
