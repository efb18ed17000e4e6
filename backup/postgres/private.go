package postgres

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"holdfast/backup"
)

// Private is a PostgreSQL server of our own: for a demonstration, for tests.
//
// It listens on a Unix socket in a folder that only its owner may enter, and over TCP on the
// loopback address only when asked to. It ends with this process.
type Private struct {
	folder   string // data and log
	sockets  string // short: the path of a socket may have 107 bytes
	port     uint16
	tcp      bool
	programs string // folder of initdb and postgres
	cmd      *exec.Cmd
	ended    chan struct{}
	endErr   error

	kept   bool     // it outlives us
	handed *os.File // its data, where its user cannot reach them by their path; else nil
}

// privateUser is the superuser of a private server.
const privateUser = "postgres"

// privateConfig is what options change.
type privateConfig struct {
	password string
	tcp      bool
	unsafe   bool
	programs string
	settings []string
	kept     *Kept // nil: it ends with this process
}

// PrivateOption changes how a private server is made.
type PrivateOption func(*privateConfig)

// WithTCP makes the server listen on 127.0.0.1 too, where it asks for this password (SCRAM).
func WithTCP(password string) PrivateOption {
	return func(c *privateConfig) { c.tcp, c.password = true, password }
}

// WithoutFsync makes the server fast and its data worthless after a power cut.
func WithoutFsync() PrivateOption { return func(c *privateConfig) { c.unsafe = true } }

// WithPrograms names the folder of initdb and postgres; else the newest found is used.
func WithPrograms(folder string) PrivateOption {
	return func(c *privateConfig) { c.programs = folder }
}

// WithSetting sets one of the server's settings.
func WithSetting(name, value string) PrivateOption {
	return func(c *privateConfig) { c.settings = append(c.settings, "-c", name+"="+value) }
}

// StartPrivate starts a private server whose data is in dir, and makes the data first if it is
// not there. It returns when the server takes connections. When we are root the server runs as
// the user postgres or nobody, who must be able to reach dir.
func StartPrivate(ctx context.Context, dir string, options ...PrivateOption) (*Private, error) {
	var cfg privateConfig
	for _, option := range options {
		option(&cfg)
	}
	p, err := newPrivate(dir, &cfg)
	if err != nil {
		return nil, privateError(err)
	}
	if err := p.prepare(ctx, &cfg); err != nil {
		return nil, privateError(errors.Join(err, os.RemoveAll(p.sockets)))
	}
	if err := p.launch(ctx, &cfg); err != nil {
		return nil, privateError(errors.Join(err, os.RemoveAll(p.sockets)))
	}
	return p, nil
}

func privateError(err error) error {
	return backup.WithOp("start a private PostgreSQL", err)
}

// newPrivate finds programs, folders and a port.
func newPrivate(dir string, cfg *privateConfig) (*Private, error) {
	p := &Private{folder: dir, port: 5432, tcp: cfg.tcp, programs: cfg.programs}
	if p.programs == "" {
		p.programs = newestServer(0)
	}
	if p.programs == "" {
		return nil, backup.Errorf(backup.Failed, "Install PostgreSQL's server (package postgresql).", "no PostgreSQL server is installed here")
	}
	if cfg.tcp {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		p.port = port
	}
	if cfg.kept != nil {
		p.kept, p.sockets = true, cfg.kept.Sockets
		return p, nil
	}
	var err error
	if p.sockets, err = os.MkdirTemp("", "hf-"); err != nil {
		return nil, err
	}
	return p, nil
}

// newestServer finds the folder with the newest postgres and initdb; of one major version only,
// unless that is 0.
func newestServer(major int) string {
	best, bestNum := "", 0
	for _, folder := range slices.Concat(serverFolders(), filepath.SplitList(os.Getenv("PATH"))) {
		if programIn(folder, "initdb") == "" || programIn(folder, "postgres") == "" {
			continue
		}
		if _, num := toolVersion(filepath.Join(folder, "postgres")); num > bestNum && (major == 0 || num/10000 == major) {
			best, bestNum = folder, num
		}
	}
	return best
}

// freePort asks the system for a port that nobody uses. It may be taken until it is used.
func freePort() (uint16, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return uint16(port), listener.Close()
}

func (p *Private) data() string { return filepath.Join(p.folder, "data") }

// seen is the path of the data as the server has it.
func (p *Private) seen() string {
	if p.handed != nil {
		return inheritedPath(p.handed, firstFD)
	}
	return p.data()
}

// letGo ends what we hold of a server that goes on without us.
func (p *Private) letGo() error {
	if p.handed == nil {
		return nil
	}
	return p.handed.Close()
}

func (p *Private) logFile() string { return filepath.Join(p.folder, "server.log") }

// prepare makes folders and, the first time, the data.
func (p *Private) prepare(ctx context.Context, cfg *privateConfig) error {
	// The server's own user passes through the folder to its data.
	if err := os.MkdirAll(p.folder, 0o711); err != nil { //nolint:gosec // passing through is the point
		return err
	}
	if err := os.MkdirAll(p.data(), 0o700); err != nil {
		return err
	}
	for _, path := range []string{p.data(), p.sockets} {
		if err := giveToServer(path); err != nil {
			return err
		}
	}
	if p.kept {
		var err error
		if p.handed, err = handOver(p.data()); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(p.data(), "PG_VERSION")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return p.initdb(ctx, cfg)
}

// initdb makes the data. Whoever may enter the socket's folder is let in; TCP wants a password.
func (p *Private) initdb(ctx context.Context, cfg *privateConfig) error {
	args := []string{
		"--pgdata=" + p.seen(), "--username=" + privateUser, "--encoding=UTF8", "--no-locale",
		"--auth-local=trust", "--auth-host=scram-sha-256",
	}
	if cfg.unsafe {
		args = append(args, "--no-sync")
	}
	if cfg.password != "" {
		file, err := p.passwordFile(cfg.password)
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(file) }() // its folder goes away when the server stops
		args = append(args, "--pwfile="+file)
	}
	cmd, err := p.command(ctx, "initdb", args)
	if err != nil {
		return err
	}
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	unlock := holdThread()
	defer unlock()
	if err := cmd.Run(); err != nil {
		return &backup.Error{
			Kind: backup.Failed, Err: err, Text: "initdb failed: " + lastLines(said.String(), 3),
			Hint: "Check that the user PostgreSQL runs as can reach " + p.folder + ".",
		}
	}
	return nil
}

// passwordFile puts the password where only initdb can read it.
func (p *Private) passwordFile(password string) (string, error) {
	path := filepath.Join(p.sockets, "password")
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	return path, giveToServer(path)
}

// command prepares one of the server's programs, to run as the server's user.
func (p *Private) command(ctx context.Context, name string, args []string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.programs, name), args...)
	cmd.Env = append(plainEnviron(), "LC_ALL=C")
	cmd.Dir = p.sockets // one that its user may enter
	tieServer(cmd)
	if p.kept && name == "postgres" {
		untie(cmd)
	}
	if p.handed != nil {
		cmd.ExtraFiles = []*os.File{p.handed}
	}
	return cmd, runAsServer(cmd)
}

// Programs gives the folder of the server's programs.
func (p *Private) Programs() string { return p.programs }

// Connection says how to reach one of the server's databases: over TCP if that was asked for.
func (p *Private) Connection(database string) backup.Connection {
	if p.tcp {
		return backup.Connection{Host: "127.0.0.1", Port: p.port, Database: database, User: privateUser, Params: map[string]string{"sslmode": "disable"}}
	}
	return p.Socket(database)
}

// Socket says how to reach one of the server's databases over its socket.
func (p *Private) Socket(database string) backup.Connection {
	return backup.Connection{Host: p.sockets, Port: p.port, Database: database, User: privateUser}
}

// Stop ends the server fast and in order, and when ctx is over first, at once.
func (p *Private) Stop(ctx context.Context) error {
	if err := askServer(p.cmd.Process, false); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return privateError(err)
	}
	select {
	case <-p.ended:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Crash())
	}
	return os.RemoveAll(p.sockets)
}

// Crash kills the server as a power cut would, without a word to its own processes.
func (p *Private) Crash() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return privateError(err)
	}
	<-p.ended
	return os.RemoveAll(p.sockets)
}
