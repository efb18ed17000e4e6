//go:build unix

package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
)

// TestForeseen adds a sandbox whose backups will meet something, and takes one.
func TestForeseen(t *testing.T) {
	a := newArena(t, "CREATE TABLE t (x int)")
	a.with(func(e *Engine) {
		var said []string
		e.opts.Warn = func(text string) { said = append(said, text) }
		const want = `the exclusion "nosuch*" matches no table`
		s := backup.Sandbox{Name: "more", Connection: a.server.Connection("shop"), ExcludeTables: []string{"nosuch*"}}
		_, err := e.AddSandbox(t.Context(), s, PutSandbox{Test: true})
		must(t, err)
		if !slices.Contains(said, want) {
			t.Errorf("said when it was added: %q", said)
		}
		said = nil
		_, err = e.CreateBackup(t.Context(), "more", "", 0)
		must(t, err)
		if !slices.Contains(said, want) {
			t.Errorf("said when it was backed up: %q", said)
		}
		a.exec("postgres", "CREATE ROLE weak LOGIN")
		said, s.Name, s.Connection.User = nil, "weak", "weak"
		_, err = e.AddSandbox(t.Context(), s, PutSandbox{Test: true})
		must(t, err)
		if len(said) == 0 || !strings.Contains(said[0], `a backup would fail: role "weak" may not read: public.t`) {
			t.Errorf("said of a role without rights: %q", said)
		}
	})
}

// TestPromptNamesWhatIsMissing restores a backup that leaves a schema and some rows out.
func TestPromptNamesWhatIsMissing(t *testing.T) {
	a := newArena(t, "CREATE TABLE t (x int); CREATE TABLE noise (x int); CREATE SCHEMA other")
	var asked backup.Prompt
	opts := tortureOptions(a.home(), nil)
	opts.Approve = func(_ context.Context, p backup.Prompt) (string, error) {
		asked = p
		return tortureApproval, nil
	}
	e, err := Open(t.Context(), opts)
	must(t, err)
	s, err := e.Sandbox("shop")
	must(t, err)
	s.Schemas, s.ExcludeTables = []string{"public"}, []string{"noise"}
	_, err = e.EditSandbox(t.Context(), s, PutSandbox{})
	must(t, err)
	b, err := e.CreateBackup(t.Context(), "shop", "", 0)
	must(t, err)
	_, err = e.Restore(t.Context(), RestoreRequest{Ref: string(b.ID)})
	must(t, errors.Join(err, e.Close(context.Background())))
	for _, want := range []string{"leaves out the schemas other:", "no rows of public.noise:"} {
		if !strings.Contains(asked.Loss, want) {
			t.Errorf("%q does not say %q", asked.Loss, want)
		}
	}
}
