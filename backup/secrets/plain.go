package secrets

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
)

// The longest texts that the managers take, in bytes, with room for what they add: Bitwarden keeps
// at most 10000 characters of its encrypted form, 5000 for a password.
const (
	bitwardenNote     = 7000
	bitwardenPassword = 3000
	onePasswordNote   = 60000
)

// bitwarden is the form of its export in JSON that is not encrypted.
type bitwarden struct {
	Encrypted bool              `json:"encrypted"`
	Folders   []bitwardenFolder `json:"folders"`
	Items     []bitwardenItem   `json:"items"`
}

type bitwardenFolder struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type bitwardenItem struct {
	ID         string          `json:"id"`
	FolderID   string          `json:"folderId"`
	Type       int             `json:"type"` // 1 login, 2 secure note
	Reprompt   int             `json:"reprompt"`
	Name       string          `json:"name"`
	Notes      *string         `json:"notes"`
	Favorite   bool            `json:"favorite"`
	Login      *bitwardenLogin `json:"login,omitempty"`
	SecureNote *struct {
		Type int `json:"type"`
	} `json:"secureNote,omitempty"`
}

type bitwardenLogin struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// writeBitwarden writes a folder for each file, with a login for each variable and the whole file
// as secure notes.
func writeBitwarden(files []File, w io.Writer) error {
	out := bitwarden{Folders: []bitwardenFolder{}, Items: []bitwardenItem{}}
	for _, f := range files {
		folder := bitwardenFolder{ID: identity("folder", f.Name, 0), Name: f.Name}
		out.Folders = append(out.Folders, folder)
		add := func(item bitwardenItem) {
			item.ID, item.FolderID = identity("item", f.Name, len(out.Items)), folder.ID
			out.Items = append(out.Items, item)
		}
		for _, e := range f.entries() {
			if len(e.Value) <= bitwardenPassword {
				add(bitwardenItem{Type: 1, Name: e.Key, Login: &bitwardenLogin{Username: e.Key, Password: e.Value}})
			}
		}
		titles, texts := f.notes(bitwardenNote)
		for i := range texts {
			add(bitwardenItem{Type: 2, Name: titles[i], Notes: &texts[i], SecureNote: &struct {
				Type int `json:"type"`
			}{}})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// identity makes an ID of the form that is expected; the same file gets the same ones.
func identity(kind, name string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", kind, n, name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8, as of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// writeOnePassword writes a line for each variable, and the whole file as lines with notes.
func writeOnePassword(files []File, w io.Writer) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"Title", "Website", "Username", "Password", "Tags", "Notes"}}
	for _, f := range files {
		for _, e := range f.entries() {
			lines = append(lines, []string{e.Key, "", e.Key, e.Value, f.Name, ""})
		}
		titles, texts := f.notes(onePasswordNote)
		for i := range texts {
			lines = append(lines, []string{titles[i], "", "", "", f.Name, texts[i]})
		}
	}
	return out.WriteAll(lines)
}
