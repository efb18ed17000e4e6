//go:build linux && !headless

package desktop_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/assets"
	"holdfast/platform"
)

// Where things are in a window of 1040×680.
const (
	undoX, undoY           = 937, 255
	onPurposeX, onPurposeY = 760, 242
	detailsY               = 410
	denyX, denyY           = 950, 602
)

// TestWindow goes through a first day with mouse and keyboard, in a real window with a real
// keyring: first start, a sandbox and its first backup, lost rows and the alarm, the lost table
// restored through the wizard and the gate, undo, the alarm ended on purpose, restores denied,
// a backup from the tray's menu.
func TestWindow(t *testing.T) {
	s := newSession(t)
	s.sql("postgres", "CREATE DATABASE shop")
	s.sql("shop", assets.SampleSQL)
	s.project("code/shop", "shop")
	s.background("holdfast")
	s.settle()

	// First start: the database that a project's .env names, vault, passphrase, recovery key; the first
	// backup is taken at once.
	s.shoot("first-start")
	s.xdo("key", "Return")
	s.settle()
	s.write("correct horse", "Tab")
	s.write("correct horse", "Return")
	key := s.recoveryKey()
	s.settle()
	s.shoot("recovery-key")
	s.write(key[len(key)-4:], "Return")
	s.settle()

	s.until("the first backup", func() bool { return s.completed() == 1 })
	s.xdo("key", "ctrl+b") // to its page
	s.settle()

	// Rows are lost; the next backup raises the alarm.
	s.sql("shop", "DELETE FROM orders WHERE id % 4 <> 0")
	s.xdo("key", "ctrl+b")
	s.until("the second backup", func() bool { return s.completed() == 2 })
	s.until("a notification of the loss", func() bool { return s.tray.noted("shop has lost data") })
	s.settle()
	s.shoot("backups")
	s.click(90, 35)
	s.settle()
	s.shoot("overview")

	// The way back, through the wizard and the gate.
	s.click(930, 353)
	s.settle()
	s.shoot("restore-what")
	s.xdo("key", "Return")
	s.settle()
	s.xdo("key", "Return")
	s.settle() // the comparison is there
	s.shoot("restore-compare")
	s.xdo("key", "Return")
	s.settle() // the prompt is there
	s.shoot("gate")
	s.write("correct horse", "Return")
	s.until("the restore", func() bool { return s.orders() == "40000" })
	s.until("the pre-restore backup", func() bool { return s.completed() == 3 })
	s.settle()
	s.shoot("restored")

	// Undo, through the gate too; then the loss is there again, and agreed to.
	s.click(undoX, undoY)
	s.settle()
	s.write("correct horse", "Return")
	s.until("the undo", func() bool { return s.orders() == "10000" })
	s.settle()
	s.click(onPurposeX, onPurposeY)
	s.settle()
	s.xdo("key", "Tab")
	s.xdo("key", "Return")
	s.until("the alarm ends", func() bool { return strings.Contains(s.says("sentinel", "list"), "No alarm") })
	s.settle()
	s.click(400, detailsY)
	s.settle()
	s.shoot("details")

	// Restores are denied, and then refused.
	s.click(680, 84)
	s.settle()
	s.shoot("permissions")
	s.click(denyX, denyY)
	s.settle()
	s.write("correct horse", "Return")
	s.until("the policy", func() bool { return denied(s.says("gate", "policy", "shop", "--json")) })
	s.settle()
	s.click(240, 84)
	s.settle()
	s.xdo("key", "ctrl+r")
	s.settle()
	for range 3 { // what, where, and what that changes
		s.xdo("key", "Return")
		s.settle()
	}
	s.until("the refusal", func() bool { return strings.Contains(s.says("audit", "--json"), "denied by policy (db_full)") })
	s.settle()
	s.shoot("denied")
	s.click(90, 99)
	s.settle()
	s.click(320, 84)
	s.settle()
	s.shoot("activity")

	// The tray, while the window is closed; a second start raises it.
	had := s.completed()
	s.xdo("key", "alt+F4")
	s.until("the window hides in the tray", func() bool { return !s.visible() })
	s.until("the tray's menu offers a backup of shop", func() bool { return s.tray.press("shop") })
	s.until("a backup from the tray", func() bool { return s.completed() == had+1 })
	s.sql("postgres", "ALTER DATABASE shop ALLOW_CONNECTIONS false")
	s.until("the tray offers another one", func() bool { return s.tray.press("shop") })
	s.until("a notification of the failure", func() bool { return s.tray.noted("Backing up shop: failed") })
	s.must(s.command("holdfast").Run())
	s.until("a second start raises the first window", s.visible)
	if !s.tray.press("Quit, and take no more backups by itself") {
		t.Fatal("the tray's menu does not offer Quit")
	}
	s.until("the program ends", func() bool { return !s.visible() })
}

// TestNoDisplay: a sentence and an exit code, no panic.
func TestNoDisplay(t *testing.T) {
	cmd := exec.Command("holdfast")
	cmd.Env = append(plainEnv(), "HOLDFAST_HOME="+filepath.Join(t.TempDir(), "home"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 7 || !strings.Contains(string(out), "there is no display") {
		t.Errorf("%v\n%s", err, out)
	}
}

// denied reads a policy as the command prints it.
func denied(policy string) bool {
	var shown struct{ Policy map[string]string }
	return json.Unmarshal([]byte(policy), &shown) == nil && shown.Policy["db_full"] == "deny"
}

func (s *session) visible() bool {
	return s.command("xdotool", "search", "--onlyvisible", "--name", "^Holdfast$").Run() == nil
}

// orders counts the orders; "" while the database is being swapped.
func (s *session) orders() string {
	out, err := exec.Command(filepath.Join(s.server.Programs(), "psql"), "-At", "-h", s.server.Connection("shop").Host, "-U", s.server.Connection("shop").User, "-c", "SELECT count(*) FROM orders", "shop").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// recoveryKey reads the key where the program keeps it for daily use: in the keyring.
func (s *session) recoveryKey() string {
	s.t.Helper()
	for _, name := range []string{"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"} {
		s.t.Setenv(name, s.value(name))
	}
	key := ""
	s.until("the vault key in the keyring", func() bool {
		id, err := exec.Command("cat", filepath.Join(s.dir, "home", "home.id")).Output()
		if err != nil {
			return false
		}
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
		defer stop()
		key, err = platform.Keyring{}.Get(ctx, "Holdfast", "vault-key:"+strings.TrimSpace(string(id)))
		return err == nil && len(key) > 4
	})
	return key
}
