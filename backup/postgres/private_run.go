package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"holdfast/backup"
)

// launch starts the server and waits until it answers. Processes of a crashed server may still
// be on their way out; then it refuses to start for a moment.
func (p *Private) launch(ctx context.Context, cfg *privateConfig) error {
	var err error
	for range 120 { // half a minute
		if err = p.start(cfg); err != nil {
			return err
		}
		if err = p.await(ctx); err == nil || !strings.Contains(err.Error(), "still in use") {
			return err
		}
		pause(ctx, 250*time.Millisecond)
	}
	return err
}

// start starts the server from a thread that lives as long as it does.
func (p *Private) start(cfg *privateConfig) error {
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	cmd, err := p.command(context.Background(), "postgres", p.arguments(cfg))
	if err != nil {
		return errors.Join(err, log.Close())
	}
	cmd.Stdout, cmd.Stderr = log, log
	p.cmd, p.ended = cmd, make(chan struct{})
	started := make(chan error)
	go func() {
		unlock := holdThread()
		defer unlock()
		keepFromYielding()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.endErr = cmd.Wait()
			close(p.ended)
		}
	}()
	return errors.Join(<-started, log.Close())
}

// arguments are the server's.
func (p *Private) arguments(cfg *privateConfig) []string {
	listen := ""
	if cfg.tcp {
		listen = "127.0.0.1"
	}
	args := []string{
		"-D", p.seen(), "-k", p.sockets, "-p", fmt.Sprint(p.port),
		"-c", "listen_addresses=" + listen, "-c", "unix_socket_permissions=0700", "-c", "password_encryption=scram-sha-256",
	}
	if cfg.unsafe {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	return append(args, cfg.settings...)
}

// await waits until the server answers or ends.
func (p *Private) await(ctx context.Context) error {
	probe := &Server{}
	sandbox := backup.Sandbox{Connection: p.Socket("postgres")}
	for {
		conn, err := probe.connect(ctx, sandbox, "postgres")
		if err == nil {
			closeConn(conn)
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), p.Crash())
		case <-p.ended:
			said, readErr := os.ReadFile(p.logFile())
			return &backup.Error{Kind: backup.Failed, Text: "it did not start: " + lastLines(string(said), 3), Err: errors.Join(p.endErr, readErr)}
		case <-time.After(20 * time.Millisecond):
		}
	}
}
