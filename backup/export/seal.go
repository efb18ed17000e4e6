package export

import (
	"fmt"
	"io"

	"filippo.io/age"

	"holdfast/backup"
)

// Seal gives a writer that encrypts what is written to it for a passphrase, in age's format, and
// writes that to to. Close completes it, and does not close to. The stock tool opens it: age -d.
func Seal(to io.Writer, passphrase string) (io.WriteCloser, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, &backup.Error{Kind: backup.Usage, Text: "the passphrase to seal with is empty", Hint: "Its file must have it in the first line.", Err: err}
	}
	sealed, err := age.Encrypt(to, recipient)
	if err != nil {
		return nil, fmt.Errorf("seal the download: %w", err)
	}
	return sealed, nil
}

// unseal opens what Seal wrote, at any place.
func unseal(from io.ReaderAt, size int64, passphrase string) (io.ReaderAt, int64, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, 0, fmt.Errorf("open the sealed download: %w", err)
	}
	plain, n, err := age.DecryptReaderAt(from, size, identity)
	if err != nil {
		return nil, 0, fmt.Errorf("open the sealed download: %w", err)
	}
	return plain, n, nil
}
