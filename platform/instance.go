package platform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// ErrTaken means that another process is the one instance.
var ErrTaken = errors.New("another instance is running")

// maxMessage bounds one message to the running instance, in bytes.
const maxMessage = 4 << 10

// Instance is the one running instance of a home. What it is told comes from Messages; the
// words are the caller's business.
type Instance struct {
	lock     *flock.Flock
	listener net.Listener
	messages chan string
	done     chan struct{}
}

// InstanceSocket gives the place where the one instance of a home listens: in the user's runtime
// folder, for paths of sockets are short, else in the home itself.
func InstanceSocket(home, id string) string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "holdfast-"+id[:min(16, len(id))]+".sock")
	}
	return filepath.Join(home, "window.sock")
}

// Claim makes this process the one instance, or gives ErrTaken. The claim ends with the process.
func Claim(socket string) (*Instance, error) {
	lock := flock.New(socket+".lock", flock.SetPermissions(0o600))
	mine, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", socket, err)
	}
	if !mine {
		return nil, ErrTaken
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) { // of a dead one
		return nil, errors.Join(err, lock.Unlock())
	}
	listener, err := net.Listen("unix", socket)
	if err == nil {
		err = os.Chmod(socket, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	i := &Instance{lock: lock, listener: listener, messages: make(chan string), done: make(chan struct{})}
	go i.serve()
	return i, nil
}

// Messages gives what other starts say to this one. It is closed by Close.
func (i *Instance) Messages() <-chan string { return i.messages }

func (i *Instance) serve() {
	defer close(i.messages)
	for {
		conn, err := i.listener.Accept()
		if err != nil {
			return // closed
		}
		i.receive(conn)
	}
}

func (i *Instance) receive(conn net.Conn) {
	defer conn.Close()                                    //nolint:errcheck // nothing is written
	_ = conn.SetReadDeadline(time.Now().Add(time.Second)) //nolint:forbidigo // a deadline of the system, not a time of ours
	line, err := bufio.NewReaderSize(conn, maxMessage).ReadSlice('\n')
	if err != nil {
		return
	}
	select {
	case i.messages <- strings.TrimSpace(string(line)):
	case <-i.done:
	}
}

// Close gives the claim up.
func (i *Instance) Close() error {
	close(i.done)
	return errors.Join(i.listener.Close(), i.lock.Unlock())
}

// Tell says something to the running instance: one line.
func Tell(ctx context.Context, socket, message string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("reach the running instance: %w", err)
	}
	_, err = fmt.Fprintln(conn, message)
	return errors.Join(err, conn.Close())
}
