//go:build linux && !headless

package desktop_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/assets"
	"holdfast/platform"
)

// TestWindow goes through a first day with mouse and keyboard, in a real window with a real
// keyring: first start, a sandbox and its first backup, damage, restore through the gate, undo,
// a backup from the tray's menu.
func TestWindow(t *testing.T) {
	s := newSession(t)
	s.sql("postgres", "CREATE DATABASE shop")
	s.sql("shop", assets.SampleSQL)
	s.background("holdfast")
	s.window()
	time.Sleep(time.Second) // the first frames settle

	// First start: vault, passphrase, recovery key.
	s.shoot("first-start")
	s.click(400, 166)
	s.write("correct horse", "Tab")
	s.write("correct horse", "Return")
	key := s.recoveryKey()
	time.Sleep(time.Second)
	s.shoot("recovery-key")
	s.click(400, 283)
	s.write(key[len(key)-4:], "Return")

	// A sandbox, and its first backup at once.
	time.Sleep(2 * time.Second)
	s.click(90, 656)
	c := s.server.Connection("shop")
	s.write("shop", "Tab")
	s.write(fmt.Sprintf("host=%s user=%s dbname=shop", c.Host, c.User), "Return")
	s.until("the first backup", func() bool { return s.completed() == 1 })

	// Damage, and the way back through the gate.
	s.sql("shop", "DELETE FROM orders WHERE id % 2 = 0")
	s.until("the page settles", func() bool { return s.sql("shop", "SELECT count(*) FROM orders") == "20000" })
	time.Sleep(2 * time.Second)
	s.shoot("backups")
	s.click(400, 285)
	time.Sleep(2 * time.Second)
	s.shoot("details")
	s.xdo("key", "ctrl+r")
	time.Sleep(2 * time.Second)
	s.shoot("gate")
	s.write("correct horse", "Return")
	s.until("the restore", func() bool { return s.orders() == "40000" })
	s.until("the pre-restore backup", func() bool { return s.completed() == 2 })

	// Undo, through the gate too.
	time.Sleep(2 * time.Second)
	s.shoot("restored")
	s.click(990, 167)
	time.Sleep(2 * time.Second)
	s.write("correct horse", "Return")
	s.until("the undo", func() bool { return s.orders() == "20000" })
	time.Sleep(2 * time.Second)
	s.click(90, 25)
	time.Sleep(time.Second)
	s.shoot("overview")

	// The tray, while the window is closed; a second start raises it.
	s.xdo("key", "alt+F4")
	s.until("the window hides in the tray", func() bool { return !s.visible() })
	s.until("the tray's menu offers a backup of shop", func() bool { return s.tray.press("shop") })
	s.until("a backup from the tray", func() bool { return s.completed() == 3 })
	s.sql("postgres", "ALTER DATABASE shop ALLOW_CONNECTIONS false")
	s.until("the tray offers another one", func() bool { return s.tray.press("shop") })
	s.until("a notification of the failure", func() bool { return s.tray.noted("Backing up shop: failed") })
	s.must(s.command("holdfast").Run())
	s.until("a second start raises the first window", s.visible)
	if !s.tray.press("Quit") {
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
