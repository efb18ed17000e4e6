package secrets_test

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/tobischo/gokeepasslib/v3"

	"holdfast/backup"
	"holdfast/backup/secrets"
)

const phrase = "correct horse"

var when = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// files are what every format must keep: variables over many lines, a file that is no .env, bytes
// that are no text, a file longer than one note, and an empty one.
func files() []secrets.File {
	return []secrets.File{
		{Name: "shop/.env", Text: []byte("TOKEN=marker-1 # live\nKEY=\"-----BEGIN-----\nmarker,\\\"2\\\"\n-----END-----\"\nEMPTY=\n"), Modified: when},
		{Name: "shop/broken", Text: []byte("A=\"marker-3 has no end\r\n"), Modified: when},
		{Name: "shop/store.jks", Text: []byte("\x00\xff\xfemarker-4"), Modified: when},
		{Name: "shop/long.pem", Text: []byte("x" + strings.Repeat("ü", 40000)), Modified: when},
		{Name: "shop/.env.empty", Modified: when},
	}
}

func written(t *testing.T, f secrets.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := secrets.Write(f, files(), phrase, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// entries are the variables that must be found as such.
var entries = map[string]string{"TOKEN": "marker-1", "KEY": "-----BEGIN-----\nmarker,\"2\"\n-----END-----"}

func TestAge(t *testing.T) {
	t.Parallel()
	sealed := written(t, secrets.Age)
	if bytes.Contains(sealed, []byte("marker")) {
		t.Error("a secret is in clear")
	}
	identity, err := age.NewScryptIdentity(phrase)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(opened)
	for _, want := range files() {
		head, err := archive.Next()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil || head.Name != want.Name || !bytes.Equal(text, want.Text) || head.Mode != 0o600 || !head.ModTime.Equal(when) {
			t.Errorf("%s: %v, mode %o, %d bytes", head.Name, err, head.Mode, len(text))
		}
	}
	if _, err := archive.Next(); err != io.EOF {
		t.Errorf("more than was written: %v", err)
	}
}

func TestKeePass(t *testing.T) {
	t.Parallel()
	sealed := written(t, secrets.KeePass)
	if bytes.Contains(sealed, []byte("marker")) {
		t.Error("a secret is in clear")
	}
	db := gokeepasslib.NewDatabase()
	db.Credentials = gokeepasslib.NewPasswordCredentials(phrase)
	if err := gokeepasslib.NewDecoder(bytes.NewReader(sealed)).Decode(db); err != nil {
		t.Fatal(err)
	}
	if k := db.Header.FileHeaders.KdfParameters; k.Memory < 64<<20 || k.Iterations < 10 {
		t.Errorf("the key is derived too cheaply: %d bytes, %d rounds", k.Memory, k.Iterations)
	}
	if err := db.UnlockProtectedEntries(); err != nil {
		t.Fatal(err)
	}
	groups := db.Content.Root.Groups[0].Groups
	got := map[string]string{}
	for i, want := range files() {
		whole := groups[i].Entries[0]
		if groups[i].Name != want.Name || len(whole.Binaries) != 1 {
			t.Fatalf("group %s, want %s", groups[i].Name, want.Name)
		}
		text := db.FindBinary(whole.Binaries[0].Value.ID).Content
		if !bytes.Equal(text, want.Text) {
			t.Errorf("%s: %d bytes, want %d", want.Name, len(text), len(want.Text))
		}
		for _, e := range groups[i].Entries[1:] {
			got[e.GetTitle()] = e.GetPassword()
			if !e.Get("Password").Value.Protected.Bool {
				t.Errorf("%s is shown as text", e.GetTitle())
			}
		}
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	db.Credentials = gokeepasslib.NewPasswordCredentials("wrong")
	if gokeepasslib.NewDecoder(bytes.NewReader(sealed)).Decode(db) == nil {
		t.Error("any passphrase opens it")
	}
}

// rejoined puts the notes of a file together again.
func rejoined(t *testing.T, notes map[string][]string, f secrets.File) {
	t.Helper()
	var text string
	for _, part := range notes[f.Name] {
		text += part
	}
	if raw, ok := notes[f.Name+" (base64)"]; ok {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(raw, ""))
		if err != nil {
			t.Error(err)
		}
		text = string(decoded)
	}
	if text != string(f.Text) {
		t.Errorf("%s: %d bytes, want %d", f.Name, len(text), len(f.Text))
	}
}

// bitwardenFile is the JSON that Bitwarden exports without encryption, and imports, as its help
// describes it ("Condition a Bitwarden .json"), as far as we write it. Names are exact; of the types 1
// is a login and 2 a secure note, whose own type is 0. What a person may leave empty is null or away.
type bitwardenFile struct {
	Encrypted bool `json:"encrypted"`
	Folders   []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"folders"`
	Items []struct {
		ID       string  `json:"id"`
		FolderID string  `json:"folderId"`
		Type     int     `json:"type"`
		Reprompt int     `json:"reprompt"`
		Name     string  `json:"name"`
		Notes    *string `json:"notes"`
		Favorite bool    `json:"favorite"`
		Login    *struct {
			Username string `json:"username"`
			Password string `json:"password"`
		} `json:"login"`
		SecureNote *struct {
			Type int `json:"type"`
		} `json:"secureNote"`
	} `json:"items"`
}

func TestBitwarden(t *testing.T) {
	t.Parallel()
	var out bitwardenFile
	strict := json.NewDecoder(bytes.NewReader(written(t, secrets.Bitwarden)))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&out); err != nil {
		t.Fatal(err)
	}
	if _, err := strict.Token(); err != io.EOF {
		t.Errorf("more follows: %v", err)
	}
	folders, ids := map[string]string{}, map[string]bool{}
	for _, f := range out.Folders {
		folders[f.ID] = f.Name
	}
	got, notes := map[string]string{}, map[string][]string{}
	for _, item := range out.Items {
		if ids[item.ID] || len(item.ID) != 36 || folders[item.FolderID] == "" {
			t.Errorf("item %q has the ID %q in the folder %q", item.Name, item.ID, item.FolderID)
		}
		ids[item.ID] = true
		switch {
		case item.Type == 1 && item.Login != nil && item.SecureNote == nil && item.Login.Username == item.Name:
			got[item.Name] = item.Login.Password
		case item.Type == 2 && item.SecureNote != nil && item.SecureNote.Type == 0 && item.Login == nil && item.Notes != nil && len(*item.Notes) <= 7000:
			name, _, _ := strings.Cut(item.Name, ", part ")
			notes[name] = append(notes[name], *item.Notes)
		default:
			t.Errorf("item %q is neither a login nor a note that fits", item.Name)
		}
	}
	if diff := cmp.Diff(entries, got); diff != "" || out.Encrypted {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, f := range files() {
		rejoined(t, notes, f)
	}
}

func TestOnePassword(t *testing.T) {
	t.Parallel()
	raw := written(t, secrets.OnePassword)
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\x01\n")) // the reader would make \n of it
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Title", "Website", "Username", "Password", "Tags", "Notes"}, lines[0]); diff != "" {
		t.Error(diff)
	}
	got, notes := map[string]string{}, map[string][]string{}
	for _, line := range lines[1:] {
		if line[3] != "" {
			got[line[0]] = line[3]
			continue
		}
		name, _, _ := strings.Cut(line[0], ", part ")
		notes[name] = append(notes[name], strings.ReplaceAll(line[5], "\x01", "\r"))
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, f := range files() {
		rejoined(t, notes, f)
	}
}

func TestSealedFormatsNeedAPassphrase(t *testing.T) {
	t.Parallel()
	for _, f := range secrets.Formats() {
		var out bytes.Buffer
		err := secrets.Write(f, files(), "", &out)
		if f.Plain() != (err == nil) || err != nil && (backup.KindOf(err) != backup.Usage || out.Len() > 0) {
			t.Errorf("%s: %v", f, err)
		}
	}
	if _, err := secrets.ParseFormat("zip"); backup.KindOf(err) != backup.Usage {
		t.Errorf("an unknown format: %v", err)
	}
}
