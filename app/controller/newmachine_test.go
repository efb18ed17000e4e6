//go:build unix

package controller_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/vault/mirror/mirrortest"
	"holdfast/views"
)

// TestNewMachine opens the vault on new machines, from a copy of each kind: wrong words first, and on the
// last one a restore into a server that lacks a role.
func TestNewMachine(t *testing.T) {
	b := newBench(t)
	b.sql("shop", "CREATE ROLE clerk; ALTER TABLE kept OWNER TO clerk")
	b.backUp()
	places := mirrortest.All(t)
	key := b.copyTo(places)
	must(t, os.Remove(filepath.Join(b.dir, "key")))
	last := ""
	for kind, p := range places {
		t.Setenv("HOLDFAST_HOME", filepath.Join(b.dir, "home-"+kind))
		t.Setenv(engine.KeyFileEnv, filepath.Join(b.dir, "key-"+kind))
		b.life()
		b.until("the first start on "+kind, func() bool { return b.state.Setup != nil && b.state.Setup.Path != "" })
		from := views.VaultPlace{CopyPlace: typed(p), Into: filepath.Join(b.dir, "vault "+kind), Key: key, Passphrase: phrase}
		b.wrongWords(from)
		b.OpenVault(from)
		if from.Kind == views.CopyToSFTP {
			b.until("the host key", func() bool { return b.state.Opening.HostKey != nil && b.state.Opening.Busy == nil })
			if got := b.state.Opening.HostKey.Fingerprint; got != p.Fingerprint {
				t.Errorf("the host key is %q, not %q", got, p.Fingerprint)
			}
			from.HostKey = "SHA256:" + strings.Repeat("A", 43)
			b.refusedWith(from, "not the one given")
			from.HostKey = p.Fingerprint
			b.OpenVault(from)
		}
		b.until("the vault of "+kind, func() bool { return b.state.Setup == nil && len(b.state.Unknown) == 1 && b.state.Opening.Busy == nil })
		if b.state.Unknown[0] != "shop" || b.state.Opening.Problem != nil {
			t.Errorf("%s: %+v", kind, b.state.Opening)
		}
		last = kind
	}
	b.restoreWithout("clerk", last)
}

// copyTo copies the vault to all places, and gives its key.
func (b *bench) copyTo(places map[string]mirrortest.Place) (key string) {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "key"))
	must(b.t, err)
	e, err := engine.Open(b.t.Context(), engine.Options{Version: "test", Now: time.Now, KeyFile: filepath.Join(b.dir, "key"), Approve: func(context.Context, backup.Prompt) (string, error) { return phrase, nil }})
	must(b.t, err)
	for kind, p := range places {
		_, err := e.AddOffsite(b.t.Context(), engine.AddOffsite{Name: kind, Place: p.Place, Secret: p.Secret, Fingerprint: p.Fingerprint})
		must(b.t, err)
		_, err = e.SyncOffsite(b.t.Context(), kind, 0)
		must(b.t, err)
	}
	must(b.t, e.Close(context.Background()))
	return string(text)
}

func typed(p mirrortest.Place) views.CopyPlace {
	to := views.CopyPlace{
		Kind: string(p.Kind), Path: p.Path, Host: p.Host, User: p.User, Identity: p.Identity, Endpoint: p.Endpoint,
		Bucket: p.Bucket, Prefix: p.Prefix, Region: p.Region, AccessKey: p.AccessKeyID, URL: p.URL, Secret: p.Secret,
	}
	if p.Port != 0 {
		to.Port = strconv.Itoa(p.Port)
	}
	return to
}

// wrongWords tries what does not open it: another key, another secret, a place where nothing is.
func (b *bench) wrongWords(from views.VaultPlace) {
	b.t.Helper()
	if from.Kind == views.CopyToSFTP {
		return // a person compares the host key first
	}
	other := from
	other.Key = string(backup.NewRecoveryKey())
	b.refusedWith(other, "")
	if from.Kind == views.CopyToWebDAV {
		other = from
		other.Secret = "wrong"
		b.refusedWith(other, "")
	}
	if from.Kind == views.CopyToFolder {
		other = from
		other.Path = b.t.TempDir()
		b.refusedWith(other, "no copy")
	}
}

// refusedWith waits for an error with a remedy.
func (b *bench) refusedWith(from views.VaultPlace, text string) {
	b.t.Helper()
	b.OpenVault(from)
	b.until("an error", func() bool { return b.state.Opening.Problem != nil && b.state.Opening.Busy == nil })
	if p := b.state.Opening.Problem; !strings.Contains(p.Text, text) || p.Hint == "" {
		b.t.Errorf("%s: %q (%q)", from.Kind, p.Text, p.Hint)
	}
}

// restoreWithout connects shop again and restores it into a server that lacks a role.
func (b *bench) restoreWithout(role, kind string) {
	b.t.Helper()
	c := b.server.Connection("shop")
	b.sql("shop", "DROP TABLE kept")
	b.sql("shop", "DROP ROLE "+role)
	b.AddSandbox("shop", fmt.Sprintf("postgres://%s@/shop?host=%s&port=%d", c.User, c.Host, c.Port), "")
	b.until("its backups on "+kind, func() bool {
		return len(b.state.Sandboxes) == 1 && len(b.state.Unknown) == 0 && len(b.shop().Backups) == 2 && b.shop().Busy == nil
	})
	id := b.shop().Backups[1].ID
	b.Restore(views.Restoring{Sandbox: "shop", Backup: id, Target: "shop"})
	b.until("what is missing", func() bool { return b.shop().Lacking && b.shop().Problem != nil && b.shop().Busy == nil })
	if p := b.shop().Problem; !strings.Contains(p.Text, role) {
		b.t.Errorf("%+v", p)
	}
	if b.sql("shop", "SELECT count(*) FROM pg_class WHERE relname = 'kept'") != "0" {
		b.t.Error("something was touched")
	}
	b.GoReplacing("shop", true)
	b.approve()
	b.until("the restore", func() bool { return b.shop().Restored != nil && b.shop().Busy == nil })
	if b.sql("shop", "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'") != role || b.shop().Lacking {
		b.t.Error("the role was not made")
	}
}
