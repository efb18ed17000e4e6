package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/plan"
)

func newStore(t *testing.T) config.Store {
	t.Helper()
	return config.Store{Path: filepath.Join(t.TempDir(), "config.toml")}
}

// added has the file's resolution.
var added = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// schedules are equal when their texts are.
var schedules = cmp.Comparer(func(a, b plan.Schedule) bool { return a.String() == b.String() })

func full() *config.Config {
	weekly, err := plan.Parse("weekly mon 03:00")
	if err != nil {
		panic(err) // the text is ours
	}
	return &config.Config{
		Version: config.Version,
		Vault:   config.Vault{Path: "/vaults/ü \"quoted\""},
		Engine:  config.Engine{Workers: 3, Tools: "/usr/lib/postgresql/18/bin"},
		Sandboxes: []config.Sandbox{
			{
				Name: "shop", Host: "db.example", Port: 5433, Database: "shop \"x\"\nline", User: "ada",
				Params:        map[string]string{"sslmode": "verify-full", "sslrootcert": "/c.pem"},
				ExcludeTables: []string{"public.log*", "tmp?"}, Schemas: []string{"public", "app"},
				Before: "docker compose pause 'web'", After: "docker compose unpause web", AllowRestore: true,
				Schedule: weekly, Added: added,
			},
			{Name: "blog", Container: "blog-db-1", ContainerEngine: "podman", Host: "/run/postgresql", Database: "blog", Schedule: plan.Default(), Added: added},
		},
	}
}

func save(t *testing.T, s config.Store, c *config.Config) {
	t.Helper()
	if err := s.Save(c); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantLoad checks what Load gives; warning is a part of the warning, "" means: none.
func wantLoad(t *testing.T, s config.Store, want *config.Config, warning string) {
	t.Helper()
	got, warned, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, schedules); diff != "" {
		t.Error(diff)
	}
	if (warned == "") != (warning == "") || !strings.Contains(warned, warning) {
		t.Errorf("the warning is %q, want %q", warned, warning)
	}
}

func TestConfigComesBackWithEveryField(t *testing.T) {
	s := newStore(t)
	for range 2 { // saved, loaded, saved again
		save(t, s, full())
		wantLoad(t, s, full(), "")
	}
}

func TestFirstStartIsEmpty(t *testing.T) {
	wantLoad(t, newStore(t), &config.Config{Version: config.Version}, "")
}

func TestSavedFileExplainsItselfAndHoldsEverySetting(t *testing.T) {
	s := newStore(t)
	save(t, s, full())
	text := read(t, s.Path)
	head, body, found := strings.Cut(text, "\n\n")
	if !found || !strings.HasPrefix(head, "# Holdfast's configuration.") {
		t.Fatalf("the file begins with %q", head)
	}
	for _, line := range strings.Split(body, "\n") {
		key, _, isSetting := strings.Cut(strings.TrimSpace(line), " = ")
		if isSetting && !strings.HasPrefix(key, "ssl") && !strings.Contains(head, key) {
			t.Errorf("the head of the file does not explain %s", key)
		}
	}
	if strings.Contains(strings.ToLower(body), "password") {
		t.Errorf("the file has a place for a password:\n%s", body)
	}
}

func TestPasswordsAreRefused(t *testing.T) {
	for _, key := range []string{"password", "sslpassword"} {
		c, s := full(), newStore(t)
		c.Sandboxes[0].Params[key] = "hunter2"
		if err := s.Save(c); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: Save gives %v", key, err)
		}
		if _, err := os.Stat(s.Path); err == nil {
			t.Errorf("%s was saved", key)
		}
		write(t, s.Path, "version = 1\n[[sandbox]]\nname = \"shop\"\n[sandbox.params]\n"+key+" = \"hunter2\"\n")
		if _, _, err := s.Load(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: Load gives %v", key, err)
		}
	}
}

var broken = map[string]struct{ text, says string }{
	"no TOML":                {"version = 1\n[vault\n", "end table name"},
	"wrong type":             {"version = 1\n[engine]\nworkers = \"many\"\n", "workers"},
	"no version":             {"[vault]\npath = \"/v\"\n", "version"},
	"no bytes":               {"", "version"},
	"torn":                   {"version = 1\n[[sandbox]]\nname = \"sh", "line 3"},
	"engine of no kind":      {"version = 1\n[[sandbox]]\nname = \"a\"\ncontainer = \"c\"\ncontainer_engine = \"rkt\"\n", `"rkt" is no container engine`},
	"container as an option": {"version = 1\n[[sandbox]]\nname = \"a\"\ncontainer = \"-v\"\ncontainer_engine = \"docker\"\n", `"-v" is no name of a container`},
	"engine alone":           {"version = 1\n[[sandbox]]\nname = \"a\"\ncontainer_engine = \"docker\"\n", `"" is no name of a container`},
	"two of one name":        {"version = 1\n[[sandbox]]\nname = \"a\"\n[[sandbox]]\nname = \"a\"\n", `two sandboxes have the name "a"`},
	"a name that is none":    {"version = 1\n[[sandbox]]\nname = \"../x\"\n", "no name for a sandbox"},
	"a sandbox without name": {"version = 1\n[[sandbox]]\nhost = \"x\"\n", "no name"},
}

func TestBrokenFileWithoutACopyIsAnError(t *testing.T) {
	for name, c := range broken {
		s := newStore(t)
		write(t, s.Path, c.text)
		got, _, err := s.Load()
		if err == nil || got != nil || !strings.Contains(err.Error(), c.says) || backup.AsError(err).Hint == "" {
			t.Errorf("%s: %v, %v; want %q and a hint", name, got, err, c.says)
		}
		wantRefusedAndKept(t, s, name, c.text)
	}
}

func TestBrokenFileIsReplacedByItsCopyInMemoryOnly(t *testing.T) {
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			save(t, s, full())
			write(t, s.Path, c.text)
			wantLoad(t, s, full(), c.says)
			wantRefusedAndKept(t, s, name, c.text)
			wantLoad(t, s, full(), c.says) // the copy is still there
		})
	}
}

func wantRefusedAndKept(t *testing.T, s config.Store, name, text string) {
	t.Helper()
	if err := s.Save(full()); err == nil {
		t.Errorf("%s: saved over it", name)
	}
	if got := read(t, s.Path); got != text {
		t.Errorf("%s: the file was changed to %q", name, got)
	}
}

func TestBrokenFileWithABrokenCopyIsAnError(t *testing.T) {
	s := newStore(t)
	write(t, s.Path, "version = ")
	write(t, s.LastGood(), "version = ")
	if c, _, err := s.Load(); err == nil {
		t.Errorf("got %v", c)
	}
}

func TestOwnEditIsKeptAsTheLastGoodOne(t *testing.T) {
	s := newStore(t)
	save(t, s, full())
	edited := full()
	edited.Engine.Workers = 8
	write(t, s.Path, strings.Replace(read(t, s.Path), "workers = 3", "workers = 8", 1))
	wantLoad(t, s, edited, "")
	write(t, s.Path, "torn")
	wantLoad(t, s, edited, "last good copy")
}

func TestLostFileComesFromItsCopy(t *testing.T) {
	s := newStore(t)
	save(t, s, full())
	if err := os.Remove(s.Path); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, full(), "is gone")
	save(t, s, full())
	wantLoad(t, s, full(), "")
	if err := os.Remove(s.Path); err != nil {
		t.Fatal(err)
	}
	write(t, s.LastGood(), "torn")
	wantLoad(t, s, &config.Config{Version: config.Version}, "")
}

// A link that leads to itself cannot be read by anybody, root included.
func TestSaveRefusesAFileThatCannotBeRead(t *testing.T) {
	s := newStore(t)
	if err := os.Symlink(s.Path, s.Path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Load(); err == nil {
		t.Error("it was loaded")
	}
	if err := s.Save(full()); err == nil {
		t.Error("it was saved over")
	}
	if info, err := os.Lstat(s.Path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info, err)
	}
}

func TestCopyThatCannotBeWrittenIsAWarning(t *testing.T) {
	s := newStore(t)
	write(t, s.Path, "version = 2\n")
	if err := os.MkdirAll(filepath.Join(s.LastGood(), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, &config.Config{Version: config.Version}, "cannot be written")
}

func TestSaveRefusesWhatItCouldNotReadAgain(t *testing.T) {
	s := newStore(t)
	save(t, s, full())
	before := read(t, s.Path)
	twice, nameless := full(), full()
	twice.Sandboxes[1].Name = "shop"
	nameless.Sandboxes[1].Name = ""
	for _, c := range []*config.Config{twice, nameless} {
		if err := s.Save(c); err == nil {
			t.Error("saved")
		}
	}
	if read(t, s.Path) != before || read(t, s.LastGood()) != before {
		t.Error("the files were changed")
	}
}

func TestSandboxesArePutFoundAndRemoved(t *testing.T) {
	c := full()
	want := backup.Sandbox{
		Name:          "shop",
		Connection:    backup.Connection{Host: "h", Port: 1, Database: "d", User: "u", Params: map[string]string{"sslmode": "disable"}},
		ExcludeTables: []string{"a"}, Schemas: []string{"b"}, Before: "c", After: "d", NoRestore: true,
	}
	for _, name := range []string{"shop", "wiki"} { // replaced, added
		want.Name = name
		c.Put(want, added.Add(time.Hour+time.Millisecond))
		got, err := c.Sandbox(name)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	if len(c.Sandboxes) != 3 {
		t.Fatalf("%d sandboxes, want 3", len(c.Sandboxes))
	}
	for i, want := range []config.Sandbox{full().Sandboxes[0], full().Sandboxes[1], {Schedule: plan.Default(), Added: added.Add(time.Hour)}} {
		if got := c.Sandboxes[i]; got.Schedule.String() != want.Schedule.String() || !got.Added.Equal(want.Added) {
			t.Errorf("%s is backed up %s since %s", got.Name, got.Schedule, got.Added)
		}
	}
	if err := c.Remove("shop"); err != nil {
		t.Fatal(err)
	}
	_, err := c.Sandbox("shop")
	for _, err := range []error{err, c.Remove("shop")} {
		if backup.KindOf(err) != backup.Usage || !strings.Contains(backup.AsError(err).Hint, "blog, wiki") {
			t.Errorf("a sandbox that is gone: %v", err)
		}
	}
	if _, err := new(config.Config).Sandbox("shop"); backup.KindOf(err) != backup.Usage || !strings.Contains(err.Error(), "nor any other") {
		t.Errorf("no sandbox at all: %v", err)
	}
}
