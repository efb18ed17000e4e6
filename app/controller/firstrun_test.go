//go:build unix

package controller_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// newFirstRun is a home with nothing in it, and projects whose .env files name the two databases.
func newFirstRun(t *testing.T) *bench {
	t.Helper()
	b := newServer(t)
	t.Setenv("HOME", b.dir)
	code := filepath.Join(b.dir, "code")
	for _, name := range []string{"shop", "blog"} {
		must(t, os.MkdirAll(filepath.Join(code, name), 0o700))
		c := b.server.Connection(name)
		text := fmt.Appendf(nil, "DATABASE_URL=postgres://%s@/%s?host=%s&port=%d\n", c.User, name, c.Host, c.Port)
		must(t, os.WriteFile(filepath.Join(code, name, ".env"), text, 0o600))
	}
	must(t, os.Mkdir(filepath.Join(b.dir, "home"), 0o700))
	store := config.Store{Path: filepath.Join(b.dir, "home", "config.toml")}
	_, err := store.Update(t.Context(), func(c *config.Config) error { c.Discover.OnlyFolders = true; return nil })
	must(t, err)
	b.start()
	b.until("the first start", func() bool { return b.state.Setup != nil && !b.state.Discovery.Looking })
	if len(b.state.Discovery.Found) != 0 {
		t.Fatalf("found %+v", b.state.Discovery.Found)
	}
	b.Discover(code)
	b.until("the databases", func() bool { return len(b.state.Discovery.Found) == 2 })
	return b
}

// TestFirstRun protects one of two databases, and saves the kit.
func TestFirstRun(t *testing.T) {
	b := newFirstRun(t)
	for _, f := range b.state.Discovery.Found {
		if f.Problem != nil || f.Bytes == 0 || !strings.HasPrefix(f.Version, "PostgreSQL ") || !strings.Contains(f.Source, ".env") {
			t.Errorf("%+v", f)
		}
	}
	if weak, good := b.Strength("secret"), b.Strength(strings.Repeat("correct horse battery staple ", 9)); weak > 1 || good != 4 {
		t.Errorf("strengths %d and %d", weak, good)
	}
	b.MakeVault(filepath.Join(b.dir, "vault"), phrase, []views.Chosen{{Name: "shop"}}, false)
	b.until("the recovery key and the first backup", func() bool {
		return b.state.Setup != nil && b.state.Setup.Key != "" && len(b.state.Sandboxes) == 1 && b.shop().Busy == nil && len(b.shop().Backups) == 1
	})
	if got := b.shop(); got.Name != "shop" || got.Backups[0].Status != backup.StatusCompleted {
		t.Errorf("%+v", got)
	}
	b.SaveKit(b.dir)
	b.until("the kit", func() bool { return b.state.Setup.Kit != "" })
	info, err := os.Stat(b.state.Setup.Kit)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the kit has mode %v", info.Mode())
	}
	b.SaveKit(b.dir)
	b.until("a kit that is there is not overwritten", func() bool { return b.state.Setup.Problem != nil })
	b.KeyKept()
	b.until("the end of the first start", func() bool { return b.state.Setup == nil })

	b.AddFound([]views.Chosen{{Name: "blog"}})
	b.until("the other one's backup", func() bool { return len(b.state.Sandboxes) == 2 && b.blog().Busy == nil && len(b.blog().Backups) == 1 })
}

// TestSecondTryHasItsOwnPassphrase: the vault's place cannot be written first; the passphrase of the try
// that goes well is the one that holds.
func TestSecondTryHasItsOwnPassphrase(t *testing.T) {
	b := newFirstRun(t)
	const second = "another correct horse"
	b.MakeVault(filepath.Join("/dev/null", "vault"), phrase, nil, false)
	b.until("the first try fails", func() bool { return b.state.Setup.Problem != nil && !b.state.Setup.Busy })
	b.engine(func(e *engine.Engine) {
		if e.HasPassphrase() {
			t.Error("the failed try left its passphrase")
		}
	})
	b.MakeVault(filepath.Join(b.dir, "vault"), second, nil, false)
	b.until("the recovery key", func() bool { return b.state.Setup.Key != "" })
	b.engine(func(e *engine.Engine) {
		give := func(text string) func() (string, error) { return func() (string, error) { return text, nil } }
		if err := e.SetPassphrase(t.Context(), give(phrase), give(phrase)); backup.KindOf(err) != backup.Refused {
			t.Errorf("the first try's passphrase: %v", err)
		}
		must(t, e.SetPassphrase(t.Context(), give(second), give(phrase)))
	})
}

// TestVaultOfAnotherMachine opens it with its key: the sandboxes are known, and have no connection.
func TestVaultOfAnotherMachine(t *testing.T) {
	b := newFirstRun(t)
	path := filepath.Join(b.dir, "vault")
	b.MakeVault(path, phrase, []views.Chosen{{Name: "shop"}}, false)
	b.until("a backup", func() bool {
		return b.state.Setup != nil && b.state.Setup.Key != "" && len(b.state.Sandboxes) == 1 && b.shop().Busy == nil && len(b.shop().Backups) == 1
	})
	key := b.state.Setup.Key

	t.Setenv("HOLDFAST_HOME", filepath.Join(b.dir, "other"))
	must(t, os.Remove(filepath.Join(b.dir, "key")))
	b.live = seen{}
	b.start()
	b.until("the first start of another home", func() bool { return b.state.Setup != nil && b.state.Setup.Path != "" })
	from := views.VaultPlace{CopyPlace: views.CopyPlace{Path: path}, Key: "AAAA-BBBB", Passphrase: phrase}
	b.OpenVault(from)
	b.until("a key with a typing error", func() bool { return b.state.Opening.Problem != nil && b.state.Opening.Busy == nil })
	from.Key = string(backup.NewRecoveryKey())
	b.OpenVault(from)
	b.until("a wrong key", func() bool {
		p := b.state.Opening.Problem
		return p != nil && strings.Contains(p.Text, "does not open") && b.state.Opening.Busy == nil
	})
	from.Key = "Recovery key:\n\n    " + key + "\n\nOn a new machine:"
	b.OpenVault(from)
	b.until("the vault", func() bool { return b.state.Setup == nil && len(b.state.Unknown) == 1 })
	if b.state.Unknown[0] != "shop" || len(b.state.Sandboxes) != 0 {
		t.Errorf("%+v", b.state)
	}
}
