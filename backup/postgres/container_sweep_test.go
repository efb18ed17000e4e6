package postgres

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backup"
)

// TestContainerProxySweeps opens a proxy beside what killed processes and others left: only the old
// sockets where nobody listens go, with their folders.
func TestContainerProxySweeps(t *testing.T) {
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	temp, err := os.MkdirTemp("", "hf-test-") // short: it holds sockets
	ok(err)
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	t.Setenv("TMPDIR", temp)
	plant := func(name string, listens bool, age time.Duration) {
		folder := filepath.Join(temp, name)
		ok(os.Mkdir(folder, 0o700))
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(folder, ".s.PGSQL.5432")})
		ok(err)
		l.SetUnlinkOnClose(false)
		if listens {
			t.Cleanup(func() { _ = l.Close() })
		} else {
			ok(l.Close())
		}
		past := time.Now().Add(-age)
		ok(os.Chtimes(folder, past, past))
	}
	plant("hf-dead", false, time.Hour)
	plant("hf-young", false, 0)
	plant("hf-alive", true, time.Hour)
	plant("other", false, time.Hour)
	ok(os.Mkdir(filepath.Join(temp, "hf-empty"), 0o700))

	p, err := openProxy(backup.Connection{Port: 5432})
	ok(err)
	ok(p.close())
	for name, want := range map[string]bool{"hf-dead": false, "hf-young": true, "hf-alive": true, "other": true, "hf-empty": true} {
		if _, err := os.Stat(filepath.Join(temp, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}
