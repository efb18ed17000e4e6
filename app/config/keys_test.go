package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
)

func TestEveryKeyIsDocumentedAndNoOther(t *testing.T) {
	t.Parallel()
	has := map[string]bool{}
	keysOf(reflect.TypeFor[config.Config](), "", has)
	for _, k := range config.Keys() {
		if !has[k.Name] {
			t.Errorf("%s is documented, but no key", k.Name)
		}
		if k.Means == "" {
			t.Errorf("%s has no meaning", k.Name)
		}
		delete(has, k.Name)
	}
	for name := range has {
		t.Errorf("%s is not documented", name)
	}
}

// keysOf collects the keys of a type, by their toml tags; a type that is written as one text is one.
func keysOf(typ reflect.Type, table string, has map[string]bool) {
	for f := range typ.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if f.Anonymous {
			keysOf(f.Type, table, has)
			continue
		}
		inner := f.Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		_, isText := reflect.New(inner).Interface().(interface{ UnmarshalText([]byte) error })
		if inner.Kind() == reflect.Struct && !isText {
			keysOf(inner, table+name+".", has)
			continue
		}
		has[table+name] = true
	}
}

func TestDocumentedDefaults(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, k := range config.Keys() {
		want[k.Name] = k.Default
	}
	rules := backup.DefaultRetention()
	got := map[string]string{
		"sandbox.keep.scheduled": rules.Scheduled.String(), "sandbox.keep.on_demand": rules.OnDemand.String(),
		"sandbox.keep.pre_restore": rules.PreRestore.String(), "sandbox.schedule": full().Sandboxes[1].Schedule.String(),
		"offsite.keep_removed": fmt.Sprint(config.Offsite{}.Lag().Hours()) + "h",
	}
	for _, s := range config.Settings() {
		got[s.Key] = s.Get(&config.Config{})
	}
	for name, value := range got {
		if want[name] != value {
			t.Errorf("the default of %s is documented as %q; it is %q", name, want[name], value)
		}
	}
}

func TestUnknownKeysAreToldAndKept(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"version = 2\n[vault]\npaht = \"/v\"\n":                                             `line 3 of the configuration has a key that nothing knows, "vault.paht", without effect; did you mean "vault.path"?`,
		"version = 2\n\n[valut]\npath = \"/v\"\n":                                           `line 3 of the configuration has a key that nothing knows, "valut", without effect; did you mean "vault"?`,
		"version = 2\n[[sandbox]]\nname = \"a\"\n[[sandbox]]\nname = \"b\"\nhots = \"x\"\n": `line 6 of the configuration has a key that nothing knows, "sandbox.hots", without effect; did you mean "sandbox.host"?`,
		"version = 2\n[[sandbox]]\nname = \"a\"\n[sandbox.keep]\nschedule = \"all\"\n":      `line 5 of the configuration has a key that nothing knows, "sandbox.keep.schedule", without effect; did you mean "sandbox.keep.scheduled"?`,
		"version = 2\nengine.wrokers = 3\n":                                                 `line 2 of the configuration has a key that nothing knows, "engine.wrokers", without effect; did you mean "engine.workers"?`,
		"version = 2\ncolour = \"green\"\n":                                                 `line 2 of the configuration has a key that nothing knows, "colour", without effect`,
	} {
		s := newStore(t)
		write(t, s.Path, text)
		c, warning, err := s.Load()
		if err != nil || warning != says {
			t.Errorf("%q:\ngot  %q, %v\nwant %q", text, warning, err, says)
			continue
		}
		if _, told, err := config.Parse([]byte(text)); err != nil || told != says {
			t.Errorf("imported: %q, %v", told, err)
		}
		save(t, s, c)
		if got := read(t, s.Path+".unknown-keys"); got != text {
			t.Errorf("kept: %q", got)
		}
		wantLoad(t, s, c, "")
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	const sandbox = "[[sandbox]]\nname = \"%s\"\n"
	a, b := fmt.Sprintf(sandbox, "a"), fmt.Sprintf(sandbox, "b")
	for text, says := range map[string]string{
		"version = 2\n[desktop]\n# \ntheme = \"pink\"\n":                                         `line 4: desktop.theme is "pink"`,
		"version = 2\n[desktop]\nscale = 9\n":                                                    "line 3: desktop.scale is 9",
		"version = 2\n[engine]\nworkers = \"many\"\n":                                            "line 3",
		"version = 2\n[vault\n":                                                                  "line 3", // where the parser noticed
		"version = 2\n[tell]\nwebhook = \"gopher://x\"\n":                                        "line 3: tell.webhook",
		"version = 2\n" + a + b + a:                                                              `line 7: two sandboxes have the name "a"`,
		"version = 2\n" + a + "[[sandbox]]\nhost = \"x\"\n":                                      "line 4: ",
		"version = 2\n" + a + b + "scheduled_what = \"all\"\n":                                   `line 6: the sandbox "b": scheduled_what`,
		"version = 2\n" + a + b + "[sandbox.params]\nsslmode = \"x\"\npassword = \"hunter2\"\n":  `line 8: the sandbox "b" has a password`,
		"version = 2\n" + a + "container = \"c\"\ncontainer_engine = \"rkt\"\n":                  `line 5: the sandbox "a": "rkt" is no container engine`,
		"version = 2\n[[offsite]]\nname = \"x y\"\nkind = \"folder\"\n":                          `line 3: "x y" is no name`,
		"version = 2\n[[offsite]]\nname = \"x\"\nkind = \"folder\"\npath = \"/c\"\nlimit = -1\n": "line 6: ",
	} {
		s := newStore(t)
		write(t, s.Path, text)
		_, _, err := s.Load()
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v; want %q", text, err, says)
		}
	}
}

func TestEarlierVersionIsMigratedAndKept(t *testing.T) {
	t.Parallel()
	text := read(t, filepath.Join("testdata", "version-1.toml"))
	s := newStore(t)
	write(t, s.Path, text)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	if err := os.Chtimes(s.Path, at, at); err != nil {
		t.Fatal(err)
	}
	c, warning, err := s.Load()
	if err != nil || warning != "" {
		t.Fatalf("%q, %v", warning, err)
	}
	if read(t, s.Path) != text {
		t.Error("reading it changed it")
	}
	one, err := c.Sandbox("shop")
	if err != nil || one.Connection.Port != 5499 || one.NoRestore || c.Vault.Path != "/home/ada/.local/share/holdfast/vault" {
		t.Errorf("%+v, %v", one, err)
	}
	if got := c.Sandboxes[0]; !got.Added.Equal(at) || got.Schedule.String() != "daily 02:00" || c.Version != config.Version {
		t.Errorf("version %d, added %s, %s", c.Version, got.Added, got.Schedule)
	}
	save(t, s, c)
	if got := read(t, s.Path+".version-1"); got != text {
		t.Errorf("kept: %q", got)
	}
	wantLoad(t, s, c, "")
}

func TestNewerVersionIsRefusedUndamaged(t *testing.T) {
	t.Parallel()
	const text = "version = 3\nworkers = {a = 1}\n[vault]\npath = [\"round\"]\n"
	for _, withCopy := range []bool{false, true} {
		s := newStore(t)
		if withCopy {
			save(t, s, full())
		}
		write(t, s.Path, text)
		c, _, err := s.Load()
		if c != nil || err == nil || !strings.Contains(err.Error(), "version is 3; this program reads up to version 2") ||
			!strings.Contains(backup.AsError(err).Hint, "newer Holdfast") {
			t.Errorf("copy %v: %v, %v", withCopy, c, err)
		}
		wantRefusedAndKept(t, s, "newer", text)
	}
	if _, _, err := config.Parse([]byte(text)); backup.KindOf(err) != backup.Usage {
		t.Errorf("imported: %v", err)
	}
}
