//go:build unix

package controller_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/views"
)

func (b *bench) reminder(key string) int {
	return slices.IndexFunc(b.state.Reminders, func(r views.Reminder) bool { return strings.HasPrefix(r.Key, key) })
}

func TestReminders(t *testing.T) {
	b := newBench(t)
	b.until("what is known without looking", func() bool { return b.reminder("kit") >= 0 && b.reminder("git:") < 0 })
	code := filepath.Join(b.dir, "code")
	if out, err := exec.Command("git", "init", "-q", code).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v: %s", err, out)
	}
	must(t, os.WriteFile(filepath.Join(code, "draft"), []byte("draft"), 0o600))
	b.edit("shop", func(s *backup.Sandbox) { s.Code = []string{code} })
	b.Look(views.Place{Section: views.SectionReminders})
	b.until("what is in the code folder", func() bool { return b.reminder("git:") >= 0 })
	r := b.state.Reminders[b.reminder("git:")]
	if r.Folder != code || r.Title != "Commit your changes" || !strings.Contains(r.Text, "1 changed or new file in no commit") || !strings.Contains(r.Command, code) || r.Since.IsZero() {
		t.Errorf("got %+v", r)
	}
	b.DismissReminder(r.Key)
	b.until("it is gone", func() bool { return b.reminder("git:") < 0 })
	b.Snooze("kit")
	b.until("the kit is gone", func() bool { return b.reminder("kit") < 0 })
	must(t, os.WriteFile(filepath.Join(code, "other"), []byte("other"), 0o600))
	b.Look(views.Place{})
	b.Look(views.Place{Section: views.SectionReminders})
	b.until("what changed is said again", func() bool { return b.reminder("git:") >= 0 })

	told := func() (n int) {
		b.until("", func() bool { return true })
		for _, title := range b.notes {
			if strings.Contains(title, "to do") {
				n++
			}
		}
		return n
	}
	for range 3 {
		b.RunDue(t.Context())
	}
	if n := told(); n != 1 {
		t.Errorf("%d notifications of reminders: %q", n, b.notes)
	}
}
