package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"
)

const (
	repositoryTime = 20 * time.Second // for all that is asked about one repository
	maxAnswer      = 32 << 20         // bytes of one answer of git's
)

// git asks about one repository.
type git struct {
	folder string
	config [][2]string // settings that stand above the repository's own
}

// newGit makes sure that nothing which is asked later starts a program of the repository's
// choice: it asks for the names of all settings, which starts none, and overrides those that would.
func newGit(ctx context.Context, folder string) (g *git, remotes int, err error) {
	g = &git{folder: folder, config: [][2]string{
		{"core.fsmonitor", "false"},
		{"core.hooksPath", os.DevNull},
		{"log.showSignature", "false"},
		{"submodule.recurse", "false"},
		{"core.commitGraph", "true"},
	}}
	list, err := g.run(ctx, "config", "--list", "--name-only", "-z")
	if err != nil {
		return nil, 0, err
	}
	for key := range strings.SplitSeq(string(list), "\x00") {
		section, variable := key[:max(strings.LastIndexByte(key, '.'), 0)], key[strings.LastIndexByte(key, '.')+1:]
		switch {
		case strings.HasPrefix(section, "filter.") && variable == "required":
			g.config = append(g.config, [2]string{key, "false"})
		case strings.HasPrefix(section, "filter."):
			g.config = append(g.config, [2]string{key, ""})
		case strings.HasPrefix(section, "remote.") && variable == "url":
			remotes++
		}
	}
	return g, remotes, nil
}

// environment is that of this process without git's own variables, and with those that keep git
// from writing, asking, fetching, and looking for a repository further up.
func (g *git) environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") && !strings.HasPrefix(v, "LC_") && !strings.HasPrefix(v, "LANG") {
			env = append(env, v)
		}
	}
	env = append(env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=",
		"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_PAGER=", "GIT_CEILING_DIRECTORIES="+filepath.Dir(g.folder),
		"GIT_CONFIG_COUNT="+strconv.Itoa(len(g.config)))
	for i, setting := range g.config {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, setting[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, setting[1]))
	}
	return env
}

// run gives what git writes to standard output.
func (g *git) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "-C", g.folder}, args...)...)
	cmd.Env = g.environment()
	cmd.WaitDelay = time.Second
	var out, trouble bytes.Buffer
	cmd.Stdout = &bounded{to: &out, left: maxAnswer}
	cmd.Stderr = &bounded{to: &trouble, left: 4 << 10}
	err := cmd.Run()
	switch {
	case err == nil:
		return out.Bytes(), nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, &backup.Error{Kind: backup.Unreachable, Text: "the git command is not there", Hint: "Install git, so that work which is nowhere else is noticed.", Err: err}
	case ctx.Err() != nil:
		return nil, &backup.Error{Kind: backup.Unreachable, Text: "git did not answer in time in " + g.folder, Hint: "Try git status there.", Err: ctx.Err()}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(trouble.String()), "\n")
	return nil, &backup.Error{Kind: backup.Failed, Text: fmt.Sprintf("git cannot look at %s: %s", g.folder, first), Hint: "Try git status there.", Err: err}
}

// errTooMuch ends an answer that would fill the memory.
var errTooMuch = errors.New("git answers more than can be meant")

type bounded struct {
	to   io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errTooMuch
	}
	b.left -= len(p)
	return b.to.Write(p)
}
