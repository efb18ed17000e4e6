package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup"
)

// TestToolFails has a pg_dump that goes wrong in every way a program can; none must pass for a
// backup.
func TestToolFails(t *testing.T) {
	sb := testDatabase(t, "badtool", "CREATE TABLE t(x int)", "INSERT INTO t VALUES (1)", "SELECT lo_from_bytea(0, decode(repeat('00ff', 50000), 'hex'))")
	real, err := testServer().tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, script, want string }{
		{"fails at once", `echo "it says why" >&2; exit 1`, "it says why"},
		{"fails without a word", `exit 7`, "said nothing"},
		{"writes nothing and is content", `exit 0`, "not a pg_dump archive"},
		{"writes all and fails", `"$REAL" "$@"; echo "late" >&2; exit 1`, "late"},
		{"is cut off in the contents and content", `"$REAL" "$@" | head -c 700; exit 0`, "not a pg_dump archive"},
		{"is cut off in a large object and content", `"$REAL" "$@" | head -c 30000; exit 0`, "not a pg_dump archive"},
		{"is killed", `kill -9 $$`, "failed"},
		{"writes garbage", `head -c 100000 /dev/zero; exit 0`, "not a pg_dump archive"},
		{"leaves out a table", `"$REAL" "$@" --exclude-table=public.t`, "left out table"},
		{"writes rows", `"$REAL" -Fc -Z0`, "holds rows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := testServer()
			s.Tools = t.TempDir()
			for _, tool := range []struct{ name, script string }{
				{"pg_dump", fmt.Sprintf("#!/bin/sh\nREAL='%s'\nif [ \"$1\" = --version ]; then exec \"$REAL\" --version; fi\n%s\n", real.Dump, c.script)},
				{"pg_restore", fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\"\n", real.Restore)},
			} {
				if err := os.WriteFile(filepath.Join(s.Tools, tool.name), []byte(tool.script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			_, err := s.Capture(t.Context(), sb, newShelf(), nil)
			wantKind(t, err, backup.Failed, c.want)
			noneLeft(t)
		})
	}
}
