package mirror

import (
	"context"

	"golang.org/x/crypto/ssh"
)

// HostKey is what an SFTP server says it is.
type HostKey struct {
	Fingerprint string // "SHA256:…", as ssh-keygen -l prints it
	Type        string // such as "ssh-ed25519"
	Compare     string // the command that prints it on the server
}

// AskHostKey asks an SFTP server for its host key, so that a person can compare it. Nothing is sent
// that names the person or opens anything. Other kinds of places have none: the zero value.
func (p Place) AskHostKey(ctx context.Context) (HostKey, error) {
	if p.Kind != SFTP {
		return HostKey{}, nil
	}
	key, err := p.hostKey(ctx)
	if err != nil {
		return HostKey{}, err
	}
	return HostKey{
		Fingerprint: ssh.FingerprintSHA256(key), Type: key.Type(),
		Compare: "ssh-keygen -lf /etc/ssh/ssh_host_" + keyType(key) + "_key.pub",
	}, nil
}
