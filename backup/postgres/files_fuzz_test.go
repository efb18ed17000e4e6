package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzServiceFile wants places, or none, from whatever pg_service.conf and pgpass hold: no file makes
// the search fail, and no password gets into what is shown.
func FuzzServiceFile(f *testing.F) {
	f.Add([]byte("[shop]\nhost=127.0.0.1\nport=5432\ndbname=shop\nuser=ada\npassword=hush-hush-hush\n"), []byte("*:*:*:ada:hush-hush-hush\n"))
	f.Add([]byte("# c\n[a b]\nhost = 'x y'\n[[]]\n[]\nport=99999\n"), []byte("a\\:b:5432:*:u:p\\\\w\n\n#\n:"))
	f.Add([]byte("[x]\nservice=x\nhostaddr=::1\nsslmode=nonsense\n"), []byte{0, '\n', 0xff})
	f.Fuzz(func(t *testing.T, services, passwords []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"PGSERVICEFILE": services, "PGPASSFILE": passwords} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv(name, path)
		}
		for _, place := range fromServices() {
			if p := place.password; len(p) > 8 && !strings.Contains(place.c.Host+place.c.User+place.c.Database+place.source, p) && strings.Contains(place.c.At(place.c.Database), p) {
				t.Fatal("the place shows the password")
			}
		}
	})
}
