//go:build unix

package platform_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/platform"
)

func TestReadPrivateRefusesWhatBelongsToAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const other = 12345
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("a secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(file, other, -1); err != nil {
		t.Fatal(err)
	}
	data, err := platform.ReadPrivate(t.Context(), file)
	if !errors.Is(err, platform.ErrReadableByOthers) || !strings.Contains(err.Error(), "another user") || data != nil {
		t.Errorf("got %q, %v", data, err)
	}
}
