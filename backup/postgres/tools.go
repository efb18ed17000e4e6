package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"holdfast/backup"
)

// toolset is one pair of client tools, of one version and from one folder.
type toolset struct {
	Dump    string // path of pg_dump
	Restore string // path of pg_restore
	Version string // "15.18"
	Major   int
	num     int
}

// tools finds pg_dump and pg_restore for a server: those of its own major, else of the next
// newer one, never older ones, for pg_dump refuses a server newer than itself.
func (s *Server) tools(major int) (toolset, error) {
	found := s.toolsets()
	usable := slices.DeleteFunc(slices.Clone(found), func(t toolset) bool { return t.Major < major })
	if len(usable) > 0 {
		return slices.MinFunc(usable, nearer), nil
	}
	remedy := fmt.Sprintf("Install the client tools of PostgreSQL %d (package postgresql-client-%d), or name their folder in the settings.", major, major)
	if len(found) == 0 {
		return toolset{}, backup.Errorf(backup.Failed, remedy, "pg_dump and pg_restore were not found%s; the server is PostgreSQL %d", s.lookedIn(), major)
	}
	newest := slices.MaxFunc(found, func(a, b toolset) int { return a.num - b.num })
	return toolset{}, backup.Errorf(backup.Failed, remedy,
		"pg_dump is version %s, older than the server, which is PostgreSQL %d", newest.Version, major)
}

func (s *Server) lookedIn() string {
	if s.Tools == "" {
		return ""
	}
	return " in " + s.Tools
}

// nearer orders by major, oldest first, and within one by the newest minor.
func nearer(a, b toolset) int {
	if a.Major != b.Major {
		return a.Major - b.Major
	}
	return b.num - a.num
}

// toolsets gives every usable pair of tools.
func (s *Server) toolsets() []toolset {
	var found []toolset
	for _, folder := range s.toolFolders() {
		if t, ok := toolsIn(folder); ok {
			found = append(found, t)
		}
	}
	return found
}

// toolFolders gives the folders to look in, once each. A folder that was named is the only one.
func (s *Server) toolFolders() []string {
	if s.Tools != "" {
		return []string{s.Tools}
	}
	return slices.Concat(filepath.SplitList(os.Getenv("PATH")), serverFolders())
}

// serverFolders gives the folders in which packages of PostgreSQL put their programs.
func serverFolders() []string {
	var folders []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/opt/homebrew/opt/libpq/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/usr/local/opt/libpq/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		`C:\Program Files\PostgreSQL\*\bin`,
	} {
		matches, err := filepath.Glob(pattern)
		if err == nil {
			folders = append(folders, matches...)
		}
	}
	return folders
}

// toolsIn looks at one folder. Debian's wrapper is passed over: it chooses a version by rules
// of its own, the real programs are in the folders above.
func toolsIn(folder string) (toolset, bool) {
	dump, restore := programIn(folder, "pg_dump"), programIn(folder, "pg_restore")
	if dump == "" || restore == "" {
		return toolset{}, false
	}
	text, num := toolVersion(dump)
	other, _ := toolVersion(restore)
	if num == 0 || text != other {
		return toolset{}, false
	}
	return toolset{Dump: dump, Restore: restore, Version: text, Major: num / 10000, num: num}, true
}

// programIn gives the real path of a program, "" when it is not there.
func programIn(folder, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(folder, name)
	real, err := filepath.EvalSymlinks(path)
	if err != nil || filepath.Base(real) == "pg_wrapper" {
		return ""
	}
	if info, err := os.Stat(real); err != nil || info.IsDir() {
		return ""
	}
	return path
}

// toolVersion asks a program: "pg_dump (PostgreSQL) 15.18 (Debian …)".
func toolVersion(program string) (text string, num int) {
	cmd := exec.Command(program, "--version")
	cmd.Env = plainEnviron()
	out, err := cmd.Output()
	if err != nil {
		return "", 0
	}
	_, version, found := strings.Cut(string(out), ") ")
	if !found {
		return "", 0
	}
	return parseVersion(version)
}
