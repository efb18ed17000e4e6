package vault_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault"
)

const otherKey = "ZYXWV-UTSRQ-PONML-KJIHG"

// formats are the files that a change of the key writes, in its order.
var formats = []string{"holdfast.key-change", "kopia.blobcfg.f", "kopia.repository.f", "holdfast.copy-of-kopia.repository", "holdfast.copy-of-kopia.blobcfg"}

// texts reads them; one that is not there is nil.
func texts(t *testing.T, path string) [][]byte {
	t.Helper()
	var all [][]byte
	for _, name := range formats {
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

func place(t *testing.T, path string, all [][]byte) {
	t.Helper()
	for i, name := range formats {
		file := filepath.Join(path, name)
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if all[i] != nil {
			ok(t, os.WriteFile(file, all[i], 0o600))
		}
	}
}

// opens says whether a key opens the vault, and what the vault warns of.
func opens(t *testing.T, o vault.Options, key string) (bool, string) {
	t.Helper()
	v, err := vault.Open(t.Context(), o, key)
	if err != nil {
		refused(t, err, backup.Damaged, "the key does not open this vault")
		return false, backup.AsError(err).Hint
	}
	list, err := v.List(t.Context())
	ok(t, errors.Join(err, v.Close(context.Background())))
	if len(list) != 1 {
		t.Errorf("%d backups", len(list))
	}
	return true, strings.Join(v.Warnings(), " ")
}

// TestChangeKeyAtEveryStep leaves the vault as a change of the key that dies leaves it, after each file that
// it writes, and opens it with either key.
func TestChangeKeyAtEveryStep(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	put(t, v, "shop", map[string][]byte{"data/1.copy": []byte("1\n")})
	before := texts(t, o.Path)
	var kept [][]byte
	ok(t, v.ChangeKey(t.Context(), otherKey, 0, func() error {
		kept = texts(t, o.Path)
		return nil
	}))
	after := texts(t, o.Path)
	if before[0] != nil || kept[0] == nil || after[0] != nil || !bytes.Equal(after[2], after[3]) || bytes.Equal(before[3], after[3]) || bytes.Contains(kept[0], []byte(otherKey)) {
		t.Fatal("the files are not those of a change")
	}
	if isOpen, _ := opens(t, o, testKey); isOpen {
		t.Error("the old key opens the vault still")
	}
	if isOpen, warned := opens(t, o, otherKey); !isOpen || warned != "" {
		t.Errorf("the new key: %v %q", isOpen, warned)
	}
	const old, both, fresh = "old", "either", "new"
	for _, state := range []struct {
		name  string
		files [][]byte
		which string
	}{
		{"announced", [][]byte{kept[0], before[1], before[2], before[3], before[4]}, old},
		{"first file", [][]byte{kept[0], after[1], before[2], before[3], before[4]}, old},
		{"both files", kept, both},
		{"first copy", [][]byte{kept[0], after[1], after[2], after[3], before[4]}, fresh},
		{"both copies", [][]byte{kept[0], after[1], after[2], after[3], after[4]}, fresh},
	} {
		for key, name := range map[string]string{testKey: old, otherKey: fresh} {
			place(t, o.Path, state.files)
			isOpen, said := opens(t, o, key)
			switch want := state.which == name || state.which == both; {
			case isOpen != want:
				t.Errorf("%s: the %s key opens: %v", state.name, name, isOpen)
				continue
			case isOpen && !strings.Contains(said, "the "+name+" key counts"):
				t.Errorf("%s: the %s key: said %q", state.name, name, said)
			case !isOpen && !strings.Contains(said, "Give the other key"):
				t.Errorf("%s: the %s key: hint %q", state.name, name, said)
			}
			if !isOpen {
				continue
			}
			other := map[string]string{testKey: otherKey, otherKey: testKey}[key]
			if isOther, _ := opens(t, o, other); isOther {
				t.Errorf("%s: after the %s key the other one opens too", state.name, name)
			}
			if again, said := opens(t, o, key); !again || said != "" {
				t.Errorf("%s: the second time: %v %q", state.name, again, said)
			}
		}
	}
	place(t, o.Path, after)
}

// TestChangeKeyTakenBack fails where the new key is to be kept: all is as before.
func TestChangeKeyTakenBack(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	put(t, v, "shop", map[string][]byte{"data/1.copy": []byte("1\n")})
	before := texts(t, o.Path)
	err := v.ChangeKey(t.Context(), otherKey, 0, func() error { return backup.Errorf(backup.Failed, "Mend it.", "nowhere to keep it") })
	refused(t, err, backup.Failed, "nowhere to keep it")
	for i, text := range texts(t, o.Path) {
		if !bytes.Equal(text, before[i]) {
			t.Errorf("%s has changed", formats[i])
		}
	}
	put(t, v, "shop", map[string][]byte{"data/1.copy": []byte("1\n")})
	ok(t, v.ChangeKey(t.Context(), otherKey, 0, func() error { return nil }))
	if stale := openWith(t, o, otherKey); stale.KeyChanged() {
		t.Error("the key is said to have changed")
	} else {
		ok(t, v.ChangeKey(t.Context(), testKey, 0, func() error { return nil }))
		copied := texts(t, o.Path)[3]
		_, err := stale.Write(t.Context(), 0)
		refused(t, err, backup.Busy, "changed the key")
		if !stale.KeyChanged() || !bytes.Equal(texts(t, o.Path)[3], copied) {
			t.Error("a vault that was opened with the old key brought its copy back")
		}
		refused(t, stale.ChangeKey(t.Context(), "THIRD", 0, func() error { return nil }), backup.Busy, "changed the key")
	}
}

func openWith(t *testing.T, o vault.Options, key string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), o, key)
	ok(t, err)
	t.Cleanup(func() { ok(t, v.Close(context.Background())) })
	return v
}

// changeForEver changes the key to and fro, and keeps it in a file.
func changeForEver() error {
	ctx := context.Background()
	file := os.Getenv("VAULT_TEST_CONFIG") + ".key"
	for {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		o := vault.Options{Path: os.Getenv("VAULT_TEST_PATH"), ConfigFile: os.Getenv("VAULT_TEST_CONFIG"), Home: "home-1", Host: "workstation", Clock: time.Now}
		v, err := vault.Open(ctx, o, string(text))
		if err != nil {
			return err
		}
		next := map[string]string{testKey: otherKey, otherKey: testKey}[string(text)]
		err = v.ChangeKey(ctx, next, 0, func() error {
			if err := os.WriteFile(file+".tmp", []byte(next), 0o600); err != nil {
				return err
			}
			return os.Rename(file+".tmp", file)
		})
		if err = errors.Join(err, v.Close(ctx)); err != nil {
			return err
		}
	}
}

// TestChangeKeyKilled kills a process that changes the key: the one that it kept opens the vault.
func TestChangeKeyKilled(t *testing.T) {
	t.Parallel()
	o := options(t)
	v := create(t, o)
	put(t, v, "shop", map[string][]byte{"data/1.copy": []byte("1\n")})
	file := o.ConfigFile + ".key"
	ok(t, os.WriteFile(file, []byte(testKey), 0o600))
	random := rand.New(rand.NewPCG(1, 2))
	row := tally.Of(t, "vault: killed while changing the key")
	for round := range tally.Rounds(t, 6) {
		if round > 0 && row.Over(time.Minute) {
			break
		}
		row.Try("any")
		cmd := child(t, "rekey", o)
		ok(t, cmd.Start())
		time.Sleep(time.Duration(50+random.IntN(900)) * time.Millisecond)
		ok(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		key, err := os.ReadFile(file)
		ok(t, err)
		if isOpen, said := opens(t, o, string(key)); !isOpen {
			t.Fatalf("the key that is kept does not open the vault: %s", said)
		}
	}
}
