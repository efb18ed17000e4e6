package mirrortest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/crypto/ssh"

	"holdfast/backup/vault/mirror"
)

// SSHD finds OpenSSH's server: where make says it is, else where Debian puts it. Without one, missing
// says so.
func SSHD(t testing.TB) (program, missing string) {
	t.Helper()
	return find(t, "HOLDFAST_TEST_SSHD", "OpenSSH's sshd", "/usr/sbin/sshd")
}

// Gateway finds versitygw, an S3 server: where make says it is, else where .ci/versitygw puts it.
func Gateway(t testing.TB) (program, missing string) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	return find(t, "HOLDFAST_TEST_VERSITYGW", "versitygw", filepath.Join(filepath.Dir(here), "../../../../.tools/versitygw-v*[0-9]"))
}

func find(t testing.TB, variable, what, pattern string) (program, missing string) {
	t.Helper()
	missing = "NOT TRIED against " + what + ", which is not here; make test brings it"
	if program = os.Getenv(variable); program != "" {
		if _, err := os.Stat(program); err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
		return program, ""
	}
	found, err := filepath.Glob(pattern)
	ok(t, err)
	if len(found) == 0 || runtime.GOOS == "windows" {
		return "", missing
	}
	return slices.Max(found), ""
}

// OpenSSH runs OpenSSH's own server with a configuration and keys of its own. The copy goes into a
// folder of dir. As root the server is another user's, who is given dir.
func OpenSSH(t testing.TB, program, dir string) Place {
	t.Helper()
	keys := t.TempDir()
	public, identity := NewIdentity(t, keys)
	files := t.TempDir()
	host, hostKey := NewIdentity(t, files)
	allowed := filepath.Join(files, "authorized_keys")
	ok(t, os.WriteFile(allowed, ssh.MarshalAuthorizedKey(public), 0o600))
	port := freePort(t)
	config := filepath.Join(files, "sshd_config")
	text := fmt.Sprintf("ListenAddress 127.0.0.1:%d\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 200\nSubsystem sftp internal-sftp\n", port, hostKey, allowed)
	ok(t, os.WriteFile(config, []byte(text), 0o600))
	cmd := exec.Command(program, "-D", "-e", "-f", config)
	if exec.Command(program, "-t", "-f", config, "-o", "PerSourcePenalties=no").Run() == nil { // from 9.8 on, it shuts out who fails often
		cmd.Args = append(cmd.Args, "-o", "PerSourcePenalties=no")
	}
	user := another(t, cmd, files, dir)
	w := newWire(t, run(t, cmd, port))
	addr := w.listener.Addr().(*net.TCPAddr)
	p := mirror.Place{Kind: mirror.SFTP, Host: addr.IP.String(), Port: addr.Port, User: user, Path: filepath.Join(dir, "copy"), Identity: identity}
	fingerprint := ssh.FingerprintSHA256(host)
	p, err := p.Pin(t.Context(), fingerprint)
	ok(t, err)
	return Place{Place: p, Fingerprint: fingerprint, Wire: w}
}

// LockedBucket is a bucket of VersityGW's in which objects can be locked.
const LockedBucket = "locked"

// VersityGW runs the versitygw S3 server, whose buckets are folders of dir: one as any, and
// LockedBucket.
func VersityGW(t testing.TB, program, dir string) Place {
	t.Helper()
	port := freePort(t)
	objects, versions, facts := filepath.Join(dir, "objects"), filepath.Join(dir, "versions"), t.TempDir()
	ok(t, os.Mkdir(objects, 0o700))
	ok(t, os.Mkdir(versions, 0o700))
	cmd := exec.Command(program, "--port", fmt.Sprintf("127.0.0.1:%d", port), "--quiet", "posix", "--sidecar", facts, "--versioning-dir", versions, objects)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+accessKey, "ROOT_SECRET_ACCESS_KEY="+password)
	address := run(t, cmd, port)
	client := Client(t, address)
	ok(t, client.MakeBucket(t.Context(), "vaults", minio.MakeBucketOptions{Region: "us-east-1"}))
	ok(t, client.MakeBucket(t.Context(), LockedBucket, minio.MakeBucketOptions{Region: "us-east-1", ObjectLocking: true}))
	w := newWire(t, address)
	return Place{
		Place:  mirror.Place{Kind: mirror.S3, Endpoint: "http://" + w.address(), Bucket: "vaults", Prefix: "desk", Region: "us-east-1", AccessKeyID: accessKey},
		Secret: password, Wire: w,
	}
}

// Client speaks with a VersityGW as its administrator.
func Client(t testing.TB, address string) *minio.Client {
	t.Helper()
	client, err := minio.New(strings.TrimPrefix(address, "http://"), &minio.Options{Creds: credentials.NewStaticV4(accessKey, password, ""), Region: "us-east-1"})
	ok(t, err)
	return client
}

// freePort asks the system for a port that nobody uses.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer closed(l)
	return l.Addr().(*net.TCPAddr).Port
}

// run starts a server, which ends with the test and with this process, and waits until it answers.
func run(t testing.TB, cmd *exec.Cmd, port int) (address string) {
	t.Helper()
	said := &lines{}
	cmd.Stdout, cmd.Stderr = said, said
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the server ends with the thread that started it
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	ok(t, <-started)
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s said: %s", filepath.Base(cmd.Path), said)
		}
	})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	address = fmt.Sprintf("127.0.0.1:%d", port)
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			closed(conn)
			return address
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", filepath.Base(cmd.Path), said)
		case <-ctx.Done():
			t.Fatalf("%s does not answer: %s", filepath.Base(cmd.Path), said)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// lines keeps what a server said.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String gives all of it.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(l.text.String())
}
