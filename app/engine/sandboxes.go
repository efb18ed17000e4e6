package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/postgres"
)

// PutSandbox goes with a sandbox that is added or changed.
type PutSandbox struct {
	Password    string                 // "" keeps what is there
	Test        bool                   // try the connection first
	AskPassword func() (string, error) // asked once when the server wants a password; nil: nobody is there
}

// ParseDSN reads where a database is into s, and a password that it carries into put. The
// warning is for a person; no text repeats the DSN.
func (e *Engine) ParseDSN(dsn string, s *backup.Sandbox, put *PutSandbox) (warning string, err error) {
	c, password, warning, err := postgres.ParseDSN(dsn)
	if err != nil {
		return "", err
	}
	s.Connection, put.Password = c, password
	return warning, nil
}

// UseContainer puts s into a container; without an engine, that of the one which has it. What dsn
// does not say stays as s has it, else it is what the container's image was told. A password
// that dsn carries goes into put. The warning is for a person.
func (e *Engine) UseContainer(ctx context.Context, container backup.Container, dsn string, s *backup.Sandbox, put *PutSandbox) (warning string, err error) {
	found, err := postgres.FindContainer(ctx, container)
	if err != nil {
		return "", err
	}
	c, password, warning, err := found.Connection(dsn)
	if err != nil {
		return "", err
	}
	if old := s.Connection; dsn == "" && old.Database != "" {
		c.Database, c.User = old.Database, old.User
		if old.Container.Name != "" {
			c.Host, c.Port = old.Host, old.Port
		}
	}
	s.Connection, put.Password = c, password
	return warning, nil
}

// Sandboxes gives all sandboxes, in the order in which they were added.
func (e *Engine) Sandboxes() []backup.Sandbox {
	list := make([]backup.Sandbox, len(e.config.Sandboxes))
	for i, s := range e.config.Sandboxes {
		list[i] = s.Domain()
	}
	return list
}

// Sandbox gives one by its name.
func (e *Engine) Sandbox(name string) (backup.Sandbox, error) { return e.config.Sandbox(name) }

// AddSandbox adds one, after trying its connection. A name that is taken is an error.
func (e *Engine) AddSandbox(ctx context.Context, s backup.Sandbox, put PutSandbox) (backup.Sandbox, error) {
	op := "add sandbox " + s.Name
	if err := backup.ValidateSandboxName(s.Name); err != nil {
		return s, backup.WithOp(op, err)
	}
	if _, err := e.Sandbox(s.Name); err == nil {
		return s, backup.WithOp(op, backup.Errorf(backup.Usage, "Choose another name, or change it: holdfast sandbox edit "+s.Name, "there is a sandbox of that name already"))
	}
	if err := e.change(ctx, op, s.Name, func() error { return e.put(ctx, s, put) }); err != nil {
		return s, err
	}
	if put.Test && !s.FoldersOnly {
		e.foresee(ctx, s)
	}
	return s, nil
}

// foresee says what the first backup of s would run into. The sandbox stays, whatever that is.
func (e *Engine) foresee(ctx context.Context, s backup.Sandbox) {
	pre, err := e.server.Preflight(ctx, s)
	if err != nil && !postgres.NoDatabase(err) { // that has been said
		fault := backup.AsError(err)
		e.warn(strings.TrimSpace("a backup would fail: " + fault.Text + ". " + fault.Hint))
	}
	for _, text := range pre.Warnings {
		e.warn(text)
	}
	if len(pre.Operational) > 0 {
		e.warn(suggestion(s, pre.Operational))
	}
}

// suggestedTables is how many tables a suggestion names.
const suggestedTables = 8

// suggestion says how the rows of noisy tables are left out.
func suggestion(s backup.Sandbox, tables []backup.Name) string {
	command := "holdfast sandbox edit " + backup.ShellWord(s.Name)
	for _, pattern := range s.ExcludeTables {
		command += " --exclude-table " + backup.ShellWord(pattern)
	}
	for i, t := range tables {
		if i == suggestedTables {
			command += fmt.Sprintf(" (and %d more)", len(tables)-i)
			break
		}
		command += " --exclude-table " + backup.ShellWord(t.Schema+"."+t.Name)
	}
	return "programs write some tables for themselves (logs, sessions, queues of jobs). If nobody needs their rows back, leave them out of backups, definitions stay: " + command
}

// EditSandbox changes one that is there.
func (e *Engine) EditSandbox(ctx context.Context, s backup.Sandbox, put PutSandbox) (backup.Sandbox, error) {
	return s, e.change(ctx, "edit sandbox "+s.Name, s.Name, func() error { return e.put(ctx, s, put) })
}

// RemoveSandbox takes one out; its backups stay in the vault.
func (e *Engine) RemoveSandbox(ctx context.Context, name string) error {
	op := "remove sandbox " + name
	s, err := e.Sandbox(name)
	if err == nil && e.IsSample(s) {
		err = backup.Errorf(backup.Usage, "Remove it with its server: holdfast sandbox sample remove", "%s is the sample sandbox", name)
	}
	if err != nil {
		return backup.WithOp(op, err)
	}
	return e.change(ctx, op, name, func() error {
		if err := e.update(ctx, func(c *config.Config) error { return c.Remove(name) }); err != nil {
			return err
		}
		return errors.Join(e.passwords.Remove(ctx, name), e.passwords.Remove(ctx, sealItem(name)))
	})
}

// change does something to a sandbox behind the gate.
func (e *Engine) change(ctx context.Context, op, sandbox string, do func() error) error {
	grant, err := e.runner.Gate.Request(ctx, backup.Request{Op: op, Action: backup.ActionUpdate, Sandbox: sandbox, Object: sandbox, Who: who(), What: op})
	if err != nil {
		return err
	}
	if err := grant.Use(); err != nil {
		return err
	}
	return grant.Outcome(ctx, backup.WithOp(op, do()))
}

// TrySandbox tries the connection of a sandbox and changes nothing.
func (e *Engine) TrySandbox(ctx context.Context, s backup.Sandbox, put PutSandbox) error {
	if err := s.NeedsDatabase("There is nothing to connect to."); err != nil {
		return err
	}
	_, err := e.try(ctx, s, put.Password, put.AskPassword)
	return err
}

// put tries the connection, keeps the password, and only then saves the sandbox.
func (e *Engine) put(ctx context.Context, s backup.Sandbox, put PutSandbox) error {
	if err := e.checkMedia(s); err != nil {
		return err
	}
	password := put.Password
	if put.Test && !s.FoldersOnly {
		tried, err := e.try(ctx, s, password, put.AskPassword)
		if err != nil && !(postgres.NoDatabase(err) && e.mayMakeDatabase(ctx, s)) {
			return err
		}
		password = tried
	}
	if password == "" && e.moved(s) {
		if err := e.passwords.Remove(ctx, s.Name); err != nil {
			return err
		}
	}
	if password != "" {
		if err := e.passwords.Set(ctx, s.Name, password); err != nil {
			return err
		}
	}
	return e.update(ctx, func(c *config.Config) error {
		c.Put(s, e.opts.Now())
		return nil
	})
}

// update changes the configuration, also as this engine sees it.
func (e *Engine) update(ctx context.Context, change func(*config.Config) error) error {
	c, err := e.store.Update(ctx, change)
	if err == nil {
		e.config = c
	}
	return err
}

// mayMakeDatabase says whether a sandbox may be kept though its database is not there: on a new machine a
// restore makes it. One that is known already does not turn to a database that is not there: that is
// a slip of the pen.
func (e *Engine) mayMakeDatabase(ctx context.Context, s backup.Sandbox) bool {
	if old, err := e.Sandbox(s.Name); err == nil && old.Connection.Database != s.Connection.Database {
		return false
	}
	b, err := e.backupHolding(ctx, "latest:"+s.Name, backup.ScopeDatabase)
	if err != nil {
		return false
	}
	e.warn(fmt.Sprintf("there is no database %q on that server yet; a restore makes it: holdfast restore %s", s.Connection.Database, b.ID))
	return true
}

// moved says whether s is on another server, or for another role, than the sandbox of that name
// so far. A password that is kept was for the old one, and is never sent to the new one.
func (e *Engine) moved(s backup.Sandbox) bool {
	old, err := e.Sandbox(s.Name)
	if err != nil {
		return false
	}
	a, b := old.Connection, s.Connection
	return a.Host != b.Host || a.Port != b.Port || a.User != b.User || a.Container != b.Container
}

// try connects with the given password, else with the one that is kept, and asks once when the
// server refuses. It gives the password that worked, "" when none of ours was needed.
func (e *Engine) try(ctx context.Context, s backup.Sandbox, password string, ask func() (string, error)) (string, error) {
	attempt := *e.server
	if password != "" || e.moved(s) {
		attempt.Password = func(backup.Sandbox) (string, error) { return password, nil }
	}
	err := attempt.Ping(ctx, s)
	if err == nil || ask == nil || !postgres.WantsPassword(err) {
		return password, err
	}
	asked, askErr := ask()
	if askErr != nil || asked == "" {
		return "", err
	}
	attempt.Password = func(backup.Sandbox) (string, error) { return asked, nil }
	return asked, attempt.Ping(ctx, s)
}
