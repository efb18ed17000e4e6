package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// folderPatterns says where packages of PostgreSQL put their programs, one system's after the
// other's. A pattern that fits nothing costs nothing, so they are not told apart by system.
func folderPatterns() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
		"/usr/pgsql-*/bin",                  // PostgreSQL's own packages for Fedora and its kin
		"/usr/lib/postgresql*/bin",          // SUSE; Gentoo
		"/usr/lib64/postgresql-*/bin",       // Gentoo
		"/usr/libexec/postgresql*",          // Alpine
		"/opt/postgresql*/bin",              // Arch, older versions
		"/usr/local/pgsql/bin",              // built from source
		"/snap/postgresql*/current/usr/bin", // snap
		"/snap/postgresql*/current/usr/lib/postgresql/*/bin",
		"/run/current-system/sw/bin",                          // NixOS
		"/nix/var/nix/profiles/default/bin",                   // Nix
		filepath.Join(home(), ".nix-profile/bin"),             // Nix, of one person
		filepath.Join(home(), ".local/state/nix/profile/bin"), // the same with XDG folders
		"/opt/homebrew/opt/postgresql@*/bin",                  // Homebrew, ARM
		"/opt/homebrew/opt/libpq*/bin",
		"/usr/local/opt/postgresql@*/bin", // Homebrew, Intel
		"/usr/local/opt/libpq*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/home/linuxbrew/.linuxbrew/opt/libpq*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/Library/PostgreSQL/*/bin",      // EnterpriseDB, macOS
		"/opt/PostgreSQL/*/bin",          // EnterpriseDB, Linux
		"/opt/local/lib/postgresql*/bin", // MacPorts
		filepath.Join(programFiles("ProgramFiles"), "PostgreSQL", "*", "bin"),
		filepath.Join(programFiles("ProgramFiles(x86)"), "PostgreSQL", "*", "bin"),
	}
}

// home gives the home folder; a folder that is not there when nobody knows it.
func home() string {
	folder, err := os.UserHomeDir()
	if err != nil {
		return "/nonexistent"
	}
	return folder
}

// programFiles gives a folder that Windows names by a variable; elsewhere one that is not there.
func programFiles(variable string) string {
	if folder := os.Getenv(variable); folder != "" {
		return folder
	}
	return `C:\Program Files`
}

// serverFolders gives the folders in which packages of PostgreSQL put their programs.
func serverFolders() []string {
	var folders []string
	for _, pattern := range folderPatterns() {
		matches, err := filepath.Glob(pattern)
		if err == nil {
			folders = append(folders, matches...)
		}
	}
	return folders
}

// toolsRemedy says how client tools of a major are got on this system.
func toolsRemedy(major int) string {
	const named = " or name their folder in the settings (tools)."
	switch runtime.GOOS {
	case "darwin":
		return fmt.Sprintf("Install the client tools of PostgreSQL %d or newer (brew install postgresql@%d, or Postgres.app),", major, major) + named
	case "windows":
		return fmt.Sprintf("Install the command line tools of PostgreSQL %d or newer with its installer,", major) + named
	}
	return fmt.Sprintf("Install the client tools of PostgreSQL %d or newer (package postgresql-client-%d on Debian and Ubuntu; PostgreSQL's own package repository has every version),", major, major) + named
}
