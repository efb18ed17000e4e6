// Package secrets writes secret files in forms that keep them: sealed with a passphrase, or as
// what password managers import.
//
// Each file goes along whole, byte for byte, and what it has as KEY=VALUE goes along as entries
// too, so that nothing depends on how it is read. Sealed forms are age (a tar archive in it) and
// KeePass; the others are plain text, see Plain.
//
// Hazard: what is written is secret. Nothing is kept, logged or put into an error.
package secrets

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/backup"
	"holdfast/backup/envfile"
)

// Format is a form of export.
type Format string

// The forms.
const (
	Age         Format = "age"
	Bitwarden   Format = "bitwarden"
	OnePassword Format = "1password"
	KeePass     Format = "keepass"
)

// Formats gives all of them.
func Formats() []Format { return []Format{Age, Bitwarden, OnePassword, KeePass} }

// ParseFormat reads a form's name.
func ParseFormat(text string) (Format, error) {
	if f := Format(text); slices.Contains(Formats(), f) {
		return f, nil
	}
	names := make([]string, len(Formats()))
	for i, f := range Formats() {
		names[i] = string(f)
	}
	return "", backup.Errorf(backup.Usage, backup.Meant(text, names, "Choose age, bitwarden, 1password or keepass."), "there is no format %q", text)
}

// Plain says whether whoever can read the file has the secrets.
func (f Format) Plain() bool { return f == Bitwarden || f == OnePassword }

// Open says how a written file is read or imported.
func (f Format) Open(path string) string {
	switch f {
	case Age:
		return "Open it: age -d " + path + " | tar -xv"
	case KeePass:
		return "Open it with KeePass, KeePassXC or another program for .kdbx files."
	case Bitwarden:
		return "Import it: Bitwarden, Tools, Import data, format Bitwarden (json)."
	default:
		return "Import it: 1Password, Import, Other, and choose this CSV file."
	}
}

// File is one secret file.
type File struct {
	Name     string // with slashes, below the sandbox's name: "shop/.env"
	Text     []byte
	Modified time.Time
}

// Write writes files to w. A sealed format needs a passphrase.
func Write(f Format, files []File, passphrase string, w io.Writer) error {
	if !f.Plain() && passphrase == "" {
		return backup.Errorf(backup.Usage, "Give it with --seal-file FILE.", "the format %s needs a passphrase", f)
	}
	switch f {
	case Age:
		return writeAge(files, passphrase, w)
	case KeePass:
		return writeKeePass(files, passphrase, w)
	case Bitwarden:
		return writeBitwarden(files, w)
	default:
		return writeOnePassword(files, w)
	}
}

// entries gives the variables of a file that have a value; none when it is not such a file.
func (f File) entries() []envfile.Entry {
	list, err := envfile.Parse(f.Text)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(e envfile.Entry) bool {
		return e.Value == "" || !utf8.ValidString(e.Value) || strings.ContainsRune(e.Value, 0)
	})
}

// notes gives the whole file as texts of at most size bytes, each with a title. Bytes that are no
// text are written in base64, and the title says so.
func (f File) notes(size int) (titles, texts []string) {
	name, text := f.Name, string(f.Text)
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		name, text = name+" (base64)", base64.StdEncoding.EncodeToString(f.Text)
	}
	for len(text) > size {
		end := size
		for !utf8.RuneStart(text[end]) {
			end--
		}
		texts, text = append(texts, text[:end]), text[end:]
	}
	texts = append(texts, text)
	for i := range texts {
		title := name
		if len(texts) > 1 {
			title = fmt.Sprintf("%s, part %d of %d", name, i+1, len(texts))
		}
		titles = append(titles, title)
	}
	return titles, texts
}
