package command_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keyringScript runs inside a session bus of its own, with a real gnome-keyring. $H is the home,
// $DSN the database.
const keyringScript = `
set -eu
printf 'the login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
holdfast vault init --key-out "$H/key"
grep -q . "$H/key"
holdfast sandbox add shop --dsn "$DSN" --password-file "$H/password"
test ! -e "$HOLDFAST_HOME/passwords.json"
holdfast backup create shop --json --quiet

holdfast gate set-passphrase --approve-file "$H/approval"
holdfast vault key change --key-out "$H/newkey" --approve-file "$H/approval"
holdfast backup verify latest --quiet
code=0; HOLDFAST_KEY_FILE="$H/key" holdfast vault verify || code=$?
echo "with the old key $code"

echo '--- another home has no key'
code=0; HOLDFAST_HOME="$H/other" holdfast vault open --path "$HOLDFAST_HOME/vault" || code=$?
echo "exit $code"

echo '--- locked'
# gnome-keyring makes a caller's session beside its call, in no order: a call that comes before does nothing,
# and says so to nobody.
property() {
	dbus-send --session --print-reply --dest=org.freedesktop.secrets "$1" org.freedesktop.DBus.Properties.Get "string:$2" "string:$3"
}
login=/org/freedesktop/secrets/collection/login
tries=0
until property "$login" org.freedesktop.Secret.Collection Locked | grep -q 'boolean true'; do
	tries=$((tries + 1))
	if [ $tries -gt 50 ]; then
		echo 'the keyring does not let itself be locked:'
		property /org/freedesktop/secrets org.freedesktop.Secret.Service Collections
		exit 1
	fi
	dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
		org.freedesktop.Secret.Service.Lock "array:objpath:$login" >/dev/null
done
echo "locked after $tries calls"
code=0; holdfast backup create shop || code=$?
echo "exit $code"

echo '--- the recovery key is enough'
HOLDFAST_KEY_FILE="$H/newkey" PGPASSFILE="$H/pgpass" holdfast vault verify
`

// TestKeyring keeps the vault key and a password in a real keyring, and says what is wrong when
// the keyring is locked.
func TestKeyring(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"dbus-run-session", "dbus-send", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing: install the packages dbus-daemon, dbus-bin and gnome-keyring", tool)
		}
	}
	server := startServer(t)
	l := newLive(t, server, "keyring", "CREATE TABLE t AS SELECT 1 AS x")
	h := t.TempDir()
	runtime, err := os.MkdirTemp("", "hf-run-") // short: it holds sockets
	l.must(err)
	t.Cleanup(func() { l.must(os.RemoveAll(runtime)) })
	l.must(os.WriteFile(filepath.Join(h, "password"), []byte("not asked for over the socket\n"), 0o600))
	l.must(os.WriteFile(filepath.Join(h, "approval"), []byte("a good passphrase\n"), 0o600))
	c := server.Connection("keyring")

	cmd := exec.Command("dbus-run-session", "--", "sh", "-c", keyringScript)
	cmd.Dir = h
	cmd.Env = append(withoutSecrets(os.Environ()), "HOME="+h, "XDG_DATA_HOME="+filepath.Join(h, "data"),
		"XDG_RUNTIME_DIR="+runtime, "HOLDFAST_HOME="+filepath.Join(h, "home"), "H="+h,
		"DSN=host="+c.Host+" user="+c.User+" dbname=keyring")
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, want := range []string{
		`"status": "completed"`,
		"--- another home has no key\nholdfast: open the vault: the recovery key is needed",
		"holdfast: back up shop: the keyring is locked",
		"fix: Unlock the keyring",
		"with the old key 5",
		"1 backup: every piece is there",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "exit 5") != 2 {
		t.Errorf("exit codes in\n%s", text)
	}
}
