package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
)

// transactionTimeout is the version of pg_restore that sets transaction_timeout, whether the
// server knows it or not. Servers know it from the same version on.
const transactionTimeout = 17

// lenient says whether pg_restore must be let go on after an error: it is too new for the server.
func (f *filling) lenient() bool {
	return f.tools.Major >= transactionTimeout && f.a.num/10000 < transactionTimeout
}

// pgRestore prepares a run on the shadow, which is named by the environment: -d "" makes
// pg_restore connect, and leaves the name alone whatever is in it.
func (f *filling) pgRestore(ctx context.Context, section string, files ...*os.File) *child {
	args := []string{"--format=custom", "--no-password", "--section=" + section, "--dbname="}
	if !f.lenient() {
		args = append(args, "--exit-on-error")
	}
	if f.job.NoTablespaces {
		args = append(args, "--no-tablespaces")
	}
	c := f.s.child(ctx, f.job.Sandbox, f.job.Shadow, f.tools.Restore, args, files...)
	c.inside = f.tools.inside
	return c
}

// finish runs c. Of a pg_restore that is too new for the server, exactly the one error that
// this brings is forgiven.
func (f *filling) finish(c *child) error {
	err := c.run()
	if err == nil {
		return nil
	}
	if !f.lenient() {
		return f.restoreError(c, err)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 && onlyTimeoutError(c.stderr()) {
		return nil
	}
	return f.restoreError(c, err)
}

// restoreError names the object at which pg_restore failed, and what to do when the server is
// older than the one that was backed up.
func (f *filling) restoreError(c *child, err error) error {
	said := c.stderr()
	refused := refusal(said)
	if refused == "" || c.ctx.Err() != nil || strings.Contains(said, lockSetting) {
		return err
	}
	fault := *backup.AsError(err)
	fault.Text = "pg_restore failed at " + refused
	if fault.Hint == "" {
		fault.Hint = toolHint(said)
	}
	if fault.Hint == "" {
		fault.Hint = f.versionHint()
	}
	return &fault
}

// versionHint says that the backup is of a newer server, or was written for one; "" when not so.
func (f *filling) versionHint() string {
	_, server := parseVersion(f.m.ServerVersion)
	_, tools := parseVersion(f.m.ToolsVersion)
	server, tools = server/10000, tools/10000
	switch here := f.a.num / 10000; {
	case server > here:
		return fmt.Sprintf("The backup is of PostgreSQL %d, and an older server does not know everything in it: restore it into PostgreSQL %d or newer.", server, server)
	case tools > here:
		return fmt.Sprintf("pg_dump %d wrote the definitions for servers of its own version: restore into PostgreSQL %d, or back up again with the client tools of PostgreSQL %d.", tools, tools, server)
	}
	return ""
}

// refusal gives the first statement that pg_restore says the server refused, cut after its first
// line, and what the server said; "" when it says no such thing. That the server does not know
// transaction_timeout is no refusal.
func refusal(said string) string {
	report := regexp.MustCompile(`could not execute query: ([^\n]*)\n(?:[^\n]*\n)*?Command was: ([^\n]*)`)
	for _, found := range report.FindAllStringSubmatch(said, -1) {
		if found[2] != "SET transaction_timeout = 0;" {
			command, _, _ := strings.Cut(found[2], "'") // what follows may be a secret, like an option of a user mapping
			return strings.TrimRight(command, " (;") + ": " + strings.TrimSpace(strings.TrimPrefix(found[1], "ERROR:"))
		}
	}
	return ""
}

// onlyTimeoutError says whether the one error in what pg_restore said, however often, is that
// the server does not know transaction_timeout. Its sessions write all at once, so their words
// may be mixed; but nothing else may be among them than warnings of the server, for texts of the
// database can look like anything. The server's message is in the server's language.
func onlyTimeoutError(said string) bool {
	known := regexp.MustCompile(`could not execute query: [^\n]*transaction_timeout[^\n]*\n`)
	command := regexp.MustCompile(`Command was: SET transaction_timeout = 0;\n`)
	warning := regexp.MustCompile(`(?m)^WARNING:  [^\n]*\n((DETAIL|HINT):  [^\n]*\n)*`)
	around := regexp.MustCompile(`pg_restore:|error:|while INITIALIZING:|warning: errors ignored on restore: [0-9]+|\s+`)
	said = warning.ReplaceAllString(said, "")
	times := len(known.FindAllString(said, -1))
	if times == 0 || times != len(command.FindAllString(said, -1)) {
		return false
	}
	rest := command.ReplaceAllString(known.ReplaceAllString(said, ""), "")
	return around.ReplaceAllString(rest, "") == ""
}

// definitions restores what must be there before the rows.
func (f *filling) definitions(ctx context.Context) error {
	if err := f.closePublic(ctx); err != nil {
		return err
	}
	c := f.pgRestore(ctx, "pre-data", f.toc)
	c.arg(c.path(0))
	return f.finish(c)
}

// closedPublic is the version from which on servers let nobody but its owner create in the schema
// public, and pg_dump takes that for granted.
const closedPublic = 150000

// closePublic makes the schema public what pg_dump took for granted. It writes only what differs
// from that: a right that an older server gives by itself, and that was revoked, would come back.
func (f *filling) closePublic(ctx context.Context) error {
	if _, made := parseVersion(f.m.ToolsVersion); made < closedPublic || f.a.num >= closedPublic {
		return nil
	}
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	return explain(f.a.where, execute(ctx, conn, "REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
}

// data restores sequences and large objects. The archive comes through a pipe: the contents of
// the large objects follow its directory as pg_dump once wrote them.
func (f *filling) data(ctx context.Context) error {
	c := f.pgRestore(ctx, "data")
	in := &partsReader{ctx: ctx, parts: f.parts, names: slices.Clone(f.m.LargeObjects.Parts)}
	c.stdin = io.MultiReader(f.tocReader(), in)
	err := f.finish(c)
	closeErr := in.Close()
	return firstOf(in.failed, err, closeErr)
}

// indexes restores what comes after the rows, with several sessions, except event triggers.
func (f *filling) indexes(ctx context.Context) error {
	var err error
	if f.list, err = f.contents(ctx); err != nil {
		return err
	}
	stop := f.countIndexes(ctx)
	defer stop()
	jobs, err := f.jobs(ctx)
	if err != nil {
		return err
	}
	return f.afterData(ctx, without(choose(f.list, false), f.built), nil, "--jobs="+strconv.Itoa(jobs))
}

// without drops the lines of entries from pg_restore's list.
func without(list string, built []int) string {
	if len(built) == 0 {
		return list
	}
	var kept strings.Builder
	for line := range strings.Lines(list) {
		number, _, _ := strings.Cut(line, ";")
		if id, err := strconv.Atoi(number); err == nil && slices.Contains(built, id) {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}

// eventTriggers restores event triggers when all else is done. pg_restore would make them
// before it refreshes materialized views, and they would fire there.
func (f *filling) eventTriggers(ctx context.Context) error {
	chosen := choose(f.list, true)
	if chosen == "" {
		return nil
	}
	return f.afterData(ctx, chosen, nil)
}

// contents is pg_restore's list of the section post-data.
func (f *filling) contents(ctx context.Context) (string, error) {
	c := f.s.child(ctx, f.job.Sandbox, f.job.Shadow, f.tools.Restore, []string{"--format=custom", "--section=post-data", "--list"}, f.toc)
	c.inside = f.tools.inside
	c.arg(c.path(0))
	var list bytes.Buffer
	c.stdout = &list
	err := c.run()
	return list.String(), err
}

// afterData restores what list names from the section post-data, in sessions with settings of their own.
func (f *filling) afterData(ctx context.Context, list string, settings map[string]string, args ...string) error {
	chosen, err := memfile("list")
	if err != nil {
		return err
	}
	defer dropMemfile(chosen)
	if _, err := io.WriteString(chosen, list); err != nil {
		return err
	}
	c := f.pgRestore(ctx, "post-data", f.toc, chosen)
	c.settings = settings
	c.arg("--use-list=" + c.path(1))
	c.arg(args...)
	c.arg(c.path(0))
	return f.finish(c)
}

// choose keeps the lines of pg_restore's list that are about event triggers, or the others.
func choose(list string, events bool) string {
	var kept strings.Builder
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, ";") || isEventTrigger(line) != events {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}

// isEventTrigger reads a line like "3123; 3466 16399 EVENT TRIGGER - name owner", or one of a
// comment or label on an event trigger.
func isEventTrigger(line string) bool {
	fields := strings.SplitN(line, " ", 4)
	if len(fields) < 4 {
		return false
	}
	for _, kind := range []string{"EVENT TRIGGER ", "COMMENT - EVENT TRIGGER ", "SECURITY LABEL - EVENT TRIGGER "} {
		if strings.HasPrefix(fields[3], kind) {
			return true
		}
	}
	return false
}
