//go:build unix

package catalog_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

// childEnv makes the test program another process of a test: its value names what to do to the
// catalog that is the first argument.
const childEnv = "HOLDFAST_TEST_CHILD"

var children = map[string]func(path, id string) error{"put": childPut, "lock": childLock}

func TestMain(m *testing.M) {
	do, ok := children[os.Getenv(childEnv)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := do(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func childPut(path, id string) error {
	ctx := context.Background()
	c, err := catalog.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	if err := c.AppendAudit(ctx, backup.AuditEntry{Who: id}); err != nil {
		return err
	}
	if err := c.PutBackup(ctx, &backup.Backup{ID: backup.ID(id), Started: noon(1)}); err != nil {
		return err
	}
	return c.Close()
}

// process runs one of the children.
func process(child, path, id string) error {
	cmd := exec.Command(os.Args[0], path, id)
	cmd.Env = append(os.Environ(), childEnv+"="+child)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return err
}

func TestManyProcessesOpenAtOnce(t *testing.T) {
	const processes = 6
	starts := map[string][]byte{"missing": nil, "damaged": bytes.Repeat([]byte("garbage "), 100_000)}
	for name, start := range starts {
		for range 5 {
			path := filepath.Join(t.TempDir(), "catalog.db")
			if start != nil {
				write(t, path, start)
			}
			ended := make(chan error, processes)
			for i := range processes {
				go func() { ended <- process("put", path, fmt.Sprint("line ", i)) }()
			}
			for range processes {
				check(t, <-ended)
			}
			c := open(t, path)
			wantLines(t, c, processes)
			wantAudit(t, c, nil, processes)
			asides, err := filepath.Glob(path + ".damaged-*")
			if want := min(1, len(start)); len(asides) != want || err != nil {
				t.Errorf("%s: set aside is %v, %v; want %d file", name, asides, err, want)
			}
		}
	}
}
