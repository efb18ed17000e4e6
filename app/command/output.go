package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
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
// tells the error too; as text the error says enough.
func (sh *shell) show(r result, err error) error {
	if err != nil {
		if told, ok := r.(interface{ tellsError() bool }); sh.json && ok && told.tellsError() {
			if jsonErr := sh.encode(r); jsonErr != nil {
				return jsonErr
			}
			return shown{err}
		}
		return err
	}
	if r == nil {
		return nil
	}
	if sh.json {
		return sh.encode(r)
	}
	r.text(sh.out)
	return nil
}

// shown marks an error that is on standard output already.
type shown struct{ error }

func (s shown) Unwrap() error { return s.error }

func (sh *shell) encode(v any) error {
	enc := json.NewEncoder(sh.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// fail tells the person, or the script, why the command ended.
func (sh *shell) fail(err error) {
	e := backup.AsError(err)
	if sh.json {
		_ = sh.encode(map[string]any{"error": backup.FaultOf(err)}) // nothing is left to report a failure to
		return
	}
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
