package engine

import (
	"archive/zip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/postgres"
)

// TestDiagnosticsHoldNoSecret: a marker is put wherever a secret may be; it is in no file of the
// bundle, and neither is the recovery key.
func TestDiagnosticsHoldNoSecret(t *testing.T) {
	t.Parallel()
	const marker = "m4rk3r"
	server, err := postgres.StartPrivate(t.Context(), reachable(t), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())
	must(t, err)
	t.Cleanup(func() { must(t, server.Stop(context.Background())) })
	e := open(t)
	must(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return "correct horse " + marker, nil }))
	_, err = e.InitVault(t.Context(), InitVault{})
	must(t, err)
	key, err := e.key(t.Context())
	must(t, err)
	connection := server.Connection("postgres")
	connection.Params = map[string]string{"sslmode": "disable", "sslcert": "/home/" + marker}
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: connection, Before: "echo " + marker, After: "echo " + marker}, PutSandbox{Password: marker})
	must(t, err)
	run(t, server, "CREATE TABLE "+marker+" AS SELECT '"+marker+"' AS x", "postgres")
	_, err = e.CreateBackup(t.Context(), "shop", "deployed with "+marker, 0)
	must(t, err)
	must(t, e.update(t.Context(), func(c *config.Config) error {
		c.Tell.Webhook, c.Tell.Ping = "https://hooks.example/"+marker, "https://ping.example/"+marker
		return nil
	}))

	out := filepath.Join(t.TempDir(), "bundle.zip")
	must(t, e.Diagnostics(t.Context(), out))
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the bundle: %v %v", info, err)
	}
	all := ""
	z, err := zip.OpenReader(out)
	must(t, err)
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
		for _, secret := range []string{marker, string(key)} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds a secret:\n%s", f.Name, strings.ReplaceAll(string(text), string(key), "THE KEY"))
			}
		}
		all += f.Name + "\n" + string(text)
	}
	for _, want := range []string{"versions.json", `"go": "go1.`, "config.toml", `name = "shop"`, "(set, not shown)", `sslmode = "disable"`, "checkup.json", "PostgreSQL", "plans.json", "holdfast.log", "level=INFO msg=done", "daily 02:00", "runs.json", `"completed"`} {
		if !strings.Contains(all, want) {
			t.Errorf("the bundle lacks %s", want)
		}
	}
	if err := e.Diagnostics(t.Context(), out); backup.KindOf(err) != backup.Usage {
		t.Errorf("over a file that is there: %v", err)
	}
}
