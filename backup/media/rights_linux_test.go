package media_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// TestStageWithoutRights: an ordinary user gets everything but the owners, also folders and files
// that may not be written; a place that may not be written is said, and nothing of it stays.
func TestStageWithoutRights(t *testing.T) {
	t.Parallel()
	if testkit.AsNobody(t) {
		return
	}
	dir := t.TempDir()
	s := sample()
	s.entries[3].UID, s.entries[3].GID = 0, 0
	s.entries[4].Attributes = map[string][]byte{"user.note": []byte("of a file that may not be written")}
	s.add("sub/second", backup.MediaFile, 0o400, "first")
	s.entries[len(s.entries)-1].Hard = "a"
	swap, err := stage(t, s, dir, nil)
	ok(t, err)
	want := strings.Replace(sampleTree, "zeros", "sub/second -r-------- 5 \"first\"\nzeros", 1)
	if got := tree(t, swap.Staged); got != want {
		t.Errorf("staged:\n%s", got)
	}
	ok(t, os.Rename(swap.Staged, swap.Path))
	again, err := stage(t, s, dir, func(job *backup.StageJob) { job.Base, job.Only = swap.Path, backup.Exclusion{"zeros"} })
	ok(t, err)
	if got := tree(t, again.Staged); got != want {
		t.Errorf("a copy with one file:\n%s", got)
	}
	shut := filepath.Join(dir, "shut")
	ok(t, os.Mkdir(shut, 0o500))
	if _, err := stage(t, s, shut, nil); !errors.Is(err, fs.ErrPermission) || !strings.Contains(backup.AsError(err).Hint, "May you write there?") {
		t.Errorf("a place that may not be written: %v", err)
	}
	ok(t, os.Chmod(filepath.Join(swap.Path, "sub"), 0o700)) // the test's own folder is removed by others
	ok(t, os.Chmod(filepath.Join(again.Staged, "sub"), 0o700))
}
