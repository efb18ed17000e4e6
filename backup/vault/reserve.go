package vault

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// reserveSize is what is kept back so that a deletion works on a full disk: Kopia writes a new
// index, some 50 bytes for each MB that goes, before it removes anything.
const reserveSize = 4 << 20

// spendReserve gives the reserve up when the disk is nearly full.
func (v *Vault) spendReserve() error {
	free, err := v.Free()
	if err != nil || free > 4*reserveSize {
		return err
	}
	return ignoreMissing(os.Remove(filepath.Join(v.opts.Path, reserveFile)))
}

// refillReserve makes the reserve when it is missing and there is room. It is filled with noise:
// some file systems keep anything else in no space at all.
func (v *Vault) refillReserve() error {
	path := filepath.Join(v.opts.Path, reserveFile)
	if info, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) && (err != nil || info.Size() == reserveSize) {
		return err
	}
	free, err := v.Free()
	if err != nil || free < 5*reserveSize {
		return err
	}
	noise := make([]byte, reserveSize)
	rand.Read(noise) // never fails: crypto/rand ends the program instead
	if err := replaceFile(path, noise); err != nil && !isNoSpace(err) {
		return err
	}
	return nil
}
