package workspace

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/backup/envfile"
)

// maxCommits bounds how many commits that are nowhere else are counted.
const maxCommits = 10000

// Repository is what one work tree, or a repository without one, has that is nowhere else.
type Repository struct {
	Path      string    `json:"path"`               // absolute folder of the work tree
	Bare      bool      `json:"bare,omitempty"`     // it has no work tree
	Branch    string    `json:"branch"`             // that is checked out; "" when none is
	Detached  bool      `json:"detached,omitempty"` // HEAD names a commit, not a branch
	Changed   int       `json:"changed"`            // tracked files with changes, staged ones and conflicts too
	Untracked int       `json:"untracked"`          // files and folders that git does not know and is not told to ignore
	Exposed   string    `json:"exposed,omitempty"`  // a secret file among these, that the next commit may take along
	Bytes     int64     `json:"bytes"`              // of both, without what is in untracked folders
	Since     time.Time `json:"since,omitzero"`     // oldest of them by its time of change
	Loose     int       `json:"loose,omitempty"`    // commits that HEAD has and neither a branch nor a remote
	Remotes   int       `json:"remotes"`
	Branches  []Branch  `json:"branches,omitempty"` // with commits on no remote, or with no upstream that is there
	Stashes   int       `json:"stashes,omitempty"`
	Stashed   time.Time `json:"stashed,omitzero"`  // the oldest stash
	Problem   string    `json:"problem,omitempty"` // why this is not all
	Digest    string    `json:"digest"`            // changes when anything above does, or a file's state

	common string // folder that work trees of one repository share
}

// Branch is a local branch.
type Branch struct {
	Name     string    `json:"name"`
	Upstream string    `json:"upstream,omitempty"`
	Gone     bool      `json:"gone,omitempty"` // the upstream is not there any more
	Unpushed int       `json:"unpushed"`       // commits on no remote; at most maxCommits are counted
	Since    time.Time `json:"since,omitzero"` // the oldest of them
}

// Unpushed gives the number of commits that are on no remote, over all branches and HEAD, and the
// date of the oldest. A commit on two branches counts twice.
func (r *Repository) Unpushed() (commits int, since time.Time) {
	commits = r.Loose
	for _, b := range r.Branches {
		commits += b.Unpushed
		if since.IsZero() || !b.Since.IsZero() && b.Since.Before(since) {
			since = b.Since
		}
	}
	return commits, since
}

// look asks everything about one work tree. What fails is its Problem.
func look(ctx context.Context, folder string) Repository {
	ctx, stop := context.WithTimeout(ctx, repositoryTime)
	defer stop()
	r := Repository{Path: folder, common: folder}
	if err := r.look(ctx); err != nil {
		r.Problem = backup.AsError(err).Text
	}
	r.Digest = r.digest(r.Digest)
	return r
}

func (r *Repository) look(ctx context.Context) error {
	g, remotes, err := newGit(ctx, r.Path)
	if err != nil {
		return err
	}
	r.Remotes = remotes
	common, err := g.run(ctx, "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		return err
	}
	r.common = strings.TrimSuffix(string(common), "\n")
	bare, err := g.run(ctx, "rev-parse", "--is-bare-repository")
	if err != nil {
		return err
	}
	if r.Bare = strings.TrimSpace(string(bare)) == "true"; r.Bare {
		return r.readHistory(ctx, g, "")
	}
	status, err := g.run(ctx, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--no-renames", "--ignore-submodules=dirty")
	if err != nil {
		return err
	}
	head := r.readStatus(status)
	return r.readHistory(ctx, g, head)
}

// fieldsBefore says how many fields stand before the path in each kind of entry.
var fieldsBefore = map[byte]int{'1': 8, 'u': 10, '?': 1}

// readStatus reads the answer of git status, and gives the commit that HEAD names, "" for none.
func (r *Repository) readStatus(status []byte) (head string) {
	sum := sha256.Sum256(status)
	r.Digest = hex.EncodeToString(sum[:])
	for entry := range nulSeparated(status) {
		if rest, ok := strings.CutPrefix(entry, "# branch.oid "); ok && rest != "(initial)" {
			head = rest
		}
		if rest, ok := strings.CutPrefix(entry, "# branch.head "); ok {
			r.Branch, r.Detached = rest, rest == "(detached)"
			if r.Detached {
				r.Branch = ""
			}
		}
		n := fieldsBefore[entry[0]]
		if n == 0 {
			continue // a header
		}
		if entry[0] == '?' {
			r.Untracked++
		} else {
			r.Changed++
		}
		fields := strings.SplitN(entry, " ", n+1)
		if len(fields) <= n || r.Changed+r.Untracked > maxCommits {
			continue
		}
		r.weigh(fields[n])
		if entry[0] == '?' && r.Exposed == "" && envfile.IsEnv(path.Base(fields[n])) {
			r.Exposed = fields[n]
		}
	}
	return head
}

// weigh adds what one changed or untracked file says.
func (r *Repository) weigh(name string) {
	info, err := os.Lstat(filepath.Join(r.Path, filepath.FromSlash(name)))
	if err != nil {
		return // deleted: nothing is left that could be lost
	}
	if info.Mode().IsRegular() {
		r.Bytes += info.Size()
	}
	if at := info.ModTime(); r.Since.IsZero() || at.Before(r.Since) {
		r.Since = at.UTC()
	}
}

func nulSeparated(text []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range bytes.SplitSeq(text, []byte{0}) {
			if len(part) > 0 && !yield(string(part)) {
				return
			}
		}
	}
}

// readHistory finds commits that are on no remote, and stashes.
func (r *Repository) readHistory(ctx context.Context, g *git, head string) error {
	list, err := g.run(ctx, "for-each-ref", "--format=%(objectname) %(refname) %(upstream)", "refs/heads", "refs/remotes", "refs/stash")
	if err != nil {
		return err
	}
	refs := parseRefs(list)
	commits, err := unpushed(ctx, g, refs, head)
	if err != nil {
		return err
	}
	for _, ref := range refs.order {
		name, ok := strings.CutPrefix(ref, "refs/heads/")
		if !ok {
			continue
		}
		b := Branch{Name: name, Upstream: refs.upstream[ref]}
		b.Gone = b.Upstream != "" && refs.tip[b.Upstream] == ""
		b.Unpushed, b.Since = commits.from(refs.tip[ref], nil)
		if b.Unpushed > 0 || b.Upstream == "" || b.Gone {
			r.Branches = append(r.Branches, b)
		}
	}
	if r.Detached {
		r.Loose, _ = commits.from(head, commits.onBranches(refs))
	}
	if refs.tip["refs/stash"] == "" {
		return nil
	}
	stashes, err := g.run(ctx, "rev-list", "--walk-reflogs", "--timestamp", "refs/stash", "--")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(stashes)) {
		r.Stashes++
		if at := commitTime(line); r.Stashed.IsZero() || at.Before(r.Stashed) {
			r.Stashed = at
		}
	}
	return nil
}

// refs are branches, remote branches and the stash.
type refs struct {
	order         []string
	tip, upstream map[string]string // by full name
}

func parseRefs(list []byte) refs {
	found := refs{tip: map[string]string{}, upstream: map[string]string{}}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		found.order = append(found.order, fields[1])
		found.tip[fields[1]] = fields[0]
		if len(fields) == 3 {
			found.upstream[fields[1]] = fields[2]
		}
	}
	return found
}

// history holds the commits that are on no remote.
type history map[string]commit

type commit struct {
	at      time.Time
	parents []string
}

func unpushed(ctx context.Context, g *git, found refs, head string) (history, error) {
	args := []string{"rev-list", "--timestamp", "--parents", "--max-count=" + strconv.Itoa(maxCommits), "--branches"}
	if head != "" {
		args = append(args, head)
	} else if len(found.order) == 0 {
		return nil, nil // no commit yet
	}
	list, err := g.run(ctx, append(args, "--not", "--remotes", "--")...)
	if err != nil {
		return nil, err
	}
	h := history{}
	for line := range strings.Lines(string(list)) {
		if fields := strings.Fields(line); len(fields) >= 2 {
			h[fields[1]] = commit{at: commitTime(line), parents: fields[2:]}
		}
	}
	return h, nil
}

// commitTime reads the seconds that a line begins with.
func commitTime(line string) time.Time {
	first, _, _ := strings.Cut(line, " ")
	seconds, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// from counts the commits that can be reached from tip, without those in passed, and gives the
// date of the oldest.
func (h history) from(tip string, passed map[string]bool) (n int, oldest time.Time) {
	for id := range h.reached(tip, passed) {
		if n++; oldest.IsZero() || h[id].at.Before(oldest) {
			oldest = h[id].at
		}
	}
	return n, oldest
}

func (h history) reached(tip string, passed map[string]bool) map[string]bool {
	seen := map[string]bool{}
	for next := []string{tip}; len(next) > 0; {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		c, here := h[id]
		if !here || seen[id] || passed[id] {
			continue
		}
		seen[id] = true
		next = append(next, c.parents...)
	}
	return seen
}

func (h history) onBranches(found refs) map[string]bool {
	all := map[string]bool{}
	for ref, tip := range found.tip {
		if strings.HasPrefix(ref, "refs/heads/") {
			for id := range h.reached(tip, nil) {
				all[id] = true
			}
		}
	}
	return all
}

// digest covers all that is known, and what git status said.
func (r *Repository) digest(status string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d %d %d %s\n", status, r.Remotes, r.Loose, r.Stashes, r.Problem)
	for _, b := range r.Branches {
		fmt.Fprintf(h, "%s %s %v %d\n", b.Name, b.Upstream, b.Gone, b.Unpushed)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
