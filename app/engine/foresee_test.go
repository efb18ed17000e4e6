package engine

import (
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
