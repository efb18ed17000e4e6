package workspace_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/backup/workspace"
)

func TestSearchFindsSecretsAndWhatIsNotCovered(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	write(t, at(".env"), `DATABASE_URL=postgres://ann:hunter2@localhost/shop
REDIS_URL=redis://:hunter2@localhost:6379/0
OTHER=mysql://ann:12/hunter2@localhost/x
ODD=redis://ann:hunter2@localhost/x@y
S3_ENDPOINT=http://ann:hunter2@127.0.0.1:9000
S3_BUCKET=pictures
AWS_SECRET_ACCESS_KEY=hunter2
`)
	write(t, at("api/.env.local"), "MONGO=mongodb://ann:hunter2@localhost:27017/x\nMONGO_AGAIN=mongodb://localhost:27017/x\nMONGODB_HOST=localhost\nMYSQL_HOST=db.example.org\nMYSQL_PASSWORD=hunter2\nSESSION_REDIS_HOST='a b'\nREDIS_HOST=\n")
	write(t, at(".env.example"), "REDIS_URL=redis://nowhere\n")
	write(t, at("node_modules/x/.env"), "A=1\n")
	write(t, at("compose.yaml"), "services:\n  cache: {image: 'redis:7'}\n  db: {image: 'postgres:17'}\n  old: {image: 'mariadb:11'}\n  ui: {image: 'redis-commander'}\n")
	write(t, at("data/app.sqlite3"), "SQLite format 3\x00 and so on")
	write(t, at("data/other.db"), "no database")
	write(t, at("public/uploads/2026/cat.jpg"), "cat")
	write(t, at("kept/uploads/cat.jpg"), "cat")
	write(t, at("src/storage/storage.go"), "package storage")
	write(t, at("storage/.gitkeep"), "")

	got := workspace.Search(t.Context(), dir, []string{at("kept")})
	want := workspace.Found{
		Secrets: []string{at(".env"), at("api/.env.local")},
		Uncovered: []workspace.Uncovered{
			{Kind: workspace.OtherDatabase, Name: "Redis at localhost:6379", Where: at(".env")},
			{Kind: workspace.ObjectStorage, Name: "bucket pictures", Where: at(".env")},
			{Kind: workspace.ObjectStorage, Name: "object storage at 127.0.0.1:9000", Where: at(".env")},
			{Kind: workspace.OtherDatabase, Name: "Redis in the service cache", Where: at("compose.yaml")},
			{Kind: workspace.OtherDatabase, Name: "MySQL in the service old", Where: at("compose.yaml")},
			{Kind: workspace.OtherDatabase, Name: "MongoDB at localhost:27017", Where: at("api/.env.local")},
			{Kind: workspace.OtherDatabase, Name: "MySQL at db.example.org", Where: at("api/.env.local")},
			{Kind: workspace.OtherDatabase, Name: "SQLite file " + at("data/app.sqlite3"), Where: at("data/app.sqlite3")},
			{Kind: workspace.Uploads, Name: at("public/uploads"), Where: at("public/uploads")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, u := range got.Uncovered {
		if u.Remedy("shop") == "" {
			t.Errorf("no remedy for %s", u.Name)
		}
	}
	if text, _ := json.Marshal(got); strings.Contains(string(text), "hunter2") {
		t.Errorf("a secret is given out: %s", text)
	}
	if got = workspace.Search(t.Context(), at("nowhere"), nil); got.Partial == "" {
		t.Error("a folder that is not there is not said")
	}
}

func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	write(t, filepath.Join(dir, strings.Repeat("d/", 12), ".env"), "A=1\n")
	if err := os.Symlink(dir, filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	if got := workspace.Search(t.Context(), dir, nil); len(got.Secrets) != 0 || got.Partial == "" {
		t.Errorf("got %+v", got)
	}
}

func TestSecretsAreKnownByFingerprint(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, "hunter2")
	write(t, b, "hunter2")
	key := []byte("key")
	list := workspace.Secrets([]string{b, a, a, filepath.Join(dir, "gone")}, key)
	if len(list) != 3 || list[0].Path != a || list[0].Print != list[1].Print || len(list[0].Print) != 32 || list[2].Problem == "" || list[0].Modified.IsZero() {
		t.Fatalf("got %+v", list)
	}
	if text, _ := json.Marshal(list); strings.Contains(string(text), "hunter2") {
		t.Errorf("a secret is given out: %s", text)
	}
	if workspace.Fingerprint([]byte("other"), []byte("hunter2")) == list[0].Print {
		t.Error("the fingerprint does not depend on the key")
	}
	write(t, a, "hunter3")
	if again := workspace.Secrets([]string{a}, key); again[0].Print == list[0].Print {
		t.Error("the change was not noticed")
	}
	if none := workspace.Secrets([]string{a}, nil); none[0].Print != "" || none[0].Problem != "" {
		t.Errorf("without a key: %+v", none)
	}
}

func TestCleanFolderAndFile(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	write(t, filepath.Join(dir, "real", "file"), "x")
	if err := os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if got, err := workspace.CleanFolder(filepath.Join(dir, "link")); err != nil || got != filepath.Join(dir, "real") {
		t.Errorf("got %s %v", got, err)
	}
	if got, err := workspace.CleanFile(filepath.Join(dir, "link", "file")); err != nil || got != filepath.Join(dir, "real", "file") {
		t.Errorf("got %s %v", got, err)
	}
	for _, bad := range []error{
		second(workspace.CleanFolder(filepath.Join(dir, "real", "file"))), second(workspace.CleanFile(dir)), second(workspace.CleanFolder(filepath.Join(dir, "none"))),
	} {
		if bad == nil {
			t.Error("it was accepted")
		}
	}
}

func second(_ string, err error) error { return err }

// Links to secret files count by what they lead to; links to folders are followed once, and never to
// a folder that holds the one that was named.
func TestSearchFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	code, at := filepath.Join(dir, "code"), func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	write(t, filepath.Join(code, "main.go"), "package main")
	write(t, at("secrets/dev"), "REDIS_URL=redis://localhost:6379\n")
	write(t, at("shelf/.env"), "A=1\n")
	write(t, at("shelf/uploads/cat.jpg"), "cat")
	run(t, at("shelf"), "init", "-q")
	for link, to := range map[string]string{
		".env": "../secrets/dev", ".env.gone": "nowhere", ".env.folder": "../secrets", "lib": "../shelf", "lib2": at("shelf"),
		"up": "..", "here": ".", "root": "/", "deep": "../shelf/uploads", "node_modules": "../secrets",
	} {
		if err := os.Symlink(to, filepath.Join(code, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../code", at("shelf/back")); err != nil {
		t.Fatal(err)
	}
	got := workspace.Search(t.Context(), code, nil)
	want := workspace.Found{
		Secrets: []string{at("secrets/dev"), at("shelf/.env")},
		Uncovered: []workspace.Uncovered{
			{Kind: workspace.OtherDatabase, Name: "Redis at localhost:6379", Where: at("secrets/dev")},
			{Kind: workspace.Uploads, Name: at("shelf/uploads"), Where: at("shelf/uploads")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	list, partial := workspace.Repositories(t.Context(), code)
	if len(list) != 1 || list[0].Path != at("shelf") || partial != "" {
		t.Errorf("repositories behind links: %+v, %q", list, partial)
	}
}
