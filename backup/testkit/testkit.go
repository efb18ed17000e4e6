// Package testkit has what the tests of several packages need of the machine: the stock kopia
// command, a user without rights, a message bus, and a place for a server that tests share. It is for tests only.
package testkit

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// StockKopia finds the kopia command: where make says it is, else where .ci/kopia puts it; without
// one the test is skipped.
func StockKopia(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("HOLDFAST_TEST_KOPIA"); path != "" {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("the stock kopia command is missing: %v. Build it: bash .ci/kopia", err)
		}
		return path
	}
	found, err := filepath.Glob("../../.tools/kopia-v*[0-9]")
	check(t, err)
	if len(found) == 0 {
		t.Skip("the stock kopia command is not built; make test builds it, or: bash .ci/kopia")
	}
	path, err := filepath.Abs(slices.Max(found))
	check(t, err)
	return path
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
