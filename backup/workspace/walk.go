package workspace

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of a search.
const (
	maxDepth   = 8     // folders below the one that was named
	maxFolders = 20000 // folders in all
)

// skipped are folders that hold what a tool can make again.
var skipped = []string{
	"node_modules", "bower_components", "vendor", "venv", "__pycache__", "site-packages", "target", "Pods", "DerivedData",
}

// hiddenButRead are hidden folders that are looked into. The others are caches and settings of tools.
var hiddenButRead = []string{".github", ".config", ".docker", ".devcontainer", ".secrets"}

func skips(name string) bool {
	if strings.HasPrefix(name, ".") {
		return !slices.Contains(hiddenButRead, name)
	}
	return slices.Contains(skipped, name)
}

// walk calls visit with each folder under root, root first, and what is in it; then with those that
// links in it lead to, by their real names and each once. A link to a folder that root is in is not
// followed. whole says whether everything was seen; the bounds are above.
func walk(ctx context.Context, root string, visit func(folder string, names []fs.DirEntry)) (whole bool, err error) {
	type place struct {
		path  string
		depth int
	}
	whole = true
	queue, linked := []place{{path: root}}, []place{}
	followed := []string{realName(root)}
	for seen := 0; len(queue)+len(linked) > 0; seen++ {
		if len(queue) == 0 {
			at := linked[0]
			linked = linked[1:]
			if isIn(at.path, followed) {
				continue
			}
			followed = append(followed, at.path)
			queue = append(queue, at)
		}
		if ctx.Err() != nil || seen >= maxFolders {
			return false, nil //nolint:nilerr // an end before the end is no error
		}
		at := queue[0]
		queue = queue[1:]
		names, err := os.ReadDir(at.path)
		if err != nil {
			if at.depth == 0 {
				return false, err
			}
			whole = false
			continue
		}
		visit(at.path, names)
		for _, n := range names {
			if n.Type()&fs.ModeSymlink != 0 && !skips(n.Name()) && at.depth < maxDepth {
				if to := leadsOut(filepath.Join(at.path, n.Name()), root); to != "" {
					linked = append(linked, place{to, at.depth + 1})
				}
			}
			if !n.IsDir() || skips(n.Name()) {
				continue
			}
			if at.depth == maxDepth {
				whole = false
				continue
			}
			queue = append(queue, place{filepath.Join(at.path, n.Name()), at.depth + 1})
		}
	}
	return whole, nil
}

// leadsOut gives the folder outside of root that a link leads to; "" where it does not, or leads to
// one that root is in.
func leadsOut(link, root string) string {
	to, err := filepath.EvalSymlinks(link)
	if err != nil {
		return ""
	}
	root = realName(root)
	info, err := os.Stat(to)
	if err != nil || !info.IsDir() || isIn(to, []string{root}) || isIn(root, []string{to}) {
		return ""
	}
	return to
}

// realName follows links; what is not there stays as it is.
func realName(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
