package vault

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/backup"
)

// formatFiles are the two files without which no key opens the vault. Kopia keeps them once; we
// keep a copy of each, for one flipped bit in them would cost every backup. They hold nothing
// that helps without the key.
//
// Hazard: while the copies are those of an old key, it goes on opening the vault; see ChangeKey.
var formatFiles = [...]string{formatFile, "kopia.blobcfg.f"}

// copyOf names the copy of a format file.
func copyOf(name string) string { return "holdfast.copy-of-" + name[:len(name)-len(".f")] }

// readFormat reads the format files; one that is not there is nil.
func readFormat(path string) (texts [len(formatFiles)][]byte, err error) {
	for i, name := range formatFiles {
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return texts, err
		}
		texts[i] = text
	}
	return texts, nil
}

// copyFormat brings the copies up to what opened the vault. A full disk does not matter here. Who
// calls it makes sure that no other process changed the key since: see KeyChanged.
func (v *Vault) copyFormat() error {
	for i, name := range formatFiles {
		path := filepath.Join(v.opts.Path, copyOf(name))
		if have, err := os.ReadFile(path); v.format[i] == nil || err == nil && bytes.Equal(have, v.format[i]) {
			continue
		}
		if err := replaceFile(path, v.format[i]); err != nil && !isNoSpace(err) {
			return err
		}
	}
	return nil
}

// shardsFile says how blobs are spread over folders; every vault that is made here has the same.
const shardsFile = ".shards"

const shardsText = `{"default":[1],"maxNonShardedLength":20}` + "\n"

// repairShards opens a vault whose shardsFile was damaged. When that does not help, first is returned
// and nothing changed.
func repairShards(ctx context.Context, o Options, key string, first error) (*Vault, error) {
	path := filepath.Join(o.Path, shardsFile)
	have, err := os.ReadFile(path)
	if err != nil || string(have) == shardsText {
		return nil, first
	}
	l, err := (&Vault{opts: o}).acquire(ctx, true, 0, "a repair")
	if err != nil {
		return nil, first
	}
	if err := replaceFile(path, []byte(shardsText)); err != nil {
		return nil, errors.Join(first, l.release(!l.dirty))
	}
	v, err := connect(ctx, o, key)
	if err != nil {
		return nil, errors.Join(first, replaceFile(path, have), l.release(!l.dirty))
	}
	v.warn("The file " + shardsFile + " of the vault was damaged and was written anew. Check the disk that holds the vault.")
	return v, l.release(!l.dirty)
}

// repairFormat opens a vault whose format files were damaged with their copies. When there are
// none, or they are what is there, or they do not help, first is returned and nothing changed.
func repairFormat(ctx context.Context, o Options, key string, first error) (*Vault, error) {
	damaged, err := readFormat(o.Path)
	if err != nil {
		return nil, first
	}
	l, err := (&Vault{opts: o}).acquire(ctx, true, 0, "a repair")
	if err != nil {
		return nil, first
	}
	v, err := tryCopies(ctx, o, key, damaged)
	if err != nil {
		return nil, errors.Join(first, l.release(!l.dirty))
	}
	if unfinishedChange(o.Path) == nil {
		v.warn("The file that the key opens was damaged; its copy took its place. Check the disk that holds the vault.")
	}
	return v, l.release(!l.dirty)
}

// tryCopies puts the copies in place, and what was there back if they do not open the vault.
func tryCopies(ctx context.Context, o Options, key string, damaged [len(formatFiles)][]byte) (v *Vault, err error) {
	changed := false
	for i, name := range formatFiles {
		text, err := os.ReadFile(filepath.Join(o.Path, copyOf(name)))
		if err != nil || bytes.Equal(text, damaged[i]) {
			continue
		}
		changed = true
		if err := replaceFile(filepath.Join(o.Path, name), text); err != nil {
			return nil, err
		}
	}
	if !changed {
		return nil, backup.Errorf(backup.Damaged, "", "the copies are no different")
	}
	if v, err = connect(ctx, o, key); err == nil {
		return v, nil
	}
	for i, name := range formatFiles {
		if damaged[i] != nil {
			err = errors.Join(err, replaceFile(filepath.Join(o.Path, name), damaged[i]))
		}
	}
	return nil, err
}
