package mirror

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"holdfast/backup"
)

// dialTime bounds a first connection.
const dialTime = 15 * time.Second

var errSeen = errors.New("the host key is all that was wanted")

func (p Place) address() string { return net.JoinHostPort(p.Host, strconv.Itoa(p.Port)) }

// hostKey asks an SFTP server for its host key, and goes no further.
func (p Place) hostKey(ctx context.Context) (ssh.PublicKey, error) {
	ctx, end := context.WithTimeoutCause(ctx, dialTime, errSilent)
	defer end()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address())
	if err != nil {
		return nil, p.explain(err)
	}
	defer conn.Close()                                          //nolint:errcheck // nothing was sent
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // nothing else ends a handshake
	defer stop()
	var seen ssh.PublicKey
	_, _, _, err = ssh.NewClientConn(conn, p.address(), &ssh.ClientConfig{
		User: p.User,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			seen = key
			return errSeen
		},
	})
	if seen == nil {
		return nil, p.explain(err)
	}
	return seen, nil
}

// Pin asks an SFTP server for its host key and keeps it in the place if its fingerprint is the one
// given. Without one it refuses, and says which the server has. Other kinds stay as they are.
func (p Place) Pin(ctx context.Context, fingerprint string) (Place, error) {
	if p.Kind != SFTP {
		return p, nil
	}
	key, err := p.hostKey(ctx)
	if err != nil {
		return p, err
	}
	has := ssh.FingerprintSHA256(key)
	hint := "Compare it on the server: ssh-keygen -lf /etc/ssh/ssh_host_" + keyType(key) + "_key.pub. If it is the same: --host-key-fingerprint " + has
	if fingerprint == "" {
		return p, backup.Errorf(backup.Refused, hint, "the host key of %s is not known yet; it is %s (%s)", p.Host, has, key.Type())
	}
	if strings.TrimRight(fingerprint, "=") != has {
		return p, backup.Errorf(backup.Refused, hint, "the host key of %s is %s (%s), not the one given", p.Host, has, key.Type())
	}
	p.HostKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	return p, nil
}

// keyType is the name of a key's kind in the names of a server's files.
func keyType(key ssh.PublicKey) string {
	return strings.TrimPrefix(strings.TrimPrefix(strings.Split(key.Type(), "-sha2")[0], "ssh-"), "sk-")
}

// checkHostKey refuses a server whose key is not the one that was pinned.
func (p Place) checkHostKey(ctx context.Context) (ssh.PublicKey, error) {
	pinned, _, _, _, err := ssh.ParseAuthorizedKey([]byte(p.HostKey))
	if err != nil {
		return nil, backup.Errorf(backup.Refused, "Add the place again: holdfast offsite add", "no host key of %s is known", p.Host)
	}
	key, err := p.hostKey(ctx)
	if err != nil {
		return nil, err
	}
	if string(key.Marshal()) != string(pinned.Marshal()) {
		return nil, backup.Errorf(backup.Refused, "Ask who runs the server. If it has a new key, remove the place and add it again.",
			"the host key of %s is %s, not the %s that it had: somebody may be in between", p.Host, ssh.FingerprintSHA256(key), ssh.FingerprintSHA256(pinned))
	}
	return pinned, nil
}

func (p Place) knownHosts(key ssh.PublicKey) string {
	return knownhosts.Line([]string{p.address()}, key) + "\n"
}

// readIdentity reads a private key that needs no passphrase.
func (p Place) readIdentity() (string, error) {
	info, err := os.Stat(p.Identity)
	if err == nil && !info.Mode().IsRegular() { // a pipe may never end, and is not there the next time
		return "", backup.Errorf(backup.Usage, "Name the private key's file: --identity-file FILE", "%s is not a file", p.Identity)
	}
	text, err := os.ReadFile(p.Identity)
	if err != nil {
		return "", &backup.Error{Kind: backup.Usage, Text: "the key file cannot be read: " + p.Identity, Hint: "Name the private key's file: --identity-file FILE", Err: err}
	}
	_, err = ssh.ParsePrivateKey(text)
	if _, sealed := errors.AsType[*ssh.PassphraseMissingError](err); sealed {
		return "", backup.Errorf(backup.Usage, fmt.Sprintf("Give it to your SSH agent (ssh-add %s) and leave --identity-file out.", p.Identity), "the key file %s needs a passphrase", p.Identity)
	}
	if err != nil {
		return "", &backup.Error{Kind: backup.Usage, Text: p.Identity + " is no private key", Hint: "Name the private key's file, not the one that ends in .pub.", Err: err}
	}
	return string(text), nil
}
