package engine_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
)

// TestScheduledRunsTakeWhatWasChosen: the folders alone keep the schedule too, their files are listed
// and compared without the database, and without folders the choice is void.
func TestScheduledRunsTakeWhatWasChosen(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	folder, err := filepath.EvalSymlinks(t.TempDir())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	must(os.MkdirAll(filepath.Join(folder, "pictures"), 0o700))
	for _, name := range []string{"pictures/a.jpg", "pictures/b.jpg", "c.txt"} {
		must(os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600))
	}
	d.with(func(e *engine.Engine) {
		if err := e.SetScheduledScope(t.Context(), "shop", backup.ScopeMedia); backup.KindOf(err) != backup.Usage {
			t.Errorf("folders of a sandbox that has none: %v", err)
		}
		if err := e.SetMedia(t.Context(), "shop", []string{filepath.Join(folder, "c.txt")}, nil); backup.KindOf(err) != backup.Usage {
			t.Errorf("a file as a folder: %v", err)
		}
		must(e.SetMedia(t.Context(), "shop", []string{folder, folder}, backup.Exclusion{"*.tmp"}))
		if s, err := e.Sandbox("shop"); err != nil || len(s.Media) != 1 || e.ScheduledScope("shop") != backup.ScopeBoth {
			t.Errorf("folders %v, %v, scheduled runs take %s", s.Media, err, e.ScheduledScope("shop"))
		}
		must(e.SetScheduledScope(t.Context(), "shop", backup.ScopeMedia))
	})
	if d.look() != 1 || d.look() != 0 {
		t.Error("a run of the folders alone is not what was due")
	}
	d.now = d.now.AddDate(0, 0, 1)
	if d.look() != 1 {
		t.Error("it is not due a day later")
	}
	if newest := d.history(false)[0]; newest.What != backup.ScopeMedia {
		t.Errorf("it took %s", newest.What)
	}
	must(os.WriteFile(filepath.Join(folder, "c.txt"), []byte("changed"), 0o600))
	must(os.Remove(filepath.Join(folder, "pictures/a.jpg")))
	d.with(func(e *engine.Engine) {
		newest, err := e.NewestMedia(t.Context(), "shop")
		must(err)
		if files, _ := backup.MediaFiles(newest.Media); files != 3 || !newest.Started.Equal(d.now.UTC().Truncate(time.Millisecond)) {
			t.Errorf("the newest has %d files of %s", files, newest.Started)
		}
		files, all, err := e.MediaFiles(t.Context(), string(newest.ID), "PICTURES", 1)
		must(err)
		if all != 2 || len(files) != 1 || files[0].Path != "pictures/a.jpg" || files[0].Size != 14 {
			t.Errorf("%d files, %+v", all, files)
		}
		c, err := e.CompareFolders(t.Context(), string(newest.ID), "", 0)
		must(err)
		if c.Same || len(c.Media) != 1 || c.Media[0].Removed != 1 || c.Media[0].Changed < 1 {
			t.Errorf("compared: %+v", c)
		}
		must(e.SetMedia(t.Context(), "shop", nil, nil))
		if e.ScheduledScope("shop") != backup.ScopeDatabase {
			t.Error("the choice outlives the folders")
		}
	})
}
