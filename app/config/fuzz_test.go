package config_test

import (
	"path/filepath"
	"testing"

	"holdfast/app/config"
	"holdfast/backup"
)

// FuzzParse wants an error that says what to do, or a configuration that can be saved and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte("version = 1\n[[sandbox]]\nname = \"shop\"\nhost = \"/run\"\nport = 5432\ndatabase = \"shop\"\nuser = \"ada\"\n"))
	f.Add([]byte("version = 1\n[vault]\npath = \"/x\"\n[[sandbox]]\nname = \"a\\nb\"\n"))
	f.Add([]byte("version = 2"))
	f.Add([]byte("version = 1\nunknown = true"))
	f.Add([]byte("version = 1\n[[sandbox]]\nname = \"x\"\nschedule = \"every 0h\"\n[sandbox.params]\npassword = \"y\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, _, err := config.Parse(text)
		if err != nil {
			if e := backup.AsError(err); e.Kind != backup.Usage || e.Hint == "" {
				t.Fatalf("%s %v", e.Kind, err)
			}
			return
		}
		for i := range c.Sandboxes {
			_ = c.Sandboxes[i].Domain()
		}
		if _, err := c.Redacted(); err != nil {
			t.Fatal(err)
		}
		s := config.Store{Path: filepath.Join(t.TempDir(), "config.toml")}
		if err := s.Save(c); err != nil {
			t.Fatalf("it was read and cannot be saved: %v", err)
		}
		if _, warning, err := s.Load(); err != nil || warning != "" {
			t.Fatalf("it was saved and cannot be read: %v %s", err, warning)
		}
	})
}
