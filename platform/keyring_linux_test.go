package platform_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/platform"
)

// The tests of this file run against a real GNOME keyring on a session bus of its own. What
// happens there is in keyring_child_linux_test.go, for the bus belongs to a child process.

// home is a user's world: home folder, runtime folder and keyring, all new.
func home(t *testing.T) string {
	t.Helper()
	for command, pkg := range map[string]string{"dbus-run-session": "dbus-daemon", "gnome-keyring-daemon": "gnome-keyring"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Fatalf("%s is missing; install the Debian package %s", command, pkg)
		}
	}
	dir, err := os.MkdirTemp("", "hf") // t.TempDir's names are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		wantNoneLeft(t, dir)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

const (
	unlocked  = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0"`
	untouched = `exec "$0"` // the bus starts the keyring when it is asked for
)

// inSession runs one of the children on a session bus of its own in dir.
func inSession(t *testing.T, dir, script, child string, env ...string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c", script, os.Args[0])
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data"),
		"XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"), childEnv + "=" + child,
	}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	said, err := os.Create(filepath.Join(dir, "said")) // a pipe would be waited for as long as a daemon has it
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		out, readErr := os.ReadFile(said.Name())
		t.Errorf("%s: %v\n%s", child, errors.Join(err, readErr), out)
	}
}

// wantNoneLeft checks that nothing runs any more that has dir in its environment. Daemons end
// when they notice that their bus is gone, so they get a while for it. A keyring that a bus started
// on its way out never notices; it is not ours, and is ended here.
func wantNoneLeft(t *testing.T, dir string) {
	t.Helper()
	var left map[int]string
	for range 100 {
		if left = runningWith(dir); len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	for pid, name := range left {
		if !strings.HasPrefix(name, "gnome-keyring") {
			t.Errorf("still running: %s", name)
		} else if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Error(err)
		}
	}
}

// runningWith gives the processes that have a text in their environment, by their IDs.
func runningWith(text string) map[int]string {
	running := map[int]string{}
	found, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range found {
		if environ, err := os.ReadFile(file); err == nil && strings.Contains(string(environ), text) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			running[pid] = strings.TrimSpace(string(name))
		}
	}
	return running
}

func TestKeyringKeepsSecrets(t *testing.T) { inSession(t, home(t), unlocked, "keep") }

func TestKeyringIsFoundByTheRuntimeFolder(t *testing.T) {
	dir := home(t)
	inSession(t, dir, unlocked, "runtime-folder", "PATH="+planted(t, dir)+":"+os.Getenv("PATH"))
	wantNothingLaunched(t, dir)
}

func TestKeyringLockedWaitsNoLongerThanItMay(t *testing.T) { inSession(t, home(t), unlocked, "locked") }

func TestKeyringLockedWithNobodyToAsk(t *testing.T) {
	dir := home(t)
	inSession(t, dir, unlocked, "store")
	inSession(t, dir, untouched, "locked-without-prompter")
}

func TestKeyringWithoutCollectionIsAbsent(t *testing.T) { inSession(t, home(t), untouched, "absent") }

func TestKeyringBusThatDiesIsAnError(t *testing.T) { inSession(t, home(t), unlocked, "bus-dies") }

func TestKeyringBusWithoutSecretServiceIsAbsent(t *testing.T) {
	dir := home(t)
	config := filepath.Join(dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=` + dir + `</listen>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	inSession(t, dir, "exec dbus-run-session --config-file '"+config+"' -- \"$0\"", "absent")
}

// planted makes a dbus-launch that tells on whoever runs it: the folder to put into PATH.
func planted(t *testing.T, dir string) string {
	t.Helper()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho launched > '" + filepath.Join(dir, "launched") + "'\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return bin
}

func wantNothingLaunched(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "launched")); err == nil {
		t.Error("a bus of our own was launched")
	}
}

func TestKeyringAbsentIsSaidAtOnceAndStartsNothing(t *testing.T) {
	dir := home(t)
	t.Setenv("PATH", planted(t, dir)+":"+os.Getenv("PATH"))
	cases := map[string]struct{ address, runtime string }{
		"no address, no runtime folder":    {"", ""},
		"a runtime folder without a bus":   {"", filepath.Join(dir, "run")},
		"an address that means: start one": {"autolaunch:", ""},
		"nobody at the address":            {"unix:path=" + dir + "/nobody", ""},
		"an address that is none":          {"nonsense", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", c.address)
			t.Setenv("XDG_RUNTIME_DIR", c.runtime)
			if err := every(20*time.Second, platform.ErrKeyringAbsent); err != nil {
				t.Error(err)
			}
		})
	}
	wantNothingLaunched(t, dir)
}

func TestKeyringEndsWithItsContextOnABusThatSaysNothing(t *testing.T) {
	dir := home(t)
	socket := filepath.Join(dir, "bus")
	silent, err := net.Listen("unix", socket) // connections are accepted by the kernel, and that is all
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	if err := every(200*time.Millisecond, context.DeadlineExceeded); err != nil {
		t.Error(err)
	}
	if err := every(200*time.Millisecond, platform.ErrKeyringAbsent); err == nil {
		t.Error("a keyring that may be there counts as absent")
	}
}
