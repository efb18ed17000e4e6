package mirror

import (
	"context"
	"errors"
	"net"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"holdfast/backup"
)

// unnamed is what Kopia calls a file until all of it is there: in folders and over SFTP, and over
// WebDAV. It never removes the files of a run that was killed or cut off.
var unnamed = regexp.MustCompile(`\.f(\.tmp\.[0-9a-f]{16}|-[0-9]+)$`)

// trialTime is longer than a trial takes, which may be under way in another process.
const trialTime = time.Hour

// sweep removes from the place what earlier runs left behind when they were killed or cut off: trials,
// and, where Request.Sweep is set, files that never became blobs. Nobody else writes those.
func (r *run) sweep(ctx context.Context, have map[blob.ID]blob.Metadata) error {
	for id, b := range have {
		if !strings.HasPrefix(string(id), probeHead) || r.Now().Sub(b.Timestamp) < trialTime {
			continue
		}
		if err := r.to.drop(ctx, id); err != nil {
			return err
		}
		delete(have, id)
	}
	if !r.Sweep {
		return nil
	}
	ctx, stop := context.WithTimeoutCause(ctx, r.to.patience, errSilent)
	defer stop()
	_, err := within(ctx, r.to, 0, func(context.Context, blob.Storage) (struct{}, error) {
		return struct{}{}, r.to.dropUnnamed(ctx, r.Now)
	})
	return r.to.place.explain(err)
}

func (s *Store) dropUnnamed(ctx context.Context, now backup.Clock) error {
	switch s.place.Kind {
	case Folder:
		return dropUnnamed(localFolders{}, s.place.Path, "", now())
	case SFTP:
		client, err := s.place.dialSFTP(ctx)
		if err != nil {
			return err
		}
		return errors.Join(dropUnnamed(client, s.place.Path, "", now()), client.Close())
	case WebDAV:
		return dropUnnamed(s.dav, "/", "", now())
	case S3: // takes an object whole or not at all
	}
	return nil
}

// folders is a place whose blobs are files.
type folders interface {
	ReadDir(path string) ([]os.FileInfo, error)
	Remove(path string) error
}

// dropUnnamed removes the files that never became blobs from a folder and those in it. The names of
// its blobs begin with head.
func dropUnnamed(f folders, folder, head string, now time.Time) error {
	entries, err := f.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		full := path.Join(folder, e.Name())
		trial := strings.HasPrefix(head+e.Name(), probeHead) && now.Sub(e.ModTime()) < trialTime
		switch {
		case e.IsDir() && head == "":
			err = dropUnnamed(f, full, e.Name(), now)
		case e.Mode().IsRegular() && unnamed.MatchString(e.Name()) && !trial:
			err = f.Remove(full)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// localFolders are those of this machine.
type localFolders struct{}

// ReadDir implements folders.
func (localFolders) ReadDir(path string) ([]os.FileInfo, error) {
	entries, err := os.ReadDir(path)
	infos := make([]os.FileInfo, 0, len(entries))
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else it is gone
			infos = append(infos, info)
		}
	}
	return infos, err
}

// Remove implements folders.
func (localFolders) Remove(path string) error { return os.Remove(path) }

// dialSFTP connects to an SFTP server beside Kopia, which shows nothing but blobs. The end of the
// context ends the connection.
func (p Place) dialSFTP(ctx context.Context) (*sftp.Client, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(p.HostKey)) //nolint:dogsled // a pinned key has nothing else
	if err != nil {
		return nil, err
	}
	auth, done, err := p.authentication(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", p.address())
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	c, channels, requests, err := ssh.NewClientConn(conn, p.address(), &ssh.ClientConfig{
		User: p.User, Auth: []ssh.AuthMethod{auth}, HostKeyCallback: ssh.FixedHostKey(key), HostKeyAlgorithms: algorithms(key.Type()),
	})
	if err != nil {
		return nil, err
	}
	return sftp.NewClient(ssh.NewClient(c, channels, requests))
}

// authentication is by the key file, or by the SSH agent until done is called.
func (p Place) authentication(ctx context.Context) (auth ssh.AuthMethod, done func(), err error) {
	if p.Identity != "" {
		text, err := p.readIdentity()
		if err != nil {
			return nil, nil, err
		}
		signer, err := ssh.ParsePrivateKey([]byte(text))
		return ssh.PublicKeys(signer), func() {}, err
	}
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "unix", os.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return nil, nil, err
	}
	return ssh.PublicKeysCallback(agent.NewClient(conn).Signers), func() { _ = conn.Close() }, nil
}
