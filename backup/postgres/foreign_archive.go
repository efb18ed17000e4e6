package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// readArchive reads every byte of an archive once, and its table of contents.
func (l *looking) readArchive(ctx context.Context) error {
	l.stage("reading the file")
	toc, err := l.contents()
	if err != nil {
		return err
	}
	if err := l.namesInside(toc); err != nil {
		return err
	}
	if err := l.digest(ctx); err != nil {
		return err
	}
	if l.facts.Format == formatTar {
		if err := wholeTar(ctx, l.facts.Name); err != nil {
			return err
		}
	}
	h := toc.Header
	l.facts.Database, l.facts.Server, l.facts.Dumper = shown(h.Database.S), shown(h.Server.S), shown(h.Dumper.S)
	l.facts.Made = fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", h.Created[5]+1900, h.Created[4]+1, h.Created[3], h.Created[2], h.Created[1], h.Created[0])
	rows := 0
	for i := range toc.Entries {
		l.entry(&toc.Entries[i])
		if err := l.tooMany(); err != nil {
			return err
		}
		if toc.Entries[i].Desc.S == pgarchive.DescTableData {
			rows++
		}
	}
	if rows > 0 && len(l.facts.Tables) == 0 {
		return fileError(backup.Usage, "Make it anew without --data-only.", "the archive holds rows only, and not the tables that they belong to")
	}
	return nil
}

// contents reads the table of contents.
func (l *looking) contents() (*pgarchive.Archive, error) {
	r, err := l.openTOC()
	if err != nil {
		return nil, err
	}
	var toc *pgarchive.Archive
	if l.facts.Format == formatCustom {
		toc, err = pgarchive.Read(r)
	} else {
		toc, err = pgarchive.ReadTOC(r)
	}
	err = errors.Join(err, r.Close())
	if err == nil {
		return toc, nil
	}
	return nil, firstOf(l.otherVersion(), damagedArchive(err))
}

// otherVersion is an error when the archive is of a version of pg_dump that is not known.
func (l *looking) otherVersion() error {
	r, err := l.openTOC()
	if err != nil {
		return err
	}
	head := make([]byte, 7)
	n, err := io.ReadFull(r, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err := errors.Join(err, r.Close()); err != nil {
		return damagedArchive(err)
	}
	if n < len(head) || string(head[:5]) != "PGDMP" || head[5] != 1 {
		return nil
	}
	version := fmt.Sprintf("%d.%d", head[5], head[6])
	switch {
	case head[6] < 14:
		return fileError(backup.Usage, "Restore it with pg_restore into a database of its own, and use pg_dump 13 or newer on that.",
			"the archive is in format %s, of pg_dump 11 or older; 1.14 to 1.16 can be read", version)
	case head[6] > 16:
		return fileError(backup.Usage, "Update Holdfast, or make the file with pg_dump 18 or older.",
			"the archive is in format %s, of a pg_dump newer than 18; 1.14 to 1.16 can be read", version)
	}
	return nil
}

// entry notes what one entry of the table of contents tells.
func (l *looking) entry(e *pgarchive.Entry) {
	switch e.Desc.S {
	case "TABLE":
		l.facts.Tables = append(l.facts.Tables, plainName(e.Namespace.S, e.Tag.S))
	case pgarchive.DescTableData:
		if e.HasData && e.Copy.S != "" {
			l.copies++
		}
	case "BLOB":
		l.objects++
	case "BLOB METADATA": // an OID in each line
		l.objects += len(strings.Fields(e.Defn.S))
	case pgarchive.DescBlobs:
		l.objectData = true
	case "EXTENSION":
		l.extensions = append(l.extensions, e.Tag.S)
	case "SUBSCRIPTION":
		l.subscribes = true
	case "ENCODING":
		if st, err := newScript(strings.NewReader(e.Defn.S)).next(); err == nil {
			l.encoding = st.encoding()
		}
	case "ACL", "DEFAULT ACL":
		l.addGrantees(e.Defn.S)
	}
	if e.Desc.S != "ENCODING" && e.Desc.S != "DATABASE" && e.Owner.S != "" && !slices.Contains(l.owners, e.Owner.S) {
		l.owners = append(l.owners, e.Owner.S)
	}
	if e.Tablespace.S != "" && !slices.Contains(l.tablespaces, e.Tablespace.S) {
		l.tablespaces = append(l.tablespaces, e.Tablespace.S)
	}
}

func (l *looking) addGrantees(text string) {
	for s := newScript(strings.NewReader(text)); ; {
		st, err := s.next()
		if err != nil {
			return // pg_restore will say what is wrong with it
		}
		l.addRoles(&st)
	}
}

// addRoles notes the roles that a statement names.
func (l *looking) addRoles(st *statement) {
	if owner, ok := st.owner(); ok && !slices.Contains(l.owners, owner) {
		l.owners = append(l.owners, owner)
	}
	for _, role := range st.grantees() {
		if !slices.Contains(l.grantees, role) {
			l.grantees = append(l.grantees, role)
		}
	}
}

// readData lets pg_restore write the archive's data as a script, and reads that. In a folder or a
// tar file nothing says how long the rows of a table must be, except the line that ends them:
// pg_restore takes rows that are cut off for all there are.
func (l *looking) readData(ctx context.Context, a *admin) error {
	l.stage("checking the file")
	tools, err := l.s.restoreTools(a.num, l.manifest())
	if err != nil {
		return err
	}
	if holes := tools.warning(); holes != "" {
		l.note("%s.", holes)
	}
	definitions := &survey{l: l}
	if err := runTool(ctx, tools.Restore, definitions.readDefinitions, "--section=pre-data", "--file=-", l.facts.Name); err != nil {
		return err
	}
	counted := &rowCount{}
	if err := runTool(ctx, tools.Restore, counted.read, "--section=data", "--file=-", l.facts.Name); err != nil {
		return err
	}
	l.facts.Rows = counted.rows
	if counted.copies != l.copies {
		return damagedArchive(fmt.Errorf("rows of %d tables were expected, and those of %d came", l.copies, counted.copies))
	}
	if l.objectData && counted.objects != l.objects {
		return damagedArchive(fmt.Errorf("%d large objects were expected, and %d came", l.objects, counted.objects))
	}
	return nil
}

// rowCount reads what pg_restore writes.
type rowCount struct {
	copies  int
	rows    int64
	objects int
}

func (c *rowCount) read(r io.Reader) error {
	for s := newScript(r); ; {
		st, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damagedArchive(err)
		}
		if st.opensObject() {
			c.objects++
		}
		if !st.copiesIn() {
			continue
		}
		tail := s.tail
		if _, err := io.Copy(io.Discard, tail); err != nil {
			return damagedArchive(err)
		}
		c.copies, c.rows = c.copies+1, c.rows+tail.count
	}
}

// runTool runs a client tool that connects to nothing, and lets read have what it writes. What it
// complains about is an error, and so is a file that it does not read to the end.
func runTool(ctx context.Context, program string, read func(io.Reader) error, args ...string) error {
	var said tail
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Stderr, cmd.WaitDelay = append(plainEnviron(), "LC_MESSAGES=C"), &said, grace
	tie(cmd)
	out, in := io.Pipe()
	cmd.Stdout = in
	ended := make(chan error, 1)
	go func() {
		defer holdThread()() // the kernel ends the child with the thread that started it
		err := cmd.Run()
		ended <- err
		_ = in.CloseWithError(err) // nil is the ordinary end
	}()
	readErr := read(out)
	_ = out.CloseWithError(io.ErrClosedPipe) // never an error
	err := <-ended
	_, failed := errors.AsType[*exec.ExitError](readErr)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case readErr != nil && !failed: // what the program says then is only that nobody reads on
		return readErr
	case err != nil:
		return damagedArchive(errors.New(lastLines(said.String(), 2)))
	}
	return nil
}
