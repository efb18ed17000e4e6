package mirror_test

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestAgentHoldsTheKey copies to SFTP servers with a key that only an SSH agent has. It sets the
// environment, so it runs alone.
func TestAgentHoldsTheKey(t *testing.T) {
	for name, p := range mirrortest.All(t) {
		if p.Kind == mirror.SFTP {
			t.Run(name, func(t *testing.T) { copyWithAgent(t, p) })
		}
	}
}

func copyWithAgent(t *testing.T, p mirrortest.Place) {
	t.Helper()
	text, err := os.ReadFile(p.Identity)
	ok(t, err)
	key, err := ssh.ParseRawPrivateKey(text)
	ok(t, err)
	p.Identity = ""

	t.Setenv("SSH_AUTH_SOCK", "")
	_, err = mirror.Open(t.Context(), p.Place, mirror.Options{})
	fails(t, err, backup.Usage, "neither a key file nor an SSH agent")

	keys := agent.NewKeyring()
	t.Setenv("SSH_AUTH_SOCK", serveAgent(t, keys))
	_, err = mirror.Open(t.Context(), p.Place, mirror.Options{})
	fails(t, err, backup.Unreachable, "refuses these credentials")

	ok(t, keys.Add(agent.AddedKey{PrivateKey: key}))
	v := newVault(t)
	id := put(t, v, noise(1, 1<<20))
	s := connect(t, p, mirror.Options{})
	h := newHome(v)
	h.Sweep = true // it connects by itself
	h.sync(t, v, s)
	same(t, fetched(t, s), id, noise(1, 1<<20))
}

func serveAgent(t *testing.T, keys agent.Agent) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	ok(t, err)
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { _ = agent.ServeAgent(keys, conn) })
		}
	})
	t.Cleanup(func() {
		ok(t, l.Close())
		served.Wait()
	})
	return socket
}
