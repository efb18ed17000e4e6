package platform_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"holdfast/platform"
)

// TestAncestors has a shell between two processes of the test, and looks from the lower one.
func TestAncestors(t *testing.T) {
	const lower = "HOLDFAST_TEST_LOWER"
	if os.Getenv(lower) != "" {
		fmt.Println("ancestors:", platform.Ancestors())
		return
	}
	cmd := exec.Command("sh", "-c", `"$0" -test.run '^TestAncestors$' -test.v; exit $?`, os.Args[0])
	cmd.Env = append(os.Environ(), lower+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, line, _ := strings.Cut(string(out), "ancestors: ")
	line, _, _ = strings.Cut(line, "\n")
	first, rest, _ := strings.Cut(line, " < ")
	if !strings.HasPrefix(first, "sh (") && !strings.HasPrefix(first, "dash (") || !strings.Contains(rest, fmt.Sprintf("(%d)", os.Getpid())) {
		t.Errorf("%q; this is process %d", line, os.Getpid())
	}
}
