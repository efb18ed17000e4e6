//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/views"
)

// gap gives what is named of a kind, and whether that is spoken of.
func (b *bench) gap(kind backup.GapKind) (names []string, told bool) {
	for _, g := range b.shop().Gaps {
		if g.Kind == kind {
			return g.Names, true
		}
	}
	return nil, false
}

// TestGaps: opening the list looks at the folders and the server; what is a sandbox or a folder of one is
// no gap, and what is left out on purpose is.
func TestGaps(t *testing.T) {
	b := newBench(t)
	b.sql("postgres", "CREATE DATABASE other")
	code := filepath.Join(b.dir, "code")
	must(t, os.MkdirAll(filepath.Join(code, "uploads"), 0o700))
	must(t, os.WriteFile(filepath.Join(code, "uploads", "a.jpg"), []byte("a"), 0o600))
	must(t, os.WriteFile(filepath.Join(code, ".env"), []byte("REDIS_URL=redis://:word@cache:6379/0\nS3_BUCKET=pictures\n"), 0o600))
	b.edit("shop", func(s *backup.Sandbox) { s.Code, s.ExcludeTables = []string{code}, []string{"kept"} })
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionUncovered})
	b.until("what was seen", func() bool {
		others, _ := b.gap(backup.GapDatabases)
		return len(others) > 0
	})
	for kind, want := range map[backup.GapKind]string{
		backup.GapDatabases: "other", backup.GapServers: "Redis at cache:6379", backup.GapStorage: "bucket pictures", backup.GapUploads: filepath.Join(code, "uploads"),
		backup.GapTables: "kept", backup.GapSecrets: filepath.Join(code, ".env"), backup.GapCode: code, backup.GapRoles: "", backup.GapFolders: "",
	} {
		if names, told := b.gap(kind); !told || strings.Join(names, ", ") != want {
			t.Errorf("%s: %v, %q; want %q", kind, told, names, want)
		}
	}
	b.edit("shop", func(s *backup.Sandbox) { s.Media = []string{filepath.Join(code, "uploads")} })
	b.Look(views.Place{})
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionUncovered})
	b.until("the folder is its own", func() bool {
		_, uploads := b.gap(backup.GapUploads)
		_, folders := b.gap(backup.GapFolders)
		return len(b.shop().Gaps) > 0 && !uploads && !folders
	})
}
