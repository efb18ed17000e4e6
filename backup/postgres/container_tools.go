package postgres

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// toolsFor is tools for the server of sb. When this machine has none that suit, and the server
// is in a container, it is those in the container: they are of the server's own version.
func (s *Server) toolsFor(ctx context.Context, sb backup.Sandbox, major int) (toolset, error) {
	found, err := s.tools(major)
	return s.orInside(ctx, sb, major, found, err)
}

// restoreToolsFor is restoreTools, with the same way out.
func (s *Server) restoreToolsFor(ctx context.Context, sb backup.Sandbox, serverNum int, m *backup.Manifest) (toolset, error) {
	found, err := s.restoreTools(serverNum, m)
	return s.orInside(ctx, sb, max(serverNum/10000, archiveReader(m.ToolsVersion)), found, err)
}

// orInside gives found, or after an error the tools in sb's container if they are of that major
// or newer.
func (s *Server) orInside(ctx context.Context, sb backup.Sandbox, major int, found toolset, err error) (toolset, error) {
	if err == nil || !inContainer(sb.Connection) {
		return found, err
	}
	inside, asked := insideTools(ctx, sb.Connection.Container)
	if ctx.Err() != nil {
		return toolset{}, explain(sb.Connection, context.Cause(ctx))
	}
	if asked != nil || inside.Major < major {
		return toolset{}, err
	}
	return inside, nil
}

// insideTools asks for the version of the tools in a container.
func insideTools(ctx context.Context, c backup.Container) (toolset, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	t := toolset{Dump: "pg_dump", Restore: "pg_restore", inside: true}
	for _, program := range []string{t.Dump, t.Restore} {
		said, err := askEngine(ctx, c, execArgs(c, program, "--version")...)
		if err != nil {
			return toolset{}, err
		}
		_, version, _ := strings.Cut(said, ") ")
		text, num := parseVersion(version)
		if num == 0 || t.Version != "" && t.Version != text {
			return toolset{}, backup.Errorf(backup.Failed, "", "%s in %s is of an unknown version", program, c)
		}
		t.Version, t.num, t.Major = text, num, num/10000
	}
	return t, nil
}

// insideScript runs a client tool in a container. Its arguments: a name for a folder, whether the
// tool reads its standard input, the sizes of files, --, and the command. The files come first
// on standard input, and are kept in memory where the container has /dev/shm, in a folder that
// goes away with the script; they are called f0, f1, … in the command's working folder.
//
// A tool that does not read its input is ended when the input ends: that is how it learns that
// nobody is there any more. dd reads no byte beyond the size that it is told, and read is the
// shell's own, so that no orphan is left (see container_bridge.go).
const insideScript = `umask 077
unset PGPASSWORD PGSERVICE PGSERVICEFILE PGHOSTADDR PGSSLMODE PGREQUIREAUTH PGCHANNELBINDING PGTARGETSESSIONATTRS
for base in /dev/shm /tmp; do if [ -d "$base" ] && [ -w "$base" ]; then break; fi; done
dir=$base/$1
reads=$2
shift 2
mkdir "$dir" || exit 125
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM
cd "$dir" || exit 125
file=0
while [ "$1" != -- ]; do
	{ dd bs=4096 count=$(($1 / 4096)) iflag=fullblock && dd bs=1 count=$(($1 % 4096)); } >"f$file" 2>/dev/null || exit 125
	file=$((file + 1))
	shift
done
shift
if [ "$reads" = yes ]; then
	"$@"
	exit $?
fi
exec 4<&0
"$@" </dev/null 4<&- &
tool=$!
(
	while read -r _; do :; done
	kill $tool
) <&4 4<&- >/dev/null 2>&1 &
watch=$!
exec 4<&-
wait $tool
code=$?
kill $watch 2>/dev/null
wait $watch 2>/dev/null
exit $code`

// feed is the standard input of a tool in a container.
type feed struct {
	theirs, ours *os.File
	over         context.CancelFunc
	fed          sync.WaitGroup
}

// openFeed gives files, then more, and then, when there is no more to read, waits for close.
func openFeed(files []*os.File, more io.Reader) (*feed, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background()) // it ends with close
	f := &feed{theirs: theirs, ours: ours, over: cancel}
	f.fed.Go(func() {
		defer ours.Close() //nolint:errcheck // the tool says what it did not get
		for _, file := range files {
			size, err := sizeOf(file)
			if err == nil {
				_, err = io.Copy(ours, io.NewSectionReader(file, 0, size))
			}
			if err != nil {
				return
			}
		}
		if more == nil {
			<-ctx.Done()
			return
		}
		_, _ = io.Copy(ours, more) // as above
	})
	return f, nil
}

// end ends the input, whatever was given so far.
func (f *feed) end() {
	f.over()
	_ = f.ours.SetWriteDeadline(time.Unix(1, 0)) // it is a pipe: it can; closed is fine too
}

// close waits until nothing is given any more.
func (f *feed) close() {
	if f == nil {
		return
	}
	f.end()
	f.fed.Wait()
}

func sizeOf(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// prepareInside makes the command of a child that runs in the container.
func (c *child) prepareInside(cfg *pgx.ConnConfig, options []string) error {
	files := append([]*os.File{c.passfile}, c.files...)
	reads := "no"
	if c.stdin != nil {
		reads = "yes"
	}
	command := []string{"sh", "-c", insideScript, "sh", "holdfast-" + string(backup.NewID()), reads}
	for _, file := range files {
		size, err := sizeOf(file)
		if err != nil {
			return err
		}
		command = append(command, strconv.FormatInt(size, 10))
	}
	command = append(append(command, "--", "env"), c.environ(cfg, options)...)
	command = append(append(command, c.program), c.args...)
	if slices.ContainsFunc(command, func(arg string) bool { return !utf8.ValidString(arg) }) {
		return fmt.Errorf("the names in this database are not in UTF-8, which %s cannot pass on; install PostgreSQL's client tools on this machine", c.where.Container.Engine)
	}
	var err error
	if c.feed, err = openFeed(files, c.stdin); err != nil {
		return err
	}
	container := c.where.Container
	c.cmd = exec.CommandContext(c.life, container.Engine, execArgs(container, command...)...)
	c.cmd.Stdin, c.cmd.Env = c.feed.theirs, engineEnviron()
	c.cmd.Cancel = func() error {
		c.feed.end()
		c.killer.later(c.cmd.Process)
		return nil
	}
	return nil
}

// nameInside is what an extra file is called in the container; the passfile is the first.
func nameInside(i int) string { return "f" + strconv.Itoa(i+1) }

// passfileInside is what the passfile is called there.
const passfileInside = "f0"

// begun closes what the started command has of its own.
func (f *feed) begun() {
	if f != nil {
		_ = f.theirs.Close() // the command has it
	}
}
