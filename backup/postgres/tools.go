package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"holdfast/backup"
)

// toolset is one pair of client tools, of one version and from one folder.
type toolset struct {
	Dump    string // path of pg_dump
	Restore string // path of pg_restore
	Version string // "15.18"
	Major   int
	num     int
	inside  bool // they are in the container of the server
}

// tools finds pg_dump and pg_restore for a server: those of its own major, else of the next
// newer one, never older ones, for pg_dump refuses a server newer than itself.
func (s *Server) tools(major int) (toolset, error) {
	found := s.toolsets()
	if chosen, ok := nearest(found, major); ok {
		return chosen, nil
	}
	remedy := toolsRemedy(major)
	if len(found) == 0 {
		return toolset{}, backup.Errorf(backup.Failed, remedy, "pg_dump and pg_restore were not found%s; the server is PostgreSQL %d", s.lookedIn(), major)
	}
	return toolset{}, backup.Errorf(backup.Failed, remedy,
		"pg_dump is version %s, older than the server, which is PostgreSQL %d", newest(found).Version, major)
}

// restoreTools finds client tools that know both the server and the archive in m: an older
// pg_restore does not know the server, nor the format of a newer archive.
func (s *Server) restoreTools(serverNum int, m *backup.Manifest) (toolset, error) {
	server, archive := serverNum/10000, archiveReader(m.ToolsVersion)
	if archive <= server {
		return s.tools(server)
	}
	found := s.toolsets()
	if chosen, ok := nearest(found, archive); ok {
		return chosen, nil
	}
	remedy := toolsRemedy(archive)
	if len(found) == 0 {
		return toolset{}, backup.Errorf(backup.Failed, remedy, "pg_dump and pg_restore were not found%s; the backup was made by pg_dump %s", s.lookedIn(), m.ToolsVersion)
	}
	return toolset{}, backup.Errorf(backup.Failed, remedy,
		"pg_restore is version %s, but the backup was made by pg_dump %s: only pg_restore %d and newer read its archive, also for this server, which is PostgreSQL %d",
		newest(found).Version, m.ToolsVersion, archive, server)
}

// archiveReader gives the oldest major whose pg_restore reads what a version of pg_dump writes:
// archives changed with 16 (1.15) and with 17 (1.16). Of a version that is not known yet nothing
// but its own is sure.
func archiveReader(dumper string) int {
	_, num := parseVersion(dumper)
	switch major := num / 10000; {
	case major > newestMajor:
		return major
	case major >= 17:
		return 17
	case major == 16:
		return 16
	}
	return oldestMajor
}

// nearest gives the oldest tools that are of that major or newer.
func nearest(found []toolset, major int) (toolset, bool) {
	usable := slices.DeleteFunc(slices.Clone(found), func(t toolset) bool { return t.Major < major })
	if len(usable) == 0 {
		return toolset{}, false
	}
	return slices.MinFunc(usable, nearer), true
}

func newest(found []toolset) toolset {
	return slices.MaxFunc(found, func(a, b toolset) int { return a.num - b.num })
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

// programVersion is what a program says of itself.
type programVersion struct {
	text string
	num  int
}

// programVersions remembers what was asked, by path, size and time of the file.
var programVersions sync.Map

func toolVersion(program string) (text string, num int) {
	info, err := os.Stat(program)
	if err != nil {
		return "", 0
	}
	file := fmt.Sprintf("%s %d %d", program, info.Size(), info.ModTime().UnixNano())
	if known, ok := programVersions.Load(file); ok {
		v := known.(programVersion)
		return v.text, v.num
	}
	text, num = askVersion(program)
	if num != 0 {
		programVersions.Store(file, programVersion{text, num})
	}
	return text, num
}

// askVersion asks a program: "pg_dump (PostgreSQL) 15.18 (Debian …)".
func askVersion(program string) (text string, num int) {
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
