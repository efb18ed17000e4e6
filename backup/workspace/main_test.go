package workspace_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain gives git a home without settings of the person who runs the tests.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "workspace-home-")
	if err == nil {
		err = os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[user]\nname = Ann\nemail = ann@example.org\n[init]\ndefaultBranch = main\n"), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("HOME", home)
	os.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	code := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(code)
}

// at is the date of commits in the tests.
var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// run is git in a folder, with commits dated at.
func run(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", folder, "-c", "protocol.file.allow=always"}, args...)...)
	date := at.Format(time.RFC3339)
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, repo, name string) {
	t.Helper()
	write(t, filepath.Join(repo, name), name+"\n")
	run(t, repo, "add", name)
	run(t, repo, "commit", "-q", "-m", name)
}

// folder gives a folder by its real name.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// pushed makes a repository whose one commit is on a remote.
func pushed(t *testing.T) (repo string) {
	t.Helper()
	dir := folder(t)
	repo = filepath.Join(dir, "shop")
	run(t, dir, "init", "-q", "--bare", "remote.git")
	run(t, dir, "init", "-q", "shop")
	commit(t, repo, "first")
	run(t, repo, "remote", "add", "origin", filepath.Join(dir, "remote.git"))
	run(t, repo, "push", "-q", "-u", "origin", "main")
	return repo
}
