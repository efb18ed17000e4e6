package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"holdfast/backup"
)

// proxy lets client tools on this machine reach a server in a container: a Unix socket in a
// folder that only we may enter, and a bridge for each connection to it.
type proxy struct {
	folder   string
	where    backup.Connection
	listener net.Listener
	ctx      context.Context //nolint:containedctx // ends what is being connected when the proxy is closed
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	err   error // the first bridge that could not be made
}

// openProxy makes a proxy to c, which is in a container. libpq reaches it with the folder as
// host and c's port.
func openProxy(c backup.Connection) (*proxy, error) {
	c = inside(c)
	sweepProxies()
	folder, err := os.MkdirTemp("", "hf-") // mode 0700; short: the path of a socket may have 107 bytes
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", filepath.Join(folder, ".s.PGSQL."+strconv.Itoa(int(c.Port))))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	p := &proxy{folder: folder, where: c, listener: listener, conns: map[net.Conn]bool{}}
	p.ctx, p.cancel = context.WithCancel(context.Background()) // a tool that is told to end still connects, to cancel what it runs
	p.running.Go(p.accept)
	return p, nil
}

// sweepProxies removes the folders of proxies whose process was killed: nobody listens there any more.
func sweepProxies() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "hf-*")) // the pattern is well formed
	for _, folder := range left {
		inside, err := os.ReadDir(folder)
		info, statErr := os.Stat(folder)
		if err != nil || statErr != nil || len(inside) != 1 || inside[0].Type() != os.ModeSocket || time.Since(info.ModTime()) < time.Minute {
			continue // it is not ours, or just being made, or a server's own
		}
		conn, err := net.Dial("unix", filepath.Join(folder, inside[0].Name()))
		if err == nil {
			_ = conn.Close() // it is in use
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.RemoveAll(folder) // what cannot be removed does no harm
		}
	}
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // it is closed
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// serve carries one connection until either side ends it.
func (p *proxy) serve(client net.Conn) {
	if !p.hold(client) {
		return
	}
	defer p.drop(client)
	ctx, cancel := context.WithTimeout(p.ctx, connectTimeout)
	server, err := openBridge(ctx, p.where)
	cancel()
	if err != nil {
		p.failed(err)
		return
	}
	if !p.hold(server) {
		return
	}
	defer p.drop(server)
	ends := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		p.running.Go(func() {
			_, _ = io.Copy(way[1], way[0]) // whichever side broke, both are closed, and the tool says so
			ends <- struct{}{}
		})
	}
	<-ends
}

// hold remembers a connection for close; after close it closes it.
func (p *proxy) hold(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		_ = conn.Close() // nobody waits for it any more
		return false
	}
	p.conns[conn] = true
	return true
}

func (p *proxy) drop(conn net.Conn) {
	_ = conn.Close() // its end is what ended it
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}

func (p *proxy) failed(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && p.ctx.Err() == nil {
		p.err = err
	}
}

// close ends all connections and gives the first trouble with making one.
func (p *proxy) close() error {
	if p == nil {
		return nil
	}
	p.cancel()
	closeErr := p.listener.Close()
	p.mu.Lock()
	for conn := range p.conns {
		_ = conn.Close() // the tool is gone
	}
	p.mu.Unlock()
	p.running.Wait()
	return firstOf(p.err, closeErr, os.RemoveAll(p.folder))
}
