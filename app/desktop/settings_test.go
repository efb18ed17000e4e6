//go:build linux && !headless

package desktop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSettings changes what a person changes once a vault is there: when and how long, with a look
// at what that deletes, a copy at another place, and reminders put off and sent away.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.withShop()
	s.background("holdfast")
	s.sees("Protected")
	s.changeSchedule()
	s.changeRetention()
	s.addPlace()
	s.answerReminders()
}

// config is the file that the window changes; "" while it is being replaced.
func (s *session) config() string {
	raw, err := os.ReadFile(filepath.Join(s.value("HOLDFAST_HOME"), "config.toml"))
	if err != nil {
		return ""
	}
	return string(raw)
}

func (s *session) changeSchedule() {
	s.t.Helper()
	s.xdo("key", "ctrl+b") // to the page of the first sandbox
	s.tap("Schedule")
	s.sees("Every day at 02:00")
	s.fill("02:00", "04:30")
	s.sees("Every day at 04:30")
	s.shoot("schedule")
	s.tap("Apply")
	s.until("the schedule is another", func() bool { return strings.Contains(s.config(), `"daily 04:30"`) })
}

func (s *session) changeRetention() {
	s.t.Helper()
	s.tap("Retention")
	s.sees("The one backup is kept.")
	s.fill("7 daily", "2 daily, 1 weekly")
	s.sees("The one backup is kept.", "kept")
	s.shoot("retention")
	s.tap("Apply")
	s.until("the retention is another", func() bool { return strings.Contains(s.config(), `"2 daily, 1 weekly"`) })
}

func (s *session) addPlace() {
	s.t.Helper()
	place := filepath.Join(s.dir, "elsewhere")
	s.tap("Off-site copies")
	s.sees("There is no copy yet.")
	s.shoot("offsite-wizard")
	s.fill("disk", "usb")
	s.fill("/media/backup/holdfast", place)
	s.tap("Try it and add it…")
	s.approve()
	s.sees("Up to date", place)
	if files, err := os.ReadDir(place); err != nil || len(files) == 0 {
		s.t.Errorf("the place holds %v (%v)", files, err)
	}
	s.shoot("offsite")
}

func (s *session) answerReminders() {
	s.t.Helper()
	s.tap("Reminders")
	s.sees("What no backup here can do for you")
	s.until("there are reminders", func() bool { return len(s.named("Dismiss")) > 1 })
	s.shoot("reminders")
	for _, answer := range []string{"Remind me in a week", "Dismiss"} {
		had := len(s.named("Dismiss"))
		s.tapOf(answer, 0)
		s.until("it is answered: "+answer, func() bool { return len(s.named("Dismiss")) == had-1 })
	}
}
