// Package mirrortest runs the servers that copies of vaults go to, for tests: on loopback, each behind a
// relay that can be cut.
package mirrortest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/net/webdav"

	"holdfast/backup/vault/mirror"
)

// Place is a running server, or a folder, and how to break it.
type Place struct {
	mirror.Place

	Secret      string
	Fingerprint string // of an SFTP server's host key
	Wire        *Wire  // nil for a folder
}

// Wire is a TCP relay in front of a server. It can be cut after a number of bytes from the client.
type Wire struct {
	Left atomic.Int64 // bytes from the client until the cut; below 0: none any more

	listener net.Listener

	mu    sync.Mutex
	to    string
	conns []net.Conn
}

// Endless is more than any test sends.
const Endless = 1 << 50

func newWire(t testing.TB, to string) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	w := &Wire{listener: l, to: to}
	w.Left.Store(Endless)
	var relays sync.WaitGroup
	relays.Go(func() { w.serve(&relays) })
	t.Cleanup(func() {
		ok(t, l.Close())
		w.cut()
		relays.Wait()
	})
	return w
}

func (w *Wire) serve(relays *sync.WaitGroup) {
	for {
		in, err := w.listener.Accept()
		if err != nil {
			return
		}
		if w.Left.Load() <= 0 {
			closed(in)
			continue
		}
		out, err := net.Dial("tcp", w.end())
		if err != nil {
			closed(in)
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, in, out)
		w.mu.Unlock()
		relays.Go(func() { w.relay(out, in, true) })
		relays.Go(func() { w.relay(in, out, false) })
	}
}

func (w *Wire) end() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to
}

// Lead lets another server answer here from now on, as somebody in between would.
func (w *Wire) Lead(to *Wire) {
	other := to.end()
	w.cut()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = other
}

func (w *Wire) relay(to, from net.Conn, counted bool) {
	defer closed(to)
	defer closed(from)
	chunk := make([]byte, 16<<10)
	for {
		n, err := from.Read(chunk)
		if counted && w.Left.Add(-int64(n)) <= 0 {
			w.cut()
			return
		}
		if _, failed := to.Write(chunk[:n]); err != nil || failed != nil {
			return
		}
	}
}

// closed closes what may be closed already.
func closed(c io.Closer) { _ = c.Close() }

func (w *Wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		closed(c)
	}
	w.conns = nil
}

func (w *Wire) address() string { return w.listener.Addr().String() }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// All starts one server of each kind, and, where their programs are, those that people run: "openssh"
// and "versitygw".
func All(t testing.TB) map[string]Place {
	t.Helper()
	all := map[string]Place{"folder": Folder(t), "s3": S3(t), "sftp": SFTP(t), "webdav": WebDAV(t)}
	if program, missing := SSHD(t); missing == "" {
		all["openssh"] = OpenSSH(t, program, t.TempDir())
	} else {
		t.Log(missing)
	}
	if program, missing := Gateway(t); missing == "" {
		all["versitygw"] = VersityGW(t, program, t.TempDir())
	} else {
		t.Log(missing)
	}
	return all
}

// Folder is a folder that is not there yet.
func Folder(t testing.TB) Place {
	return Place{Place: mirror.Place{Kind: mirror.Folder, Path: filepath.Join(t.TempDir(), "copy of the vault")}}
}

// What the servers want to hear.
const (
	accessKey = "AKIATEST"
	password  = "correct horse"
)

// S3 is a bucket of a server in memory. It knows who signs, though it does not check what.
func S3(t testing.TB) Place {
	t.Helper()
	backend := s3mem.New()
	ok(t, backend.CreateBucket("vaults"))
	inner := gofakes3.New(backend).Server()
	w := serveHTTP(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+accessKey+"/") {
			rw.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(rw, `<Error><Code>InvalidAccessKeyId</Code><Message>unknown</Message></Error>`)
			return
		}
		inner.ServeHTTP(rw, r)
	}))
	return Place{
		Place:  mirror.Place{Kind: mirror.S3, Endpoint: "http://" + w.address(), Bucket: "vaults", Prefix: "desk", Region: "us-east-1", AccessKeyID: accessKey},
		Secret: "not checked here", Wire: w,
	}
}

// WebDAV is a folder of a server that asks for a name and a password.
func WebDAV(t testing.TB) Place {
	t.Helper()
	return WebDAVOn(t, t.TempDir(), nil)
}

// WebDAVOn is the same on a folder of the caller's. What the server does goes through a handler around it,
// if there is one.
func WebDAVOn(t testing.TB, folder string, around func(http.Handler) http.Handler) Place {
	t.Helper()
	var handler http.Handler = &webdav.Handler{FileSystem: webdav.Dir(folder), LockSystem: webdav.NewMemLS()}
	if around != nil {
		handler = around(handler)
	}
	w := serveHTTP(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if user, given, _ := r.BasicAuth(); user != "me" || given != password {
			rw.Header().Set("WWW-Authenticate", `Basic realm="copies"`)
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(rw, r)
	}))
	return Place{Place: mirror.Place{Kind: mirror.WebDAV, URL: "http://" + w.address() + "/copy", User: "me"}, Secret: password, Wire: w}
}

func serveHTTP(t testing.TB, h http.Handler) *Wire {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return newWire(t, server.Listener.Addr().String())
}

// SFTP is an SSH server that gives out this machine's files to whoever has the key.
func SFTP(t testing.TB) Place {
	t.Helper()
	dir := t.TempDir()
	public, identity := NewIdentity(t, dir)
	_, hostPrivate, err := ed25519.GenerateKey(rand.Reader)
	ok(t, err)
	host, err := ssh.NewSignerFromKey(hostPrivate)
	ok(t, err)
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if !bytes.Equal(key.Marshal(), public.Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(host)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	var served sync.WaitGroup
	served.Go(func() { serveSSH(l, config, &served) })
	w := newWire(t, l.Addr().String())
	t.Cleanup(func() {
		ok(t, l.Close())
		w.cut()
		served.Wait()
	})
	addr := w.listener.Addr().(*net.TCPAddr)
	p := mirror.Place{Kind: mirror.SFTP, Host: addr.IP.String(), Port: addr.Port, User: "me", Path: filepath.Join(dir, "copy"), Identity: identity}
	fingerprint := ssh.FingerprintSHA256(host.PublicKey())
	p, err = p.Pin(t.Context(), fingerprint)
	ok(t, err)
	return Place{Place: p, Fingerprint: fingerprint, Wire: w}
}

// NewIdentity makes a key pair, and writes the private key into a file.
func NewIdentity(t testing.TB, dir string) (public ssh.PublicKey, path string) {
	t.Helper()
	raw, private, err := ed25519.GenerateKey(rand.Reader)
	ok(t, err)
	public, err = ssh.NewPublicKey(raw)
	ok(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	ok(t, err)
	path = filepath.Join(dir, "id_ed25519")
	ok(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	return public, path
}

func serveSSH(l net.Listener, config *ssh.ServerConfig, served *sync.WaitGroup) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		served.Go(func() { serveConn(conn, config, served) })
	}
}

func serveConn(conn net.Conn, config *ssh.ServerConfig, served *sync.WaitGroup) {
	defer closed(conn)
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for asked := range channels {
		channel, requests, err := asked.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		}()
		served.Go(func() {
			defer closed(channel)
			if server, err := sftp.NewServer(channel); err == nil {
				_ = server.Serve()
			}
		})
	}
}
