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
	s.firstStart()
	s.loseRows()
	s.restoreThem()
	s.takeItBack()
	s.denyRestores()
	s.closeToTray()
}

// firstStart: the database that a project's .env names, vault, passphrase, recovery key; the first
// backup is taken at once.
func (s *session) firstStart() {
	s.t.Helper()
	s.sees("Welcome to Holdfast", "Protect 1 database")
	s.shoot("first-start")
	s.enter("Protect 1 database")
	s.sees("Where the backups are kept", "free there")
	s.write("correct horse", "Tab")
	s.write("correct horse", "Return")
	key := s.recoveryKey()
	s.sees("Your recovery key")
	s.shoot("recovery-key")
	s.write(key[len(key)-4:], "Return")
	s.until("the first backup", func() bool { return s.completed() == 1 })
	s.sees("Protected")
}

// loseRows: the backup after the loss raises the alarm.
func (s *session) loseRows() {
	s.t.Helper()
	s.xdo("key", "ctrl+b") // to its page
	s.sees("shop  ›  Settings  ›  Backups")
	s.sql("shop", "DELETE FROM orders WHERE id % 4 <> 0")
	s.xdo("key", "ctrl+b")
	s.until("the second backup", func() bool { return s.completed() == 2 })
	s.until("a notification of the loss", func() bool { return s.tray.noted("shop has lost data") })
	s.sees("Data is missing in shop")
	s.shoot("backups")
	s.tap("Overview")
	s.sees("Last backup", "Data is missing in shop")
	s.shoot("overview")
}

// approve types the passphrase into the gate's prompt.
func (s *session) approve() {
	s.t.Helper()
	s.sees("Your approval is needed")
	s.write("correct horse", "Return")
}

// restoreThem goes through the wizard and the gate.
func (s *session) restoreThem() {
	s.t.Helper()
	s.tap("Restore these tables…")
	s.sees("Step 1 of 3", "Chosen: 1 table")
	s.shoot("restore-what")
	s.enter("Next")
	s.sees("Step 2 of 3")
	s.enter("Next")
	s.sees("Step 3 of 3", "The rows of 1 table are replaced")
	s.shoot("restore-compare")
	s.enter("Restore…")
	s.sees("Your approval is needed")
	s.shoot("gate")
	s.approve()
	s.until("the restore", func() bool { return s.orders() == "40000" })
	s.until("the pre-restore backup", func() bool { return s.completed() == 3 })
	s.sees("Restored 1 table")
	s.shoot("restored")
}

// takeItBack undoes the restore, through the gate too; then the loss is there again, and agreed to.
func (s *session) takeItBack() {
	s.t.Helper()
	s.tap("Undo")
	s.approve()
	s.until("the undo", func() bool { return s.orders() == "10000" })
	s.sees("Data is missing")
	s.tap("More…")
	s.sees("Undone")
	s.tap("It is gone on purpose")
	s.sees("Is it gone on purpose?")
	s.xdo("key", "Tab")
	s.xdo("key", "Return")
	s.until("the alarm ends", func() bool { return strings.Contains(s.says("sentinel", "list"), "No alarm") })
	s.tapOf("Manual", 0)
	s.sees("Try a restore", "public.customers")
	s.shoot("details")
}

// denyRestores: what the gate denies is refused.
func (s *session) denyRestores() {
	s.t.Helper()
	s.tap("Permissions")
	s.sees("Replace the database")
	s.shoot("permissions")
	s.tap("deny")
	s.approve()
	s.until("the policy", func() bool { return denied(s.says("gate", "policy", "shop", "--json")) })
	s.tap("Backups")
	s.sees("Try a restore")
	s.xdo("key", "ctrl+r")
	for _, step := range []string{"Step 1 of 3", "Step 2 of 3"} {
		s.sees(step)
		s.enter("Next")
	}
	s.sees("Step 3 of 3", "differ")
	s.enter("Restore…")
	s.until("the refusal", func() bool { return strings.Contains(s.says("audit", "--json"), "denied by policy (db_full)") })
	s.sees("Copy details")
	s.shoot("denied")
	s.tap("Activity")
	s.tap("Audit log")
	s.sees("db_full")
	s.shoot("activity")
}

// closeToTray: a backup while the window is closed, a failed one, and a second start.
func (s *session) closeToTray() {
	s.t.Helper()
	had := s.completed()
	s.xdo("key", "alt+F4")
	s.until("the window hides in the tray", func() bool { return !s.visible() })
	s.press("shop")
	s.until("a backup from the tray", func() bool { return s.completed() == had+1 && !strings.Contains(s.tray.tip(), "Backing up") })
	s.sql("postgres", "ALTER DATABASE shop ALLOW_CONNECTIONS false")
	s.press("shop")
	s.until("a notification of the failure", func() bool { return s.tray.noted("Backing up shop: failed") })
	s.must(s.command("holdfast").Run())
	s.until("a second start raises the first window", s.visible)
	s.press("Quit, and take no more backups by itself")
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
