package envfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/backup/envfile"
)

func TestParse(t *testing.T) {
	t.Parallel()
	text := `# a comment
export B='single $HOME # no comment'
A=plain # comment
C="two
lines"
D="say \"hi\"\nthere"
A=last
HOST=db
URL=postgres://${HOST}/shop
EMPTY=
`
	want := []envfile.Entry{
		{"A", "last"},
		{"B", "single $HOME # no comment"},
		{"C", "two\nlines"},
		{"D", "say \"hi\"\nthere"},
		{"EMPTY", ""},
		{"HOST", "db"},
		{"URL", "postgres://db/shop"},
	}
	got, err := envfile.Parse([]byte(text))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestParseErrorsHoldNoText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"A=\"hunter2-marker", "-hunter2-marker-\n", "=hunter2-marker"} {
		_, err := envfile.Parse([]byte(text))
		if !errors.Is(err, envfile.ErrSyntax) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEntriesPassOverBrokenLines(t *testing.T) {
	t.Parallel()
	want := []envfile.Entry{{"A", "1"}, {"B", "two words"}, {"C", "3"}}
	got := envfile.Entries([]byte("A=1 # one\n-what is this\n#X=1\nexport B='two words'\nC=\"3\" more\nD\n"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzEntries(f *testing.F) {
	f.Add("A=1\nB=\"x\ny\"\n")
	f.Add("export A='$B' #\n=\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, e := range envfile.Entries([]byte(text)) {
			if e.Key == "" {
				t.Error("a variable without a name")
			}
		}
		envfile.Services([]byte(text))
	})
}

func TestReadTakesOnlyWhatIsMeant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := filepath.Join(dir, "long")
	if err := os.WriteFile(long, make([]byte, envfile.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := envfile.Read(long); !errors.Is(err, envfile.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	if _, err := envfile.Read(dir); !errors.Is(err, envfile.ErrNoFile) {
		t.Errorf("a folder: %v", err)
	}
}

func TestIsEnv(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		".env": true, ".env.local": true, ".env.production": true, ".envrc": true,
		".env.example": false, ".env.sample": false, ".env.template": false, ".env.local.dist": false, "env": false,
	} {
		if envfile.IsEnv(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	text := `services:
  web: {build: .}
  db:
    image: PostGIS/postgis:16
    ports: ["5432:5432"]
    environment: [POSTGRES_USER=ann, "POSTGRES_PASSWORD=${SECRET}"]
  cache:
    image: redis:7
    environment: {A: b}
`
	want := []envfile.Service{
		{Name: "cache", Image: "redis:7", Environment: map[string]string{"A": "b"}},
		{Name: "db", Image: "postgis/postgis:16", Ports: []any{"5432:5432"}, Environment: map[string]string{"POSTGRES_USER": "ann"}},
		{Name: "web", Environment: map[string]string{}},
	}
	if diff := cmp.Diff(want, envfile.Services([]byte(text))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := envfile.Services([]byte("services: [")); got != nil {
		t.Errorf("a torn file has services: %v", got)
	}
}
