package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup/vault/mirror/mirrortest"
)

// TestKitAndCopyBringEverythingBack: a machine is lost with its vault and its server. A recovery kit, the
// copy at an SFTP server and its key are left; the kit's words are followed, from the first to the last,
// with an empty home and an empty server.
func TestKitAndCopyBringEverythingBack(t *testing.T) {
	t.Parallel()
	old, fresh := startServer(t), startServer(t)
	place := sftpPlace(t)
	lost := newLive(t, old, "shop", `CREATE TABLE orders AS SELECT x, repeat(md5(x::text), 20) AS note FROM generate_series(1, 2000) AS x`)
	kit := filepath.Join(t.TempDir(), "kit.txt")
	lost.run(0, "offsite", "add", "nas", "sftp", "--host", place.Host, "--port", fmt.Sprint(place.Port), "--user", place.User, "--path", place.Path,
		"--identity-file", place.Identity, "--host-key-fingerprint", place.Fingerprint, "--approve-file", lost.approval())
	lost.run(0, "backup", "create", "shop")
	lost.run(0, "vault", "kit", "--out", kit, "--approve-file", lost.approval())
	sheet, err := os.ReadFile(kit)
	lost.must(err)
	lost.must(os.RemoveAll(filepath.Join(lost.dir, "home")))
	lost.must(os.Remove(filepath.Join(lost.dir, "key")))

	machine := t.TempDir()
	c := fresh.Connection("shop")
	key, commands := readKit(t, string(sheet), map[string]string{
		"KEY-FILE": place.Identity, "NAME": "shop", "URL": fmt.Sprintf("'host=%s port=%d user=%s dbname=shop'", c.Host, c.Port, c.User),
	})
	lost.must(os.WriteFile(filepath.Join(machine, "key.txt"), []byte(key+"\n"), 0o644)) // the kit says to change that
	lost.must(os.WriteFile(filepath.Join(machine, "approval"), []byte("another passphrase\n"), 0o600))
	sh := exec.Command("sh", "-e", "-c", strings.Join(commands, "\n"))
	sh.Dir = machine
	sh.Env = append(withoutSecrets(os.Environ()), "HOLDFAST_HOME="+filepath.Join(machine, "home"), "PATH="+filepath.Dir(program(t))+":"+os.Getenv("PATH"))
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, strings.Join(commands, "\n"), out)
	}
	got, err := querySQL(fresh, "shop", `SELECT count(*), sum(x), max(length(note)) FROM orders`)
	lost.must(err)
	if got != "2000|2001000|640" {
		t.Errorf("the new server holds %s", got)
	}
}

// sftpPlace is OpenSSH's own server where it is installed.
func sftpPlace(t *testing.T) mirrortest.Place {
	t.Helper()
	program, missing := mirrortest.SSHD(t)
	if missing != "" {
		t.Log(missing)
		return mirrortest.SFTP(t)
	}
	return mirrortest.OpenSSH(t, program, t.TempDir())
}

// readKit gives the key on a kit, and the commands for a new machine, with the copy in the place of the
// vault's folder, and with the words in capital letters filled in.
func readKit(t *testing.T, sheet string, fill map[string]string) (key string, commands []string) {
	t.Helper()
	section := ""
	for line := range strings.Lines(sheet) {
		command, indented := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
		switch {
		case !indented && (strings.HasPrefix(line, "Recovery key") || strings.HasPrefix(line, "On a new machine") || strings.HasPrefix(line, "Without Holdfast")):
			section = strings.TrimSpace(line)
		case indented && strings.HasPrefix(section, "Recovery key"):
			key = command
		case indented && section == "On a new machine" && !strings.Contains(command, "FOLDER"):
			for word, value := range fill {
				command = strings.ReplaceAll(command, word, value)
			}
			if strings.Contains(command, "set-passphrase") || strings.Contains(command, "holdfast restore") {
				command += " --approve-file approval" // a person types it
			}
			commands = append(commands, command)
		}
	}
	if len(commands) != 7 {
		t.Fatalf("the kit has %d commands:\n%s", len(commands), sheet)
	}
	return key, commands
}
