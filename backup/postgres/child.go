package postgres

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// grace is how long a child may take to end after SIGTERM before it is killed.
const grace = 5 * time.Second

// child is one run of a client tool. Set stdin, stdout and more arguments before start.
//
// It is connected by its environment, which holds nothing secret: the password is in a file
// that only the child has open (Linux), or in a 0600 file that is removed when it ended. It is
// killed with this process and ended when its context is.
type child struct {
	stdin  io.Reader
	stdout io.Writer

	server   *Server
	sandbox  backup.Sandbox
	database string
	program  string
	args     []string
	files    []*os.File
	ctx      context.Context
	cmd      *exec.Cmd
	where    backup.Connection
	secret   string
	passfile *os.File
	inside   bool              // it runs in the container of its server
	proxy    *proxy            // else, for such a server; may be nil
	feed     *feed             // what a child inside gets; else nil
	session  string            // its application_name
	hasFile  bool              // it reads what it restores from a file by itself
	settings map[string]string // of its sessions, besides what all have
	encoding string            // of the database, and so of its arguments and of what it writes
	errors   tail
	ended    chan error
	killer   killer
	life     context.Context //nolint:containedctx // of the process: ctx, or until a vigil ends it
	line     *line           // what a vigil sees of it; nil: nothing
	over     func()          // ends both
}

// child prepares a run of program on one database of sb's server. Extra files are handed to it
// under names that path gives. The caller closes them after the child ended.
func (s *Server) child(ctx context.Context, sb backup.Sandbox, database, program string, args []string, files ...*os.File) *child {
	return &child{
		server: s, sandbox: sb, database: database, program: program,
		args: slices.Clone(args), files: files, ctx: ctx,
		session: applicationName + " " + filepath.Base(program) + " " + string(backup.NewID()),
		ended:   make(chan error, 1),
	}
}

// arg adds arguments.
func (c *child) arg(args ...string) { c.args = append(c.args, args...) }

// path names the extra file i as the child sees it.
func (c *child) path(i int) string {
	if c.inside {
		return nameInside(i)
	}
	return inheritedPath(c.files[i], firstFD+1+i)
}

// firstFD is the number of the first inherited file: the passfile, also when there is none.
const firstFD = 3

// run starts the child and waits for its end.
func (c *child) run() error {
	if err := c.start(); err != nil {
		return err
	}
	return c.wait()
}

// start starts the child. Before that it connects once itself: that tells which settings this
// server knows, and turns a server that does not let us in into an error of ours.
func (c *child) start() error {
	options, err := c.probe()
	if err != nil {
		return err
	}
	cfg, err := c.server.config(c.sandbox, c.database)
	if err != nil {
		return err
	}
	if c.passfile, err = passfile(cfg.Password); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "cannot hand the password to " + c.name() + ": " + err.Error(), Err: err}
	}
	c.secret = cfg.Password
	c.guard()
	if err := c.prepare(cfg, options); err != nil {
		c.over()
		dropMemfile(c.passfile)
		return &backup.Error{Kind: backup.Failed, Text: "cannot prepare " + c.name() + ": " + err.Error(), Err: err}
	}
	c.cmd.Stdout, c.cmd.Stderr = c.stdout, &c.errors
	c.cmd.WaitDelay = grace
	tie(c.cmd)
	return c.launch()
}

// guard makes the vigil look after the child, by what it takes or, where its output is read with
// given, by that.
func (c *child) guard() {
	life, end := context.WithCancelCause(c.ctx)
	line, leave := c.server.vigil.attend(c.session, func() { end(&stalledError{}) })
	c.life, c.line = life, line
	c.over = func() {
		leave()
		end(nil)
	}
	if c.stdout == nil {
		c.stdin = c.line.takes(c.stdin)
	}
}

// given is what the child writes, which from gives.
func (c *child) given(from io.Reader) io.Reader { return c.line.gives(from) }

// prepare makes the command.
func (c *child) prepare(cfg *pgx.ConnConfig, options []string) (err error) {
	if c.inside {
		return c.prepareInside(cfg, options)
	}
	if inContainer(c.where) {
		if c.proxy, err = openProxy(c.where); err != nil {
			return err
		}
	}
	c.cmd = exec.CommandContext(c.life, c.program, c.args...)
	c.cmd.Stdin = c.stdin
	c.cmd.ExtraFiles = append([]*os.File{c.passfile}, c.files...)
	c.cmd.Env = append(plainEnviron(), c.environ(cfg, options)...)
	c.cmd.Cancel = func() error { return c.killer.end(c.cmd.Process) }
	return nil
}

// launch starts the process from a thread of its own that lives as long as the child: the
// kernel's "kill with the parent" means the thread that started it.
func (c *child) launch() error {
	started := make(chan error)
	go func() {
		unlock := holdThread()
		defer unlock()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			c.ended <- c.cmd.Wait()
		}
	}()
	err := <-started
	c.feed.begun()
	if err == nil && c.hasFile && c.line != nil {
		c.line.own.Store(int64(c.cmd.Process.Pid))
	}
	if err != nil {
		c.feed.close()
		c.over()
		dropMemfile(c.passfile)
		_ = c.proxy.close() // nobody connected to it
		return &backup.Error{Kind: backup.Failed, Text: "cannot start " + c.name() + ": " + innermost(err), Hint: "Check that PostgreSQL's client tools are whole.", Err: err}
	}
	return nil
}

// wait waits for the end of a started child. The error has the end of what the child said.
func (c *child) wait() error {
	err := <-c.ended
	c.killer.done()
	c.feed.close()
	dropMemfile(c.passfile)
	proxyErr := c.proxy.close()
	cause := context.Cause(c.life)
	c.over()
	if err == nil {
		return nil
	}
	if cause != nil {
		return explain(c.where, cause)
	}
	if proxyErr != nil {
		return explain(c.where, proxyErr)
	}
	return c.fault(err)
}

// fault explains an end with an error.
func (c *child) fault(err error) error {
	said := c.stderr()
	fault := &backup.Error{Kind: backup.Failed, Text: c.name() + " failed: " + lastLines(said, 3), Err: fmt.Errorf("%s: %w", c.name(), err)}
	if strings.Contains(said, lockSetting) {
		fault.Text = "the server is out of memory for locks"
		fault.Hint = lockHint
	}
	if room := refusedRoom(said); room != nil {
		return explain(c.where, fmt.Errorf("%s: %w: %w", c.name(), err, room))
	}
	return fault
}

// stderr is what the child said, bounded and without the password.
func (c *child) stderr() string {
	text := c.errors.String()
	if len(c.secret) > 2 {
		text = strings.ReplaceAll(text, c.secret, "…")
	}
	return text
}

func (c *child) name() string { return filepath.Base(c.program) }

// probe connects once and gives the settings for PGOPTIONS.
func (c *child) probe() ([]string, error) {
	conn, err := c.server.connect(c.ctx, c.sandbox, c.database)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	c.where = resolved(conn.Config(), c.sandbox.Connection)
	settings := toolSettings()
	_, num := serverVersion(conn)
	for name, value := range laterSettings(num) {
		settings[name] = value
	}
	maps.Copy(settings, c.settings)
	c.encoding = databaseEncoding(conn)
	watched, err := watchClient(c.ctx, conn)
	if err != nil {
		return nil, explain(c.where, err)
	}
	if watched {
		settings["client_connection_check_interval"] = "10s"
	}
	var options []string
	for name, value := range settings {
		options = append(options, "-c "+name+"="+strings.ReplaceAll(value, " ", `\ `))
	}
	slices.Sort(options)
	return options, nil
}

// environ tells libpq where to connect, as cfg was resolved.
func (c *child) environ(cfg *pgx.ConnConfig, options []string) []string {
	host, passfile := cfg.Host, inheritedPath(c.passfile, firstFD)
	switch {
	case c.inside:
		host, passfile = c.where.Host, passfileInside
	case c.proxy != nil:
		host = c.proxy.folder
	}
	env := []string{
		"PGHOST=" + host,
		"PGPORT=" + strconv.Itoa(int(cfg.Port)),
		"PGUSER=" + cfg.User,
		"PGDATABASE=" + c.where.Database,
		"PGAPPNAME=" + c.session,
		"PGCLIENTENCODING=" + c.encoding,
		"PGCONNECT_TIMEOUT=" + strconv.Itoa(int(connectTimeout.Seconds())),
		"PGOPTIONS=" + strings.Join(options, " "),
		"LC_MESSAGES=C",
	}
	for key, value := range c.sandbox.Connection.Params {
		if isSSLParam(key) {
			env = append(env, "PG"+strings.ToUpper(key)+"="+value)
		}
	}
	if c.secret != "" {
		env = append(env, "PGPASSFILE="+passfile)
	}
	return env
}

// plainEnviron is our environment without whatever could hold a password or a connection
// string: only what libpq and the loader need is let through.
func plainEnviron() []string {
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch name {
		case "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH", "SystemRoot", "APPDATA",
			"LANG", "LC_CTYPE", "KRB5CCNAME", "KRB5_CONFIG", "SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF",
			"PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLSNI", "PGSSLCRL", "PGSSLNEGOTIATION",
			"PGGSSENCMODE", "PGKRBSRVNAME", "PGCHANNELBINDING", "PGREQUIREAUTH", "PGPASSFILE":
			env = append(env, pair)
		}
	}
	return env
}

// passfile puts a password where libpq finds it, for any host and role.
func passfile(password string) (*os.File, error) {
	file, err := memfile("passfile")
	if err != nil {
		return nil, err
	}
	escaped := strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(password)
	if _, err := io.WriteString(file, "*:*:*:*:"+escaped+"\n"); err != nil {
		dropMemfile(file)
		return nil, err
	}
	return file, nil
}

// killer ends a child and what it started: first asked, after a grace period forced.
type killer struct {
	mu    sync.Mutex
	over  bool
	timer *time.Timer
}

// end asks process to end and sees to it that it does.
func (k *killer) end(process *os.Process) error {
	k.later(process)
	return endGroup(process)
}

// later forces process to end after the grace period; it was asked in another way.
func (k *killer) later(process *os.Process) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = time.AfterFunc(grace, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if !k.over {
			killGroup(process)
		}
	})
}

// done says that the process has ended: from now on its number may be another's.
func (k *killer) done() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = true
	if k.timer != nil {
		k.timer.Stop()
	}
}
