package secrets

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"

	"filippo.io/age"
	"github.com/tobischo/gokeepasslib/v3"
	"github.com/tobischo/gokeepasslib/v3/wrappers"
)

// writeAge writes a tar archive, sealed with a passphrase.
func writeAge(files []File, passphrase string, w io.Writer) error {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("seal the secrets: %w", err)
	}
	sealed, err := age.Encrypt(w, recipient)
	if err != nil {
		return fmt.Errorf("seal the secrets: %w", err)
	}
	archive := tar.NewWriter(sealed)
	for _, f := range files {
		err := archive.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o600, Size: int64(len(f.Text)), ModTime: f.Modified, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = archive.Write(f.Text)
		}
		if err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return sealed.Close()
}

// Argon2 as KeePass itself sets it; the library's own is far weaker.
const (
	keePassMemory = 64 << 20 // bytes
	keePassRounds = 10
)

// writeKeePass writes a KDBX 4 database: a group for each file, with the file attached.
func writeKeePass(files []File, passphrase string, w io.Writer) error {
	db := gokeepasslib.NewDatabase(gokeepasslib.WithDatabaseKDBXVersion40())
	db.Header.FileHeaders.KdfParameters.Memory = keePassMemory
	db.Header.FileHeaders.KdfParameters.Iterations = keePassRounds
	db.Credentials = gokeepasslib.NewPasswordCredentials(passphrase)
	db.Content.Meta.DatabaseName = "Holdfast secrets"
	top := gokeepasslib.NewGroup()
	top.Name = "Holdfast"
	for _, f := range files {
		group := gokeepasslib.NewGroup()
		group.Name = f.Name
		whole := keePassEntry(path.Base(f.Name), "", "")
		whole.Binaries = append(whole.Binaries, db.AddBinary(f.Text).CreateReference(path.Base(f.Name)))
		group.Entries = append(group.Entries, whole)
		for _, e := range f.entries() {
			group.Entries = append(group.Entries, keePassEntry(e.Key, e.Key, e.Value))
		}
		top.Groups = append(top.Groups, group)
	}
	db.Content.Root.Groups = []gokeepasslib.Group{top}
	if err := db.LockProtectedEntries(); err != nil {
		return errors.New("the KeePass database cannot be sealed") // the library's error may hold values
	}
	return gokeepasslib.NewEncoder(w).Encode(db)
}

func keePassEntry(title, user, password string) gokeepasslib.Entry {
	e := gokeepasslib.NewEntry()
	for _, field := range [][2]string{{"Title", title}, {"UserName", user}} {
		e.Values = append(e.Values, gokeepasslib.ValueData{Key: field[0], Value: gokeepasslib.V{Content: field[1]}})
	}
	e.Values = append(e.Values, gokeepasslib.ValueData{
		Key: "Password", Value: gokeepasslib.V{Content: password, Protected: wrappers.NewBoolWrapper(true)},
	})
	return e
}
