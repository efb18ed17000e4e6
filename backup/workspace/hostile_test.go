package workspace_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/backup/workspace"
)

// snapshot gives what is under a folder, with times of change and sizes.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[path] = info.ModTime().String() + " " + info.Mode().String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLookingTouchesNothing(t *testing.T) {
	t.Parallel()
	repo := pushed(t)
	commit(t, repo, "second")
	write(t, filepath.Join(repo, "third"), "x")
	stale := at.Local()
	if err := os.Chtimes(filepath.Join(repo, "first"), stale, stale); err != nil { // git status alone would refresh its index
		t.Fatal(err)
	}
	before := snapshot(t, repo)
	if n, _ := newest(t, repo).Unpushed(); n != 1 {
		t.Errorf("unpushed commits: %d", n)
	}
	if diff := cmp.Diff(before, snapshot(t, repo)); diff != "" {
		t.Errorf("the repository was touched: %s", diff)
	}
}

func newest(t *testing.T, repo string) *workspace.Repository {
	t.Helper()
	r := found(t, repo)
	return &r
}

// TestHostileRepositoryStartsNoProgram gives a repository every setting that makes git start a
// program while it looks around. The program would leave a file.
func TestHostileRepositoryStartsNoProgram(t *testing.T) {
	t.Parallel()
	repo := pushed(t)
	dir := filepath.Dir(repo)
	bait := filepath.Join(dir, "bait")
	program := filepath.Join(dir, "program")
	write(t, program, "#!/bin/sh\necho \"$0 $*\" >> '"+bait+"'\ncat\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(repo, "first"), "FIRST\n")
	run(t, repo, "stash", "-q")
	hostile := [][2]string{
		{"core.fsmonitor", program},
		{"core.hooksPath", filepath.Join(dir, "hooks")},
		{"core.pager", program},
		{"pager.status", program},
		{"core.sshCommand", program},
		{"core.editor", program},
		{"core.askPass", program},
		{"core.alternateRefsCommand", program},
		{"credential.helper", program},
		{"diff.external", program},
		{"log.showSignature", "true"},
		{"gpg.program", program},
		{"status.submoduleSummary", "true"},
		{"filter.evil.clean", program},
		{"filter.evil.smudge", program},
		{"filter.evil.required", "true"},
		{"filter.odd = name.process", program},
		{"filter.odd = name.required", "true"},
		{"alias.status", "!" + program},
		{"extensions.partialClone", "origin"},
		{"remote.origin.promisor", "true"},
		{"remote.origin.uploadpack", program},
		{"protocol.ext.allow", "always"},
		{"protocol.file.allow", "always"},
	}
	for _, setting := range hostile {
		run(t, repo, "config", setting[0], setting[1])
	}
	write(t, filepath.Join(repo, ".gitattributes"), "first filter=evil diff=evil\nfirst2 filter=odd\n")
	write(t, filepath.Join(repo, ".git/info/attributes"), "third filter=evil\n")
	for _, hook := range []string{"post-index-change", "pre-commit", "post-checkout", "reference-transaction"} {
		for _, place := range []string{filepath.Join(dir, "hooks"), filepath.Join(repo, ".git", "hooks")} {
			write(t, filepath.Join(place, hook), "#!/bin/sh\n"+program+"\n")
			if err := os.Chmod(filepath.Join(place, hook), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(t, filepath.Join(repo, "first"), "FiRST\n") // the same length: only its contents tell
	stale := at.Local()
	if err := os.Chtimes(filepath.Join(repo, "first"), stale, stale); err != nil {
		t.Fatal(err)
	}
	got := found(t, repo)
	if text, err := os.ReadFile(bait); err == nil {
		t.Errorf("a program of the repository's choice ran: %s", text)
	}
	if got.Problem != "" || got.Changed != 1 || got.Stashes != 1 {
		t.Errorf("got %+v", got)
	}
	run(t, repo, "-c", "core.fsmonitor=false", "status") // the bait works
	if text, _ := os.ReadFile(bait); !strings.Contains(string(text), "program") {
		t.Error("git status alone did not start the program either: the test shows nothing")
	}
}

// TestPartialCloneIsNotFetchedFrom takes an object away that the promised remote would be asked for.
func TestPartialCloneIsNotFetchedFrom(t *testing.T) {
	t.Parallel()
	repo := pushed(t)
	dir := filepath.Dir(repo)
	commit(t, repo, "second")
	parent := strings.TrimSpace(run(t, repo, "rev-parse", "HEAD"))
	commit(t, repo, "third")
	bait := filepath.Join(dir, "bait")
	program := filepath.Join(dir, "program")
	write(t, program, "#!/bin/sh\necho x >> '"+bait+"'\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, setting := range [][2]string{
		{"extensions.partialClone", "origin"}, {"remote.origin.promisor", "true"},
		{"remote.origin.url", "ext::" + program}, {"protocol.ext.allow", "always"}, {"core.repositoryFormatVersion", "1"},
	} {
		run(t, repo, "config", setting[0], setting[1])
	}
	if err := os.Remove(filepath.Join(repo, ".git/objects", parent[:2], parent[2:])); err != nil {
		t.Fatal(err)
	}
	got := found(t, repo)
	if _, err := os.Stat(bait); err == nil {
		t.Error("the remote was asked")
	}
	if got.Problem == "" {
		t.Errorf("nothing is said of the missing object: %+v", got)
	}
}

func TestLookingEndsInTime(t *testing.T) {
	t.Parallel()
	repo := pushed(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	list, partial := workspace.Repositories(ctx, repo)
	if len(list) != 0 || partial == "" {
		t.Errorf("got %v, %q", list, partial)
	}
}

func TestBrokenRepositoryIsSaid(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	run(t, dir, "init", "-q")
	torn, emptied := filepath.Join(dir, "torn"), filepath.Join(dir, "emptied")
	write(t, filepath.Join(torn, ".git"), "gitdir: /nowhere\n")
	write(t, filepath.Join(emptied, ".git", "x"), "x") // git alone would answer for the folder above
	for _, broken := range []string{torn, emptied} {
		list, _ := workspace.Repositories(t.Context(), broken)
		if len(list) != 1 || !strings.Contains(list[0].Problem, "not a git repository") {
			t.Errorf("%s: got %+v", broken, list)
		}
	}
}
