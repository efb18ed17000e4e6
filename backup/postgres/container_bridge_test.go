//go:build !windows

package postgres

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
)

// echo listens for one connection, on a Unix socket or over TCP, and serves it.
func echo(t *testing.T, network string, serve func(net.Conn)) backup.Connection {
	t.Helper()
	c := backup.Connection{Container: backup.Container{Engine: "docker", Name: "c"}, Host: "127.0.0.1", Port: 5432}
	address := "127.0.0.1:0"
	if network == "unix" {
		dir, err := os.MkdirTemp("", "hfs-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		c.Host, address = dir, filepath.Join(dir, ".s.PGSQL.5432")
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok {
		c.Port = uint16(tcp.Port)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		serve(conn)
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return c
}

// bridges runs a test with each kind of bridge, to a Unix socket too where it can.
func bridges(t *testing.T, run func(t *testing.T, e *testEngine, network string)) {
	for name, programs := range map[string][]string{
		"perl tcp": {"sh", "perl"}, "perl unix": {"sh", "perl"}, "bash tcp": {"sh", "bash", "dd"},
	} {
		t.Run(name, func(t *testing.T) {
			e := startEngine(t)
			e.add("c", withPath(t, &testContainer{}, programs...))
			_, network, _ := strings.Cut(name, " ")
			run(t, e, network)
		})
	}
}

// TestBridgeCarriesEveryByte sends both ways more than all buffers hold, while one side first
// writes everything and only then reads: a bridge that stopped one way for the other would hang.
func TestBridgeCarriesEveryByte(t *testing.T) {
	down := make([]byte, 4<<20)
	_, _ = rand.Read(down)
	copy(down, "\x00\x04\r\n\xff holdfast bridge\n")
	up := slices.Clone(down)
	slices.Reverse(up)
	for name, patient := range map[string]bool{"the server writes first": false, "the client writes first": true} {
		t.Run(name, func(t *testing.T) {
			bridges(t, func(t *testing.T, _ *testEngine, network string) {
				c := echo(t, network, func(conn net.Conn) { exchange(t, conn, down, up, !patient) })
				b, err := openBridge(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				defer b.Close()
				exchange(t, b, up, down, patient)
			})
		})
	}
}

// exchange sends and expects, both at once or one after the other.
func exchange(t *testing.T, conn net.Conn, send, want []byte, first bool) {
	written := make(chan error, 1)
	write := func() { _, err := conn.Write(send); written <- err }
	if first {
		write()
	} else {
		go write()
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("something else arrived: %v", err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// TestBridgeEnds has either end gone.
func TestBridgeEnds(t *testing.T) {
	bridges(t, func(t *testing.T, e *testEngine, network string) {
		closed := make(chan error, 1)
		c := echo(t, network, func(conn net.Conn) {
			_, err := io.ReadAll(conn)
			closed <- err
		})
		b, err := openBridge(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SetReadDeadline(time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if err := <-closed; err != nil {
			t.Errorf("the server saw %v", err)
		}
		if b.run.cmd.ProcessState == nil {
			t.Error("the engine's command was not waited for")
		}
		e.idle()

		c = echo(t, network, func(conn net.Conn) { _, _ = io.WriteString(conn, "bye") })
		if b, err = openBridge(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(b); string(text) != "bye" || err != nil {
			t.Errorf("%q %v", text, err)
		}
		e.idle() // though our end is open
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// bridgeVictim names the server that the process which will be killed connects to.
const bridgeVictim = "HOLDFAST_TEST_BRIDGE"

// TestBridgeVictim is that process.
func TestBridgeVictim(t *testing.T) {
	text := os.Getenv(bridgeVictim)
	if text == "" {
		t.Skip("only for TestBridgeEndsWithUs")
	}
	var c backup.Connection
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	b, err := openBridge(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(b, "here")
	_, _ = b.Read(make([]byte, 1))
}

// TestBridgeEndsWithUs kills a process that has a bridge, and the engine's command of one.
func TestBridgeEndsWithUs(t *testing.T) {
	bridges(t, func(t *testing.T, e *testEngine, network string) {
		connected := make(chan struct{})
		c := echo(t, network, func(conn net.Conn) {
			_, _ = io.ReadFull(conn, make([]byte, 4))
			close(connected)
			_, _ = io.Copy(io.Discard, conn)
		})
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		victim := exec.Command(os.Args[0], "-test.run=^TestBridgeVictim$")
		victim.Env = append(os.Environ(), bridgeVictim+"="+string(text))
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		<-connected
		_ = victim.Process.Kill()
		_ = victim.Wait() // with an error: it was killed
		e.idle()

		c = echo(t, network, func(conn net.Conn) { _, _ = io.Copy(conn, conn) })
		b, err := openBridge(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.run.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		e.idle()
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
		_ = b.Close()
	})
}
