package workspace

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"holdfast/backup"
)

// Repositories gives the git work trees and bare repositories that are in folder, the work tree that
// folder is in, and those that they name as linked to them. partial says why these may not be all, "" when they are.
func Repositories(ctx context.Context, folder string) (list []Repository, partial string) {
	var found []string
	whole, err := walk(ctx, folder, func(at string, names []fs.DirEntry) {
		if slices.ContainsFunc(names, func(n fs.DirEntry) bool { return n.Name() == ".git" }) || isBare(names) {
			found = append(found, at)
		}
	})
	switch {
	case err != nil:
		return nil, "the folder " + folder + " cannot be read: " + backup.AsError(err).Text
	case !whole:
		partial = "the folder " + folder + " was not searched to its end"
	}
	if len(found) == 0 || found[0] != folder {
		found = append(enclosing(folder), found...)
	}
	seen, common := map[string]bool{}, map[string]bool{}
	for len(found) > 0 {
		at := found[0]
		found = found[1:]
		if real, err := filepath.EvalSymlinks(at); err != nil || seen[real] {
			continue
		} else {
			seen[real] = true
		}
		if ctx.Err() != nil {
			return list, "there was no time to look at all repositories in " + folder
		}
		r := look(ctx, at)
		if !common[r.common] {
			common[r.common] = true
			found = append(found, linked(ctx, at)...)
		} else {
			r.Branches, r.Stashes = nil, 0 // told with the first work tree of the repository
		}
		list = append(list, r)
	}
	return list, partial
}

// isBare says whether a folder has what every repository without a work tree has.
func isBare(names []fs.DirEntry) bool {
	has := map[string]bool{}
	for _, n := range names {
		has[n.Name()] = n.IsDir() || n.Name() == "HEAD" && n.Type().IsRegular()
	}
	return has["HEAD"] && has["objects"] && has["refs"]
}

// enclosing gives the work tree that a folder is in.
func enclosing(folder string) []string {
	for at := filepath.Dir(folder); ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return []string{at}
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// linked gives the other work trees of a repository that are there.
func linked(ctx context.Context, folder string) []string {
	ctx, stop := context.WithTimeout(ctx, repositoryTime)
	defer stop()
	out, err := (&git{folder: folder}).run(ctx, "worktree", "list", "--porcelain")
	if err != nil {
		return nil
	}
	var list []string
	for line := range strings.Lines(string(out)) {
		path, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "worktree ")
		if !ok {
			continue
		}
		if _, err := os.Lstat(filepath.Join(path, ".git")); err == nil {
			list = append(list, path)
		}
	}
	return list
}
