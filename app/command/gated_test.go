package command_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/app/command"
	"holdfast/backup"
	"holdfast/backup/tally"
)

// everyCommand has a line for each command, and for each way of one that the gate looks at differently:
//
//   - an action: it needs the approval passphrase;
//   - "policy": by default nobody is asked, but the gate is, and a token must be for it;
//   - "list": as that, but a list that is refused is not in the audit log;
//   - "free": the gate has no say;
//   - "beside": not run here, and why.
//
// A command that is missing fails the test, and so does one that is called free and asks the gate.
const everyCommand = `
	free            audit
	policy          backup compare latest:shop
	policy          backup create shop
	backups.delete  backup delete latest:shop
	backups.export  backup download latest:shop --format dump --out out/x.dump
	backups.export  backup download latest:shop --format sql --out out/x.sql
	backups.export  backup download latest:shop --format json --out -
	backups.export  backup download latest:shop --format media.zip --out out/x.zip
	list            backup list
	policy          backup note latest:shop text
	policy          backup pin latest:shop
	policy          backup show latest:shop
	policy          backup unpin latest:shop
	policy          backup verify latest:shop
	policy          backup verify latest:shop --drill
	free            config check
	free            config diagnostics --out diagnostics.zip
	free            config export
	policy          config import saved.toml
	free            config list
	free            config places
	policy          config set desktop.theme dark
	beside          demo # a home of its own
	free            gate policy shop
	gate            gate policy shop backups.export allow
	gate            gate reset
	gate            gate set-passphrase --current-file WRONG
	gate            gate token create --actions backups.read --out out/token
	free            gate token list
	beside          gate token revoke 0 # whoever holds the home may take rights away
	policy          guard shop -- touch out/ran
	free            hook git --sandbox shop
	backups.export  offsite add more folder --path more
	free            offsite list
	backups.export  offsite remove disk
	free            offsite show disk
	free            offsite sync
	free            offsite test disk
	policy          offsite test disk --drill shop
	free            remind
	policy          remind dismiss kit
	policy          remind snooze kit 4h
	db_full         restore latest:shop
	db_full         restore latest:shop --yes
	db_full         restore latest:shop --unsaved
	db_full         restore latest:shop --what media
	db_full         restore latest:shop --table orders
	db_full         restore latest:shop --in-place
	db_full         restore latest:shop --to-database made
	db_full         restore latest:shop --target other --what database
	db_full         restore --from shop.dump --target shop --yes
	free            retention preview shop
	policy          retention prune
	policy          retention set shop --scheduled 1-daily
	free            retention show shop
	policy          sandbox add third --dsn DSN
	free            sandbox discover
	policy          sandbox edit shop --no-restore
	backups.export  sandbox edit shop --downloads-to out --downloads-format dump
	free            sandbox list
	policy          sandbox remove shop
	policy          sandbox sample remove
	backups.delete  sandbox sample remove --backups
	policy          sandbox sample start
	policy          sandbox sample stop
	free            sandbox show shop
	free            schedule list
	free            schedule next shop
	policy          schedule pause 5m
	policy          schedule resume
	beside          schedule run # it stays
	policy          schedule run-due
	policy          schedule set shop every 6h
	free            schedule unit
	backups.export  secrets export shop --format bitwarden --out out/secrets
	policy          secrets list shop
	policy          sentinel acknowledge shop
	free            sentinel list
	free            undo
	db_full         undo latest
	db_full         undo latest --drop
	beside          vault init # there is a vault already
	backups.export  vault key change --key-out out/key
	backups.export  vault key show
	backups.export  vault kit --out out/kit
	free            vault maintain
	policy          vault open
	policy          vault repair --from disk
	free            vault status
	free            vault verify`

type gatedLine struct {
	how  string // an action, or policy, list, free, beside
	args []string
}

func readEveryCommand(t *testing.T, replace map[string]string) (all []gatedLine) {
	t.Helper()
	left := command.Leaves()
	for line := range strings.Lines(strings.TrimSpace(everyCommand)) {
		line, _, _ = strings.Cut(line, " # ")
		words := strings.Fields(line)
		for i := range words {
			if r, ok := replace[words[i]]; ok {
				words[i] = r
			}
		}
		path, err := command.Parse(words[1:])
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		delete(left, path)
		all = append(all, gatedLine{words[0], words[1:]})
	}
	for _, path := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s is not in everyCommand: say what the gate makes of it", path)
	}
	return all
}

// TestEveryCommandIsGatedOrSaidNotToBe calls every command without approval, with a wrong passphrase, and
// with a token that was revoked. What needs approval ends with 3, says so in the audit log, and changes
// nothing at all.
func TestEveryCommandIsGatedOrSaidNotToBe(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "command: every command without approval")
	g := newGated(t)
	lines := readEveryCommand(t, map[string]string{"DSN": g.dsn, "WRONG": g.wrong, "1-daily": "1 daily"})
	books, tried := g.books(), map[string]bool{}
	for _, line := range lines {
		if !slices.Contains(append(backup.Actions(), backup.ActionGate), backup.Action(line.how)) {
			continue
		}
		row.Try(line.how)
		g.refused(line, "needs approval|passphrase is wrong", line.args...)
		if tried[line.how] {
			continue
		}
		tried[line.how] = true // with a wrong one, once for each action; then a right one, or the next has to wait
		g.refused(line, "passphrase is wrong", append([]string{"--approve-file", g.wrong}, line.args...)...)
		g.run(0, "gate", "policy", "shop", "backups.read", "allow", "--approve-file", g.approval())
	}
	g.token = []string{"HOLDFAST_TOKEN_FILE=" + filepath.Join(g.dir, "token")}
	for _, line := range lines {
		if line.how != "free" && line.how != "beside" {
			row.Try("token")
			g.refused(line, "was revoked|no token is for that", line.args...)
		}
	}
	if got := g.books(); got != books {
		t.Errorf("the books have changed:\n%s\nbefore:\n%s", got, books)
	}
	for _, line := range lines {
		if line.how == "free" {
			row.Try("free")
			cmd := g.command(line.args...)
			cmd.Env = slices.Concat(g.env, g.token)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%q is called free: %v\n%s", line.args, err, out)
			}
		}
	}
}

// gated is a home in which every command has something to do.
type gated struct {
	*live
	dsn, wrong string
	token      []string // environment that what is tried has beside
	entries    int      // of the audit log that were looked at
}

// try is run with the token.
func (g *gated) try(code int, args ...string) (stderr string) {
	g.t.Helper()
	without := g.env
	defer func() { g.env = without }()
	g.env = slices.Concat(without, g.token)
	_, stderr = g.run(code, args...)
	return stderr
}

func newGated(t *testing.T) *gated {
	t.Helper()
	place := t.TempDir()
	for path, text := range map[string]string{"media/a": "a picture", "code/.env": "TOKEN=of no use\n"} {
		path = filepath.Join(place, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := startServer(t)
	l := newLiveWith(t, server, "gated", "CREATE TABLE orders AS SELECT x FROM generate_series(1, 100) AS x; CREATE TABLE gone AS SELECT 1 AS x",
		"--media", filepath.Join(place, "media"), "--code", filepath.Join(place, "code"))
	c := server.Connection("gated")
	g := &gated{live: l, dsn: fmt.Sprintf("host=%s port=%d user=%s dbname=gated", c.Host, c.Port, c.User), wrong: filepath.Join(place, "wrong")}
	l.must(os.WriteFile(g.wrong, []byte("not the passphrase\n"), 0o600))
	for _, dir := range []string{"copy", "more", "out"} {
		l.must(os.Mkdir(filepath.Join(l.dir, dir), 0o700))
	}
	approved := func(args ...string) string {
		t.Helper()
		out, _ := l.run(0, append([]string{"--approve-file", l.approval()}, args...)...)
		return out
	}
	l.must(execSQL(server, "postgres", "CREATE DATABASE other"))
	l.run(0, "sandbox", "add", "other", "--dsn", strings.Replace(g.dsn, "dbname=gated", "dbname=other", 1))
	l.run(0, "backup", "create", "shop")
	approved("restore", "latest:shop")
	l.must(execSQL(server, l.database, "DROP TABLE gone")) // an alarm
	l.run(0, "backup", "create", "shop")
	approved("backup", "download", "latest:shop", "--format", "dump", "--out", "shop.dump")
	approved("offsite", "add", "disk", "folder", "--path", filepath.Join(l.dir, "copy"))
	l.run(0, "offsite", "sync")
	l.run(0, "sandbox", "sample", "start")
	t.Cleanup(func() { l.run(0, "sandbox", "sample", "remove") })
	saved, _ := l.run(0, "config", "export")
	l.must(os.WriteFile(filepath.Join(l.dir, "saved.toml"), []byte(saved), 0o600))
	approved("gate", "token", "create", "--actions", "backups.read,backups.create,backups.update,backups.delete,backups.export", "--expires", "1h", "--out", "token")
	token, err := os.ReadFile(filepath.Join(l.dir, "token"))
	l.must(err)
	l.run(0, "gate", "token", "revoke", strings.Split(string(token), ".")[1])
	return g
}

// refused runs a command that must be refused, for a reason that matches says.
func (g *gated) refused(line gatedLine, says string, args ...string) {
	g.t.Helper()
	before := g.fingerprint()
	code := 3
	if line.args[0] == "guard" {
		code = 125
	}
	stderr := g.try(code, args...)
	if !regexp.MustCompile(says).MatchString(stderr) {
		g.t.Errorf("%q says %s", args, stderr)
	}
	after := g.fingerprint()
	for _, what := range slices.Sorted(maps.Keys(after)) {
		if before[what] != after[what] {
			g.t.Errorf("%q was refused and changed %s: %q, before %q", args, what, after[what], before[what])
		}
		delete(before, what)
	}
	if len(before) > 0 {
		g.t.Errorf("%q was refused and removed %v", args, before)
	}
	entries := g.entries
	all := g.audit()
	g.entries = len(all)
	fresh := all[entries:]
	if line.how != "list" && !slices.ContainsFunc(fresh, func(e backup.AuditEntry) bool {
		return e.Decision == backup.Deny && (line.how == "policy" || string(e.Action) == line.how || g.token != nil)
	}) {
		g.t.Errorf("%q was refused, and the audit log has %+v", args, fresh)
	}
}

// audit gives the log, oldest first.
func (g *gated) audit() (all []backup.AuditEntry) {
	g.t.Helper()
	g.decode(&all, "audit")
	slices.SortFunc(all, func(a, b backup.AuditEntry) int { return int(a.Seq - b.Seq) })
	return all
}

// books gives what is said of backups, restores and plans.
func (g *gated) books() string {
	g.t.Helper()
	var all strings.Builder
	for _, args := range [][]string{{"backup", "list", "--deleted"}, {"undo"}, {"retention", "show", "shop"}, {"sentinel", "list"}, {"gate", "token", "list"}} {
		out, _ := g.run(0, append(args, "--json")...)
		all.WriteString(out)
	}
	return all.String()
}

// churns are files that a look at them changes: the books, in which the refusal itself is, and the count of
// wrong passphrases. What the books say of backups and restores is asked for instead.
var churns = regexp.MustCompile(`/(catalog\.db.*|.*\.log|.*\.lock|gate\.json)$`)

// fingerprint is all that a command could change.
func (g *gated) fingerprint() map[string]string {
	g.t.Helper()
	found := map[string]string{
		"databases": g.query("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"),
		"orders":    g.query("SELECT count(*), sum(x) FROM orders"),
		"tables":    g.query("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
	}
	g.must(filepath.WalkDir(g.dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(g.dir, path) // it is below
		if err == nil && strings.HasPrefix(name, filepath.Join("home", "sample")) {
			return fs.SkipDir // a server that runs
		}
		if err != nil || !d.Type().IsRegular() || churns.MatchString(path) {
			return err
		}
		text, err := os.ReadFile(path)
		sum := sha256.Sum256(text)
		found[name] = hex.EncodeToString(sum[:8])
		return err
	}))
	return found
}
