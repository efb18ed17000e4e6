package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"unicode"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"

	"holdfast/backup"
)

// result is what a command has to show: as JSON its own fields, as text what text writes.
type result interface {
	text(w io.Writer)
}

// message is a result that is one sentence, with fields for --json.
type message struct {
	Text   string `json:"message"`
	fields map[string]any
}

func (m message) text(w io.Writer) { fmt.Fprintln(w, m.Text) }

// MarshalJSON gives the fields beside the sentence.
func (m message) MarshalJSON() ([]byte, error) {
	all := map[string]any{"message": m.Text}
	for k, v := range m.fields {
		all[k] = v
	}
	return json.Marshal(all)
}

// viewsOf gives what a list shows of each; with --json none is [], not null.
func viewsOf[T, V any](all []T, view func(*T) V) []V {
	list := make([]V, len(all))
	for i := range all {
		list[i] = view(&all[i])
	}
	return list
}

// show writes what a command has to show. A result beside an error is shown with --json if it
// tells the error too; as text the error says enough, unless something was done all the same.
func (sh *shell) show(r result, err error) error {
	if err != nil {
		if told, ok := r.(interface{ tellsError() bool }); sh.json && ok && told.tellsError() {
			if jsonErr := sh.encode(r); jsonErr != nil {
				return jsonErr
			}
			return shown{err}
		}
		if did, ok := r.(interface{ tellsDone() bool }); !sh.json && ok && did.tellsDone() {
			r.text(sh.out)
		}
		return err
	}
	if r == nil {
		return nil
	}
	if sh.json {
		return sh.encode(r)
	}
	out := &watched{to: sh.out}
	r.text(out)
	return out.trouble()
}

// watched remembers why something could not be written.
type watched struct {
	to  io.Writer
	err error
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.err = cmp.Or(w.err, err)
	return n, err
}

// trouble is nil also where whoever read has seen enough and left, such as head.
func (w *watched) trouble() error {
	if w.err == nil || errors.Is(w.err, syscall.EPIPE) {
		return nil
	}
	return &backup.Error{
		Kind: backup.Failed, Text: "what the command has to show cannot be written to standard output: " + w.err.Error(),
		Hint: "What it was to do is done. Look at where standard output goes: is the disk full?", Err: w.err,
	}
}

// shown marks an error that is on standard output already.
type shown struct{ error }

func (s shown) Unwrap() error { return s.error }

func (sh *shell) encode(v any) error {
	out := &watched{to: sh.out}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && out.err == nil {
		return err
	}
	return out.trouble()
}

// fail tells the person, or the script, why the command ended.
func (sh *shell) fail(err error) {
	if sh.json && sh.encode(map[string]any{"error": backup.FaultOf(err)}) == nil {
		return
	}
	sh.complain(err)
}

// complain tells an error as text.
func (sh *shell) complain(err error) {
	e := backup.AsError(err)
	fmt.Fprintln(sh.err, "holdfast:", paragraph(e.Error()))
	if e.Hint != "" {
		fmt.Fprintln(sh.err, "   fix:", paragraph(e.Hint))
	}
}

func (sh *shell) warn(text string) {
	if !sh.quiet {
		fmt.Fprintln(sh.err, "holdfast: note:", paragraph(text))
	}
}

// printable keeps hostile names from driving the terminal and from forging lines: control characters,
// line breaks and marks that turn text round are shown as escapes.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// paragraph is printable for a text that may have lines of its own: all but the first are marked, for a
// name in it may have brought them.
func paragraph(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n  | ")
}

// newTable is a table in the house style.
func newTable(w io.Writer, heads ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.AppendHeader(heads)
	return t
}

func size(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

func count(n int64) string { return humanize.Comma(n) }

// counted says how many there are of something: "1 table", "2,000 tables".
func counted[N int | int64](n N, one, many string) string {
	return backup.Counted(int64(n), one, many)
}
