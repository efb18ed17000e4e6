package secrets_test

import (
	"archive/tar"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"holdfast/backup/secrets"
)

// stock gives the program that people open an export with.
func stock(t *testing.T, program, debian string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is missing: install the package %s", program, debian)
	}
	return path
}

func exported(t *testing.T, f secrets.Format, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, written(t, f), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// atTerminal runs a command that asks for a passphrase at its terminal, and types it there.
func atTerminal(t *testing.T, cmd *exec.Cmd, typed string) {
	t.Helper()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() }) // nothing was written to a file through it
	fd := int(terminal.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	var other *os.File
	if err == nil {
		other, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = other, other, other
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = errors.Join(cmd.Start(), other.Close())
	if err == nil {
		_, err = terminal.WriteString(typed + "\n")
	}
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan []byte)
	go func() {
		text, _ := io.ReadAll(terminal) // a terminal ends with an error
		said <- text
	}()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Path, err, <-said)
	}
}

// TestStockAge opens an export with the age command, which takes the passphrase at its terminal.
func TestStockAge(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "secrets.tar")
	atTerminal(t, exec.Command(stock(t, "age", "age"), "-d", "-o", out, exported(t, secrets.Age, "secrets.tar.age")), phrase)
	opened, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	archive := tar.NewReader(opened)
	for _, want := range files() {
		head, err := archive.Next()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil || head.Name != want.Name || !bytes.Equal(text, want.Text) {
			t.Errorf("%s: %v, %d bytes", head.Name, err, len(text))
		}
	}
}

// TestStockKeePassXC opens an export with KeePassXC: every variable is an entry, and files are
// attached whole.
func TestStockKeePassXC(t *testing.T) {
	t.Parallel()
	program, path, home := stock(t, "keepassxc-cli", "keepassxc"), exported(t, secrets.KeePass, "secrets.kdbx"), t.TempDir()
	run := func(command string, args ...string) []byte {
		t.Helper()
		cmd := exec.Command(program, append([]string{command, "--quiet"}, args...)...)
		cmd.Env = append(os.Environ(), "HOME="+home, "QT_QPA_PLATFORM=offscreen")
		cmd.Stdin = strings.NewReader(phrase + "\n")
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("keepassxc-cli %s: %v\n%s", command, err, said.String())
		}
		return out
	}
	lines, err := csv.NewReader(bytes.NewReader(run("export", "--format", "csv", path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, line := range lines[1:] {
		if line[3] != "" {
			got[line[1]] = line[3]
		}
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, want := range files()[2:4] { // bytes that are no text, and a long one: each call derives the key anew
		name, out := filepath.Base(want.Name), filepath.Join(home, "out")
		run("attachment-export", path, want.Name+"/"+name, name, out)
		text, err := os.ReadFile(out)
		if err != nil || !bytes.Equal(text, want.Text) {
			t.Errorf("%s: %d bytes, want %d; %v", want.Name, len(text), len(want.Text), err)
		}
		if err := os.Remove(out); err != nil {
			t.Fatal(err)
		}
	}
}
