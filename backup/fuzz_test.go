package backup_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
)

// FuzzDecodeManifest wants an error that says what to do, or a manifest that comes back as it is.
func FuzzDecodeManifest(f *testing.F) {
	whole, err := backup.EncodeManifest(&backup.Manifest{
		Version: backup.ManifestVersion, ID: backup.NewID(), Sandbox: "shöp\n", What: backup.ScopeBoth, Started: time.Unix(1, 0).UTC(),
		Tables: []backup.Table{{Schema: "public", Name: "\x1b[31m", Part: "data/1.copy", Rows: -1, Columns: []backup.Column{{Name: "a", Type: "integer"}}}},
		Media:  []backup.MediaFolder{{Name: "..", Path: "/"}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"version":1,"id":"0123456789abcdef","tables":[{"rows":9223372036854775807},{"rows":1}]}`))
	f.Add([]byte(`{"version":99}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := backup.DecodeManifest(text)
		if err != nil {
			if backup.KindOf(err) != backup.Damaged || m != nil {
				t.Fatalf("%s: %v", backup.KindOf(err), err)
			}
			return
		}
		_, _, _ = m.Rows(), m.Bytes(), m.RawBytes()
		one, err := backup.EncodeManifest(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := backup.DecodeManifest(one)
		if err != nil {
			t.Fatal(err)
		}
		if two, err := backup.EncodeManifest(again); err != nil || !bytes.Equal(one, two) {
			t.Fatalf("%v\n%s\n%s", err, one, two)
		}
	})
}

// FuzzParseRecoveryKey wants a key that reads back as itself, or an error without a word of the text.
func FuzzParseRecoveryKey(f *testing.F) {
	key := string(backup.NewRecoveryKey())
	f.Add(key)
	f.Add(strings.ToLower(strings.ReplaceAll(key, "-", " ")))
	f.Add(strings.ReplaceAll(key, "O", "0"))
	f.Add("ſ" + key)
	f.Add(key[:20])
	f.Fuzz(func(t *testing.T, typed string) {
		parsed, err := backup.ParseRecoveryKey(typed)
		if err != nil {
			if clean := strings.TrimSpace(typed); len(clean) > 12 && strings.Contains(err.Error(), clean) {
				t.Fatal("the error shows what was typed")
			}
			return
		}
		if again, err := backup.ParseRecoveryKey(string(parsed)); err != nil || again != parsed {
			t.Fatalf("%v, and not itself", err)
		}
	})
}
