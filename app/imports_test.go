package app_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rules says for each room what it may import beyond the standard library. The first rule
// whose room is a prefix of the package decides. A trailing slash means: and all below it.
var rules = []struct {
	room string
	may  []string
}{
	{"holdfast/app", []string{"*"}},
	{"holdfast/views", []string{"fyne.io/fyne/v2/", "holdfast/assets/", "holdfast/backup"}},
	{"holdfast/backup/rowsum", []string{"holdfast/backup", "github.com/zeebo/xxh3"}},
	{"holdfast/backup/pgarchive", []string{"holdfast/backup"}},
	{"holdfast/backup/export", []string{"holdfast/backup", "holdfast/backup/pgarchive", "holdfast/backup/rowsum", "filippo.io/age", "github.com/mholt/archiver/v4", "golang.org/x/"}},
	{"holdfast/backup/postgres", []string{"holdfast/backup", "holdfast/backup/envfile", "holdfast/backup/pgarchive", "holdfast/backup/rowsum", "github.com/jackc/pgx/v5/", "golang.org/x/"}},
	{"holdfast/backup/vault/mirror/mirrortest", []string{"*"}},
	{"holdfast/backup/vault/mirror", []string{
		"holdfast/backup", "holdfast/backup/vault", "github.com/kopia/kopia/", "golang.org/x/",
		"github.com/minio/minio-go/v7/", "github.com/pkg/sftp", "github.com/studio-b12/gowebdav",
	}},
	{"holdfast/backup/vault", []string{"holdfast/backup", "github.com/kopia/kopia/", "github.com/klauspost/compress/zstd", "github.com/zeebo/xxh3", "github.com/gofrs/flock", "golang.org/x/"}},
	{"holdfast/backup/media", []string{"holdfast/backup", "golang.org/x/"}},
	{"holdfast/backup/catalog", []string{"holdfast/backup", "modernc.org/sqlite/"}},
	{"holdfast/backup/envfile", []string{"github.com/joho/godotenv", "go.yaml.in/yaml/v3"}},
	{"holdfast/backup/secrets", []string{"holdfast/backup", "holdfast/backup/envfile", "filippo.io/age", "github.com/tobischo/gokeepasslib/v3/"}},
	{"holdfast/backup/workspace", []string{"holdfast/backup", "holdfast/backup/envfile"}},
	{"holdfast/backup/plan", []string{"holdfast/backup"}},
	{"holdfast/backup", nil},
	{"holdfast/platform", []string{
		"github.com/adrg/xdg", "github.com/zalando/go-keyring", "github.com/shirou/gopsutil/", "golang.org/x/",
		"github.com/gofrs/flock", "github.com/godbus/dbus/",
	}},
	{"holdfast/assets", nil},
	{"holdfast", []string{"holdfast/app"}},
}

func TestImportsKeepToTheirRooms(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "holdfast/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 8 {
		t.Fatalf("go list named %d packages; the house has more", len(lines))
	}
	for _, line := range lines {
		words := strings.Fields(line)
		for _, bad := range violations(words[0], words[1:]) {
			t.Errorf("%s may not import %s", words[0], bad)
		}
	}
}

// TestImportsGuideNamesEveryPackage compares the guide in doc.go with the packages that there are.
func TestImportsGuideNamesEveryPackage(t *testing.T) {
	out, err := exec.Command("go", "list", "holdfast/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	guide, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, m := range regexp.MustCompile(`(?m)^//   - (holdfast/[a-z/]+): \S`).FindAllStringSubmatch(string(guide), -1) {
		named = append(named, m[1])
	}
	for _, pkg := range strings.Fields(string(out)) {
		if pkg != "holdfast" && pkg != "holdfast/app" && !slices.Contains(named, pkg) {
			t.Errorf("doc.go does not name %s", pkg)
		}
	}
	for i, pkg := range named {
		if !slices.Contains(strings.Fields(string(out)), pkg) || slices.Contains(named[:i], pkg) {
			t.Errorf("doc.go names %s, which is not there, or twice", pkg)
		}
	}
}

func TestImportsPlantedViolationsAreCaught(t *testing.T) {
	for _, planted := range []struct{ from, to string }{
		{"holdfast/backup", "github.com/jackc/pgx/v5"},
		{"holdfast/backup", "holdfast/platform"},
		{"holdfast/backup/vault", "holdfast/backup/postgres"},
		{"holdfast/backup/media", "holdfast/platform"},
		{"holdfast/backup/workspace", "holdfast/backup/catalog"},
		{"holdfast/backup/vault", "holdfast/backup/vault/mirror"},
		{"holdfast/backup/vault/mirror", "holdfast/backup/catalog"},
		{"holdfast/backup/catalog", "github.com/kopia/kopia/repo"},
		{"holdfast/views", "fyne.io/fyne/v2/app"},
		{"holdfast/views", "holdfast/backup/vault"},
		{"holdfast/platform", "holdfast/backup"},
		{"holdfast/assets", "golang.org/x/sys/unix"},
		{"holdfast/app/command", "fyne.io/fyne/v2/app"},
		{"holdfast", "holdfast/backup"},
		{"holdfast/backup/postgres", "holdfast/backup/postgres/pgcompare"},
		{"holdfast/app/command", "holdfast/backup/postgres/pgcompare"},
		{"holdfast/app/command", "holdfast/backup/vault/mirror/mirrortest"},
		{"holdfast/app/engine", "holdfast/backup/tally"},
		{"holdfast/backup/vault", "holdfast/backup/testkit"},
	} {
		if len(violations(planted.from, []string{planted.to})) != 1 {
			t.Errorf("%s importing %s was not caught", planted.from, planted.to)
		}
	}
}

// violations gives those imports that the package may not have.
func violations(pkg string, imports []string) []string {
	var bad []string
	for _, to := range imports {
		if !standard(to) && !allowed(pkg, to) {
			bad = append(bad, to)
		}
	}
	return bad
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "holdfast"
}

func allowed(pkg, to string) bool {
	if strings.HasPrefix(to, "fyne.io/fyne/v2/app") {
		return within(pkg, "holdfast/app/desktop") // the one package that opens windows
	}
	if to == "holdfast/backup/postgres/pgcompare" || to == "holdfast/backup/vault/mirror/mirrortest" || to == "holdfast/backup/tally" || to == "holdfast/backup/testkit" {
		return false // for tests only, which are not looked at here
	}
	for _, rule := range rules {
		if within(pkg, rule.room) {
			return slices.ContainsFunc(rule.may, func(may string) bool {
				return may == "*" || to == strings.TrimSuffix(may, "/") || strings.HasSuffix(may, "/") && strings.HasPrefix(to, may)
			})
		}
	}
	return false
}

func within(pkg, room string) bool { return pkg == room || strings.HasPrefix(pkg, room+"/") }
