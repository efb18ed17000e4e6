package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/testkit"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestKitWithoutHoldfast follows the recovery kit's words for who has stock tools only, from copies at a
// folder and at servers that people run, and then the words of RESTORE.txt: at a terminal, with the key
// where a password is asked for. The database that comes back from the SFTP server is compared.
func TestKitWithoutHoldfast(t *testing.T) {
	t.Parallel()
	kopia := testkit.StockKopia(t)
	old := privateServer(t)
	e := open(t)
	made, err := e.InitVault(t.Context(), InitVault{})
	must(t, err)
	must(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return "correct horse", nil })) // as open has it
	for _, sql := range troubleSQL() {
		run(t, old, sql, "postgres")
	}
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: old.Socket("postgres")}, PutSandbox{})
	must(t, err)
	places := stockPlaces(t)
	for name, p := range places {
		_, err := e.AddOffsite(t.Context(), AddOffsite{Name: name, Place: p.Place, Secret: p.Secret, Fingerprint: p.Fingerprint})
		must(t, err)
	}
	_, err = e.CreateBackup(t.Context(), "shop", "", 0)
	must(t, err)
	e.FollowOffsite(t.Context())
	sheet := filepath.Join(t.TempDir(), "kit.txt")
	must(t, e.WriteKit(t.Context(), sheet))
	kit, err := os.ReadFile(sheet)
	must(t, err)
	must(t, os.RemoveAll(e.VaultPath()))
	for name, p := range places {
		t.Run(name, func(t *testing.T) {
			secret := filepath.Join(t.TempDir(), "secret")
			must(t, os.WriteFile(secret, []byte(p.Secret), 0o600))
			r := &reader{t: t, key: string(made.Key), home: t.TempDir(), server: old, kopia: kopia}
			restore := p.Kind == mirror.SFTP
			if restore {
				r.server = privateServer(t)
			}
			r.takeOut(string(kit), name, strings.NewReplacer("KEY-FILE", p.Identity, "SECRET-FILE", secret), restore)
			if restore && !slices.Equal(plainDump(t, old, "postgres"), plainDump(t, r.server, "restored")) {
				t.Error("the restored database differs")
			}
		})
	}
}

func stockPlaces(t *testing.T) map[string]mirrortest.Place {
	t.Helper()
	all := mirrortest.All(t)
	places := map[string]mirrortest.Place{}
	for _, name := range []string{"folder", "webdav", "openssh", "versitygw"} {
		if p, there := all[name]; there {
			places[name] = p
		}
	}
	return places
}

// takeOut runs the kit's commands for the copy of that name, up to a folder with the backup, and with
// restore also those of RESTORE.txt there.
func (r *reader) takeOut(kit, name string, fill *strings.Replacer, restore bool) {
	r.t.Helper()
	_, stock, _ := strings.Cut(kit, "Without Holdfast\n")
	terminal, shell := r.shell()
	paragraph := ""
	for line := range strings.Lines(stock) {
		command, indented := strings.CutPrefix(line, "    ")
		switch {
		case !indented:
			if words := strings.TrimSpace(line); words != "" {
				paragraph = words
			}
			continue
		case strings.Contains(command, "repository connect") && !strings.HasPrefix(paragraph, "Or instead the copy "+name+":"):
			continue
		}
		r.command(terminal, r.filled(fill.Replace(command)), true)
	}
	text, err := os.ReadFile(filepath.Join(r.home, "backup", backup.PartReadme))
	must(r.t, err)
	if _, rest, _ := strings.Cut(string(text), "\n3. "); restore {
		for line := range strings.Lines(rest) {
			command, indented := strings.CutPrefix(line, "    ")
			if strings.Contains(command, "RENAME TO …") {
				break // the reader is done
			}
			if indented {
				r.command(terminal, command, !strings.Contains(command, "globals.sql"))
			}
		}
	}
	fmt.Fprintln(terminal, "exit")
	r.until(terminal, "")
	must(r.t, shell.Wait())
}

// filled puts the snapshot that was shown in the place of the word for it.
func (r *reader) filled(command string) string {
	r.t.Helper()
	if !strings.Contains(command, "SNAPSHOT") {
		return command
	}
	found := snapshot.FindAllString(r.shown, -1)
	if len(found) != 1 {
		r.t.Fatalf("which snapshot is meant?\n%s", r.shown)
	}
	return strings.Replace(command, "SNAPSHOT", found[0], 1)
}
