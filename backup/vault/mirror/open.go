package mirror

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/sftp"
	"github.com/kopia/kopia/repo/blob/throttling"
	"github.com/studio-b12/gowebdav"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// Options say how a place is used.
type Options struct {
	Secret   string        // of an S3 access key, or a WebDAV password
	Limit    int64         // bytes sent per second on average; 0 is no limit
	Create   bool          // make a folder that is not there
	Lock     time.Duration // s3: for which nobody can change or delete what is written; 0: it is not locked
	At       time.Time     // see the copy as it was then, for reading alone; zero: as it is
	Patience time.Duration // for each answer, beside the time that its bytes take; 0 is two minutes
	Slowest  int64         // bytes per second; what is slower counts as no answer; 0 is 64 KiB
}

const (
	defaultPatience = 2 * time.Minute
	defaultSlowest  = 64 << 10
)

// Open connects to a place. Close gives it up.
func Open(ctx context.Context, p Place, o Options) (*Store, error) {
	p, err := p.Check()
	if err != nil {
		return nil, err
	}
	if o.Lock > 0 && p.Kind != S3 {
		return nil, backup.Errorf(backup.Usage, "Leave it out.", "only what is in a bucket can be locked")
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Slowest == 0 {
		o.Slowest = defaultSlowest
	}
	s := &Store{place: p, patience: o.Patience, slowest: o.Slowest, at: o.At, lock: o.Lock}
	_, err = within(ctx, s, 0, func(ctx context.Context, _ blob.Storage) (struct{}, error) { return struct{}{}, s.connect(ctx, o) })
	if err != nil {
		return nil, errors.Join(p.explain(err), s.Close(context.WithoutCancel(ctx)))
	}
	if o.Limit > 0 {
		t, err := throttling.NewThrottler(throttling.Limits{UploadBytesPerSecond: float64(o.Limit)}, time.Second, 1)
		if err != nil {
			return nil, err
		}
		s.throttle = t
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, o Options) error {
	var st blob.Storage
	var err error
	switch s.place.Kind {
	case Folder:
		st, err = s.place.openFolder(ctx, o.Create)
	case S3:
		st, err = s.openS3(ctx, o.Secret)
	case SFTP:
		st, err = s.openSFTP(ctx)
	case WebDAV:
		st, err = s.openWebDAV(o.Secret, o.Create)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storage = st
	return err
}

// openFolder makes only the last folder of the path: one above it that is not there is a disk that is
// not mounted.
func (p Place) openFolder(ctx context.Context, create bool) (blob.Storage, error) {
	info, err := os.Stat(p.Path)
	if errors.Is(err, os.ErrNotExist) && create {
		err = os.Mkdir(p.Path, 0o700)
	} else if err == nil && !info.IsDir() {
		err = backup.Errorf(backup.Usage, "Name a folder.", "%s is no folder", p.Path)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, &backup.Error{Kind: backup.Unreachable, Text: "there is no folder " + p.Path, Hint: "Is its disk mounted?", Err: err}
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(p.Path, "holdfast.json")); err == nil {
		return nil, backup.Errorf(backup.Refused, "Choose a folder of its own for the copy.", "the folder %s is a vault that is written to", p.Path)
	}
	if _, err := os.Stat(filepath.Join(p.Path, ".shards")); err != nil && !create {
		return nil, errNoCopy(p)
	}
	return vault.FolderStorage(ctx, p.Path)
}

func (s *Store) openSFTP(ctx context.Context) (blob.Storage, error) {
	p := s.place
	key, err := p.checkHostKey(ctx)
	if err != nil {
		return nil, err
	}
	o := &sftp.Options{Path: p.Path, Host: p.Host, Port: p.Port, Username: p.User, KnownHostsData: p.knownHosts(key), Options: vault.Shards()}
	if p.Identity != "" {
		if o.KeyData, err = p.readIdentity(); err != nil {
			return nil, err
		}
		return sftp.New(ctx, o, true)
	}
	if os.Getenv("SSH_AUTH_SOCK") == "" {
		return nil, backup.Errorf(backup.Usage, "Name the private key's file with --identity-file FILE, or start an SSH agent.", "there is neither a key file nor an SSH agent")
	}
	known, err := writeKnownHosts(o.KnownHostsData)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.remove = known
	s.mu.Unlock()
	o.ExternalSSH = true
	o.SSHArguments = fmt.Sprintf("-F none -p %d -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=%s -o GlobalKnownHostsFile=none "+
		"-o HostKeyAlgorithms=%s -o ForwardAgent=no -o ConnectTimeout=15 -o ServerAliveInterval=15 -o LogLevel=QUIET", p.Port, known, strings.Join(algorithms(key.Type()), ","))
	return sftp.New(context.WithoutCancel(ctx), o, true) // the context ends the ssh command
}

// algorithms are the signatures that a host key of a type makes.
func algorithms(keyType string) []string {
	if keyType == "ssh-rsa" {
		return []string{"rsa-sha2-512", "rsa-sha2-256"}
	}
	return []string{keyType}
}

const knownHostsHead = "holdfast-known-hosts-"

// writeKnownHosts writes a server's public key into a temporary file, for the ssh command.
func writeKnownHosts(text string) (string, error) {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), knownHostsHead+"*")) // the pattern is well formed
	for _, left := range old {
		if info, err := os.Lstat(left); err == nil && time.Since(info.ModTime()) > 2*day {
			_ = os.Remove(left) // of a run that was killed; it holds no secret
		}
	}
	f, err := os.CreateTemp("", knownHostsHead+"*")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil && strings.ContainsAny(f.Name(), " \"%") {
		err = backup.Errorf(backup.Usage, "Use --identity-file, or set TMPDIR to a path without spaces.", "the ssh command cannot use the temporary folder")
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func (s *Store) openWebDAV(secret string, create bool) (blob.Storage, error) {
	p := s.place
	auth := gowebdav.NewAutoAuth(p.User, secret)
	cli := gowebdav.NewAuthClient(p.URL, auth)
	cli.SetHeader("Accept-Encoding", "identity") // there is nothing to compress in what is encrypted
	_, err := cli.Stat("/")
	if gowebdav.IsErrNotFound(err) && create {
		err = cli.Mkdir("/", 0o700)
	}
	if gowebdav.IsErrNotFound(err) {
		return nil, &backup.Error{Kind: backup.Unreachable, Text: "there is no WebDAV folder " + p.URL, Hint: "Make it, or mend the address.", Err: err}
	}
	if err != nil {
		return nil, err
	}
	s.dav = cli
	return newDAVFolder(p.URL, auth, cli), nil
}
