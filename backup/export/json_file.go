package export

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"

	"holdfast/backup"
	"holdfast/backup/rowsum"
)

// sealedBegin begins every file that Seal wrote.
const sealedBegin = "age-encryption.org/v1\n"

// Snapshot is a JSON snapshot in a file. What Look says of it holds until the file changes, which
// Each notices.
type Snapshot struct {
	Path       string
	Passphrase string // that the file is sealed with; "" for none

	m     *backup.Manifest
	facts backup.FileFacts
}

// IsSnapshot says whether the file at path looks like a JSON snapshot, sealed or not. One that is
// sealed is opened with the passphrase.
func IsSnapshot(path, passphrase string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false, nil //nolint:nilerr // whoever reads it next says what is wrong
	}
	s := &Snapshot{Path: path, Passphrase: passphrase}
	f, r, err := s.open(context.Background(), nil, nil)
	if err != nil {
		return false, err
	}
	begin, err := bufio.NewReader(r).Peek(1 << 10)
	if closeErr := f.Close(); closeErr != nil {
		return false, closeErr
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return false, s.explain(err, nil)
	}
	begin = trimLeft(bytes.TrimPrefix(begin, []byte(byteOrderMark)))
	return len(begin) > 0 && begin[0] == '{', nil
}

// byteOrderMark is what some editors put before UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// open opens the file, and what is sealed in it. sum gets all bytes of the file, passed their
// number so far; both may be nil.
func (s *Snapshot) open(ctx context.Context, sum hash.Hash, passed func(int64)) (*os.File, io.Reader, error) {
	f, err := os.Open(s.Path)
	if err != nil {
		kind := backup.Failed
		if errors.Is(err, fs.ErrNotExist) {
			kind = backup.Usage
		}
		return nil, nil, &backup.Error{Kind: kind, Text: "cannot read " + s.Path + ": " + err.Error(), Hint: "Is it there, and yours to read?", Err: err}
	}
	r := bufio.NewReaderSize(&fileReader{ctx: ctx, from: f, sum: sum, passed: passed}, 1<<18)
	opened, err := s.unseal(r)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, nil, err
	}
	return f, opened, nil
}

// unseal opens what is sealed. A file that is not passes as it is.
func (s *Snapshot) unseal(r *bufio.Reader) (io.Reader, error) {
	begin, err := r.Peek(len(sealedBegin))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, s.explain(err, nil)
	}
	if string(begin) != sealedBegin {
		return r, nil
	}
	if s.Passphrase == "" {
		return nil, backup.Errorf(backup.Usage, "Name a file with its passphrase: --seal-file FILE", "the file is sealed with a passphrase")
	}
	identity, err := age.NewScryptIdentity(s.Passphrase)
	if err != nil {
		return nil, backup.Errorf(backup.Usage, "Its file must have it in the first line.", "the passphrase of the sealed file is empty")
	}
	opened, err := age.Decrypt(r, identity)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, &backup.Error{Kind: backup.Damaged, Text: "the passphrase does not open the sealed file", Hint: "Give the one that it was sealed with, or use another file.", Err: err}
	}
	if err != nil {
		return nil, s.explain(err, nil)
	}
	return opened, nil
}

// fileReader reads the file as it is: it ends with the context.
type fileReader struct {
	ctx    context.Context //nolint:containedctx // as long as the file is open
	from   io.Reader
	sum    hash.Hash
	n      int64
	passed func(int64)
}

func (r *fileReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.from.Read(p)
	r.n += int64(n)
	if r.sum != nil {
		r.sum.Write(p[:n])
	}
	if r.passed != nil {
		r.passed(r.n)
	}
	return n, err
}

// explain puts into words why the file is no snapshot to be restored.
func (s *Snapshot) explain(err error, w *jsonWalk) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, known := errors.AsType[*backup.Error](err); known {
		return err
	}
	fault := &backup.Error{Kind: backup.Damaged, Hint: "Nothing was changed. Use another file, or download the backup again.", Err: err}
	place := ""
	if w != nil && w.where != "" {
		place = "in the table " + w.where + ", "
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		fault.Text = "the file is cut off"
	case errors.Is(err, errSyntax):
		fault.Text = "the file cannot be restored: " + place + err.Error()
	default:
		fault.Text = "the file cannot be read: " + err.Error()
	}
	return fault
}

// walk goes through the file once. When m is nil, the manifest is read.
func (s *Snapshot) walk(ctx context.Context, m *backup.Manifest, sum hash.Hash, passed func(int64), each func(*jsonTableRead) error) (*jsonWalk, error) {
	f, opened, err := s.open(ctx, sum, passed)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := bufio.NewReader(opened)
	if begin, err := r.Peek(len(byteOrderMark)); err == nil && string(begin) == byteOrderMark {
		_, _ = r.Discard(len(byteOrderMark))
	}
	w := &jsonWalk{x: newLexer(r), m: m, each: each}
	if m != nil {
		w.tables = byKey(m)
	}
	err = w.run()
	return w, s.explain(err, w)
}

func byKey(m *backup.Manifest) map[string]*backup.Table {
	tables := map[string]*backup.Table{}
	for i := range m.Tables {
		tables[m.Tables[i].Part] = &m.Tables[i]
	}
	return tables
}

// Look reads the file whole: every row must be what the manifest in it says. passed gets the bytes
// read so far; it may be nil.
func (s *Snapshot) Look(ctx context.Context, passed func(int64)) error {
	sum := sha256.New()
	w, err := s.walk(ctx, nil, sum, passed, s.check)
	if err == nil && w.late {
		w, err = s.walk(ctx, w.m, nil, passed, s.check)
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(s.Path)
	if err != nil {
		return s.explain(err, nil)
	}
	s.m = w.m
	s.facts = backup.FileFacts{
		File:   backup.File{Name: s.Path, Bytes: info.Size(), SHA256: hex.EncodeToString(sum.Sum(nil))},
		Format: "JSON snapshot", Database: w.m.Database.Name, Server: w.m.ServerVersion, Rows: w.m.Rows(),
	}
	for i := range w.m.Tables {
		s.facts.Tables = append(s.facts.Tables, w.m.Tables[i].Part)
	}
	return nil
}

// check reads the rows of a table and compares them with the manifest. Where that has no hash,
// because somebody took it out to change rows, it gets the one of these rows.
func (s *Snapshot) check(r *jsonTableRead) error {
	sum := &rowsum.Rows{}
	if err := r.copyTo(sum); err != nil {
		return err
	}
	if sum.Rows() != r.t.Rows {
		return syntax("it has %d rows, the manifest says %d", sum.Rows(), r.t.Rows)
	}
	if r.t.Hash != "" && sum.Hex() != r.t.Hash {
		return syntax("its rows are not those that were downloaded: their hash differs. Who means to restore changed rows takes the \"hash\" of the table out of the manifest")
	}
	r.t.Hash, r.t.Bytes = sum.Hex(), sum.Bytes()
	return nil
}

// Manifest gives the tables and sequences, after Look.
func (s *Snapshot) Manifest() *backup.Manifest { return s.m }

// Facts says what the file is, after Look.
func (s *Snapshot) Facts() *backup.FileFacts { return &s.facts }

// Each gives the rows of each table as COPY text, in the order of the file, after Look. Whoever
// reads them compares them with the manifest: the file may have changed.
func (s *Snapshot) Each(ctx context.Context, rows func(t *backup.Table, rows io.ReadCloser) error) error {
	_, err := s.walk(ctx, s.m, nil, nil, func(r *jsonTableRead) error {
		from, to := io.Pipe()
		written := make(chan error, 1)
		go func() {
			err := r.copyTo(to)
			written <- err
			to.CloseWithError(err) // nil is the end
		}()
		err := rows(r.t, from)
		_ = from.CloseWithError(io.ErrClosedPipe) // whoever still writes ends
		if wrote := <-written; wrote != nil && !errors.Is(wrote, io.ErrClosedPipe) {
			return wrote // the cause
		}
		return err
	})
	return err
}
