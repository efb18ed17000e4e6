package postgres

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"holdfast/backup"
)

// scriptFile is an open script.
type scriptFile struct {
	*script

	file *os.File
	raw  io.Reader // its bytes as they are in the file
}

// openScript opens a script, packed with gzip or not. Every byte goes to sum too, when it is not nil.
func openScript(ctx context.Context, path string, sum io.Writer) (*scriptFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	var raw io.Reader = &counting{ctx: ctx, r: file}
	if sum != nil {
		raw = io.TeeReader(raw, sum)
	}
	f := &scriptFile{file: file, raw: bufio.NewReaderSize(raw, 1<<16)}
	text := f.raw
	if magic, err := f.raw.(*bufio.Reader).Peek(2); err == nil && string(magic) == "\x1f\x8b" {
		if text, err = gzip.NewReader(f.raw); err != nil {
			return nil, errors.Join(damagedArchive(err), file.Close())
		}
	}
	f.script = newScript(text)
	if mark, err := f.script.r.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = f.script.r.Discard(3) // they are there
	}
	return f, nil
}

func (f *scriptFile) close() error { return f.file.Close() }

// next tells a file that is cut off in its packing from one whose text is.
func (f *scriptFile) next() (statement, error) {
	st, err := f.script.next()
	return st, packedError(err)
}

func packedError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return damagedArchive(err)
	}
	return err
}

// readScript reads a script from its first to its last byte, so that whatever would end its
// restore in the middle, as far as that can be seen, is known before.
func (l *looking) readScript(ctx context.Context) error {
	l.stage("reading the file")
	sum := sha256.New()
	f, err := openScript(ctx, l.facts.Name, sum)
	if err != nil {
		return err
	}
	survey := &survey{l: l}
	f.comment = survey.comment
	err = survey.read(f)
	if err == nil {
		_, err = io.Copy(io.Discard, f.raw)
	}
	l.facts.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return errors.Join(err, f.close())
}

// survey is what is found in a script while it is read.
type survey struct {
	l        *looking
	titled   bool
	complete bool
	cluster  bool
}

// comment looks at a comment of one line: pg_dump's first and last ones say what they enclose.
func (v *survey) comment(text string) {
	text = strings.TrimSpace(text)
	facts := v.l.facts
	switch {
	case text == "-- PostgreSQL database cluster dump":
		v.cluster = true
	case slices.Contains(scriptTitles(), text):
		v.titled, v.complete = true, false
	case text == "-- PostgreSQL database dump complete", text == "-- End of the backup":
		v.complete = true
	}
	if version, ok := strings.CutPrefix(text, "-- Dumped from database version "); ok && facts.Server == "" {
		facts.Server, _ = parseVersion(version)
	}
	if version, ok := strings.CutPrefix(text, "-- Dumped by pg_dump version "); ok && facts.Dumper == "" {
		facts.Dumper, _ = parseVersion(version)
	}
	if at, ok := strings.CutPrefix(text, "-- Started on "); ok && facts.Made == "" {
		facts.Made = shown(at)
	}
}

func (v *survey) read(f *scriptFile) error {
	for {
		st, err := f.next()
		if v.cluster {
			return fileError(backup.Usage, "Make it anew with pg_dump, one file for each database.", "the script is of pg_dumpall, for a whole server and not for one database")
		}
		if errors.Is(err, io.EOF) {
			return v.end()
		}
		if err == nil {
			err = st.judge()
		}
		if err == nil {
			err = v.statement(f, &st)
		}
		if err == nil {
			err = v.l.tooMany()
		}
		if err != nil {
			return err
		}
	}
}

// readDefinitions reads what pg_restore makes of an archive's definitions.
func (v *survey) readDefinitions(r io.Reader) error {
	for s := newScript(r); ; {
		st, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		v.l.facts.MakesPublic = v.l.facts.MakesPublic || st.makesPublic()
	}
}

// end judges a script that was read to its end.
func (v *survey) end() error {
	switch {
	case !v.titled:
		return fileError(backup.Usage, "Name a file or folder that pg_dump wrote.", "the file is no script of pg_dump")
	case !v.complete:
		return fileError(backup.Damaged, copyAgain, "the script is cut off: the line with which pg_dump ends one is missing")
	case len(v.l.facts.Tables) == 0 && v.l.copies > 0:
		return fileError(backup.Usage, "Make it anew without --data-only.", "the script holds rows only, and not the tables that they belong to")
	}
	return nil
}

func (v *survey) statement(f *scriptFile, st *statement) error {
	v.complete = false // it is complete when nothing follows
	v.l.addRoles(st)
	if name := st.encoding(); name != "" && v.l.encoding == "" {
		v.l.encoding = name
	}
	v.l.facts.MakesPublic = v.l.facts.MakesPublic || st.makesPublic()
	switch {
	case st.begins("create", "table") || st.begins("create", "unlogged", "table"):
		v.l.facts.Tables = append(v.l.facts.Tables, st.tableName())
	case st.begins("create", "extension", "if", "not", "exists") && len(st.first) > 5:
		v.l.extensions = append(v.l.extensions, st.first[5].text)
	case st.begins("create", "subscription"):
		v.l.subscribes = true
	case st.begins("set", "default_tablespace") && len(st.first) > 3 && st.first[3].text != "":
		v.l.tablespaces = append(v.l.tablespaces, st.first[3].text)
	case st.copiesIn():
		rows := f.tail
		if _, err := io.Copy(io.Discard, rows); err != nil {
			return packedError(err)
		}
		v.l.copies++
		v.l.facts.Rows += rows.count
	}
	return nil
}

// tableName gives the name of the table that the statement makes, for people.
func (st *statement) tableName() string {
	list := st.first[slices.IndexFunc(st.first, func(w word) bool { return w.is("table") })+1:]
	name := ""
	for _, w := range list {
		if w.kind == sign && w.text != "." {
			break
		}
		name += w.text
	}
	return shown(name)
}

// leftOut says whether a statement of the file is not run, for what the facts say.
func leftOut(st *statement, f *backup.FileFacts, serverNum int) bool {
	_, owns := st.owner()
	switch {
	case owns:
		return f.NoOwner
	case st.isRights():
		return f.NoRights
	case st.setsTimeout():
		return serverNum/10000 < transactionTimeout
	case st.begins("set", "default_tablespace"):
		return f.NoTablespaces
	}
	return f.NoSubscriptions && (st.begins("create", "subscription") || st.begins("alter", "subscription") || st.begins("comment", "on", "subscription"))
}
