package workspace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"holdfast/backup/workspace"
)

// found gives what is known of the one work tree in a folder.
func found(t *testing.T, dir string) workspace.Repository {
	t.Helper()
	list, partial := workspace.Repositories(t.Context(), dir)
	if len(list) != 1 || partial != "" {
		t.Fatalf("got %d repositories (%q), want one: %+v", len(list), partial, list)
	}
	return list[0]
}

func TestRepositoryStates(t *testing.T) {
	t.Parallel()
	changed := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	touch := func(t *testing.T, path string) {
		t.Helper()
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, repo string)
		want workspace.Repository
	}{
		{"clean", func(*testing.T, string) {}, workspace.Repository{Branch: "main", Remotes: 1}},
		{"changed, staged, deleted and untracked", func(t *testing.T, repo string) {
			commit(t, repo, "gone")
			run(t, repo, "push", "-q")
			write(t, filepath.Join(repo, "first"), "1234567890")
			touch(t, filepath.Join(repo, "first"))
			write(t, filepath.Join(repo, "new ü\nline"), "12345")
			run(t, repo, "add", "new ü\nline")
			write(t, filepath.Join(repo, "notes/today.txt"), "not counted, for git names the folder only")
			write(t, filepath.Join(repo, "loose"), "123")
			if err := os.Remove(filepath.Join(repo, "gone")); err != nil {
				t.Fatal(err)
			}
		}, workspace.Repository{Branch: "main", Remotes: 1, Changed: 3, Untracked: 2, Bytes: 18, Since: changed}},
		{"a secret that is not ignored", func(t *testing.T, repo string) {
			write(t, filepath.Join(repo, ".env.local"), "A=1")
			touch(t, filepath.Join(repo, ".env.local"))
		}, workspace.Repository{Branch: "main", Remotes: 1, Untracked: 1, Exposed: ".env.local", Bytes: 3, Since: changed}},
		{"ignored", func(t *testing.T, repo string) {
			write(t, filepath.Join(repo, ".git/info/exclude"), "*.log\n")
			write(t, filepath.Join(repo, "x.log"), "x")
		}, workspace.Repository{Branch: "main", Remotes: 1}},
		{"unpushed", func(t *testing.T, repo string) {
			commit(t, repo, "second")
			commit(t, repo, "third")
		}, workspace.Repository{Branch: "main", Remotes: 1, Branches: []workspace.Branch{
			{Name: "main", Upstream: "refs/remotes/origin/main", Unpushed: 2, Since: at},
		}}},
		{"no upstream", func(t *testing.T, repo string) {
			run(t, repo, "switch", "-q", "-c", "idea")
			commit(t, repo, "second")
		}, workspace.Repository{Branch: "idea", Remotes: 1, Branches: []workspace.Branch{{Name: "idea", Unpushed: 1, Since: at}}}},
		{"upstream gone", func(t *testing.T, repo string) {
			run(t, repo, "switch", "-q", "-c", "idea")
			run(t, repo, "push", "-q", "-u", "origin", "idea")
			commit(t, repo, "second")
			run(t, repo, "push", "-q", "origin", "--delete", "idea")
		}, workspace.Repository{Branch: "idea", Remotes: 1, Branches: []workspace.Branch{
			{Name: "idea", Upstream: "refs/remotes/origin/idea", Gone: true, Unpushed: 1, Since: at},
		}}},
		{"no remote", func(t *testing.T, repo string) {
			run(t, repo, "remote", "remove", "origin")
		}, workspace.Repository{Branch: "main", Branches: []workspace.Branch{{Name: "main", Unpushed: 1, Since: at}}}},
		{"many branches", func(t *testing.T, repo string) {
			for i, name := range []string{"one", "two", "kept"} {
				run(t, repo, "switch", "-q", "-c", name, "main")
				for n := range i + 1 {
					commit(t, repo, name+strings.Repeat("x", n))
				}
			}
			run(t, repo, "push", "-q", "-u", "origin", "kept")
			run(t, repo, "branch", "plain", "main") // no commit of its own, and no upstream
			run(t, repo, "switch", "-q", "main")
		}, workspace.Repository{Branch: "main", Remotes: 1, Branches: []workspace.Branch{
			{Name: "one", Unpushed: 1, Since: at}, {Name: "plain"}, {Name: "two", Unpushed: 2, Since: at},
		}}},
		{"stashes", func(t *testing.T, repo string) {
			for _, text := range []string{"one", "two"} {
				write(t, filepath.Join(repo, "first"), text)
				run(t, repo, "stash", "-q")
			}
		}, workspace.Repository{Branch: "main", Remotes: 1, Stashes: 2, Stashed: at}},
		{"detached with a commit of its own", func(t *testing.T, repo string) {
			run(t, repo, "switch", "-q", "--detach")
			commit(t, repo, "second")
		}, workspace.Repository{Detached: true, Remotes: 1, Loose: 1}},
		{"detached on what is pushed", func(t *testing.T, repo string) {
			run(t, repo, "switch", "-q", "--detach")
		}, workspace.Repository{Detached: true, Remotes: 1}},
		{"conflict", func(t *testing.T, repo string) {
			run(t, repo, "switch", "-q", "-c", "idea")
			write(t, filepath.Join(repo, "first"), "ours")
			run(t, repo, "commit", "-q", "-a", "-m", "ours")
			run(t, repo, "push", "-q", "-u", "origin", "idea")
			run(t, repo, "switch", "-q", "main")
			write(t, filepath.Join(repo, "first"), "theirs")
			run(t, repo, "commit", "-q", "-a", "-m", "theirs")
			run(t, repo, "push", "-q")
			if out, err := exec.Command("git", "-C", repo, "merge", "idea").CombinedOutput(); err == nil {
				t.Fatalf("the merge had no conflict: %s", out)
			}
			touch(t, filepath.Join(repo, "first"))
			write(t, filepath.Join(repo, "first"), "both")
			touch(t, filepath.Join(repo, "first"))
		}, workspace.Repository{Branch: "main", Remotes: 1, Changed: 1, Bytes: 4, Since: changed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			repo := pushed(t)
			c.make(t, repo)
			c.want.Path = repo
			got := found(t, repo)
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(workspace.Repository{}, "Digest"), cmpopts.IgnoreUnexported(workspace.Repository{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRepositoryWithoutCommits(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	run(t, dir, "init", "-q")
	write(t, filepath.Join(dir, "a"), "a")
	if got := found(t, dir); got.Problem != "" || got.Branch != "main" || got.Untracked != 1 || got.Remotes != 0 || len(got.Branches) != 0 {
		t.Errorf("got %+v", got)
	}
}

// A repository without a work tree is looked at like any other: one that has no remote is the only
// place of its commits.
func TestBareRepository(t *testing.T) {
	t.Parallel()
	repo := pushed(t)
	dir := filepath.Dir(repo)
	commit(t, repo, "second")
	list, partial := workspace.Repositories(t.Context(), dir)
	byPath := map[string]workspace.Repository{}
	for _, r := range list {
		byPath[r.Path] = r
	}
	bare := byPath[filepath.Join(dir, "remote.git")]
	if n, since := bare.Unpushed(); len(list) != 2 || partial != "" || !bare.Bare || bare.Problem != "" || n != 1 || !since.Equal(at) || bare.Remotes != 0 {
		t.Errorf("bare: %+v; %q", bare, partial)
	}
	clone := byPath[repo]
	if n, _ := clone.Unpushed(); n != 1 || clone.Bare {
		t.Errorf("its clone: %+v", clone)
	}
	empty := filepath.Join(folder(t), "empty.git")
	run(t, filepath.Dir(empty), "init", "-q", "--bare", "empty.git")
	if got := found(t, empty); !got.Bare || got.Problem != "" || len(got.Branches) != 0 {
		t.Errorf("an empty one: %+v", got)
	}
}

// A submodule is a repository of its own; the one around it says when it stands at another commit.
func TestSubmodules(t *testing.T) {
	t.Parallel()
	outer, lib := pushed(t), pushed(t)
	run(t, outer, "submodule", "--quiet", "add", filepath.Join(filepath.Dir(lib), "remote.git"), "lib")
	run(t, outer, "commit", "-q", "-m", "with a submodule")
	run(t, outer, "push", "-q")
	inner := filepath.Join(outer, "lib")
	look := func() (around, inside workspace.Repository) {
		t.Helper()
		list, partial := workspace.Repositories(t.Context(), outer)
		if len(list) != 2 || partial != "" || list[0].Path != outer || list[1].Path != inner {
			t.Fatalf("got %+v, %q", list, partial)
		}
		return list[0], list[1]
	}
	if around, inside := look(); around.Changed+around.Untracked+inside.Changed+len(around.Branches)+len(inside.Branches) != 0 {
		t.Errorf("clean: %+v, %+v", around, inside)
	}
	write(t, filepath.Join(inner, "first"), "changed")
	if around, inside := look(); around.Changed != 0 || inside.Changed != 1 {
		t.Errorf("a change in the submodule: %+v, %+v", around, inside)
	}
	run(t, inner, "commit", "-q", "-a", "-m", "changed")
	around, inside := look()
	if n, _ := inside.Unpushed(); around.Changed != 1 || inside.Changed != 0 || n != 1 {
		t.Errorf("a commit in the submodule: %+v, %+v", around, inside)
	}
}

func TestRepositoriesNestedLinkedAndEnclosing(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	outer := filepath.Join(dir, "work", "outer")
	for _, repo := range []string{outer, filepath.Join(outer, "inner"), filepath.Join(outer, "node_modules", "dep"), filepath.Join(outer, ".cache", "tool")} {
		write(t, filepath.Join(repo, ".gitignore"), "inner\nnode_modules\n.cache\n")
		run(t, repo, "init", "-q")
		commit(t, repo, "first")
		run(t, repo, "add", ".gitignore")
		run(t, repo, "commit", "-q", "-m", "ignore")
	}
	elsewhere := filepath.Join(dir, "elsewhere")
	run(t, outer, "worktree", "add", "-q", "-b", "side", elsewhere)
	write(t, filepath.Join(elsewhere, "draft"), "draft")
	commits := map[string]int{}
	list, partial := workspace.Repositories(t.Context(), filepath.Join(dir, "work"))
	for _, r := range list {
		n, _ := r.Unpushed()
		commits[r.Path] = n
		if r.Path == elsewhere && (r.Branch != "side" || r.Untracked != 1) {
			t.Errorf("linked work tree: %+v", r)
		}
	}
	want := map[string]int{outer: 4, filepath.Join(outer, "inner"): 2, elsewhere: 0} // its branch is told once
	if diff := cmp.Diff(want, commits); diff != "" || partial != "" {
		t.Errorf("%q, -want +got:\n%s", partial, diff)
	}
	write(t, filepath.Join(outer, "docs", "deep", "page"), "page")
	if list, _ = workspace.Repositories(t.Context(), filepath.Join(outer, "docs", "deep")); len(list) == 0 || list[0].Path != outer {
		t.Errorf("the folder is in %s, found %v", outer, list)
	}
	list, partial = workspace.Repositories(t.Context(), filepath.Join(dir, "nowhere"))
	if len(list) != 0 || partial == "" {
		t.Errorf("a folder that is not there: %v, %q", list, partial)
	}
}

func TestRepositoryDigestFollowsTheFacts(t *testing.T) {
	t.Parallel()
	repo := pushed(t)
	last := ""
	for _, change := range []func(){
		func() {},
		func() { write(t, filepath.Join(repo, "a"), "a") },
		func() { write(t, filepath.Join(repo, "b"), "b") },
		func() { run(t, repo, "add", "b") },
		func() { run(t, repo, "commit", "-q", "-m", "b") },
		func() { run(t, repo, "remote", "remove", "origin") },
	} {
		change()
		now := found(t, repo).Digest
		if now == last {
			t.Error("the digest did not change")
		}
		if again := found(t, repo).Digest; again != now {
			t.Error("the digest changed by itself")
		}
		last = now
	}
}
