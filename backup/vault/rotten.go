package vault

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"

	"holdfast/backup"
)

// rotten is the list of contents that a check could not read, as it is on disk. A later backup must not
// be made of them by finding them in the index: while there are some, backups are stored under names of
// their own, which shares nothing with what is damaged.
type rotten struct {
	Contents []string `json:"contents"`
}

// afreshLetters begin the names of contents that are stored anew, in turn. Kopia leaves g to z to its
// callers; it uses k, m and x itself.
const afreshLetters = "rstuvw"

// rotten gives the contents on the list. One that cannot be read names none.
func (v *Vault) rotten() (map[content.ID]error, error) {
	text, err := os.ReadFile(filepath.Join(v.opts.Path, rottenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return map[content.ID]error{}, nil
	}
	var list rotten
	if err == nil && json.Unmarshal(text, &list) != nil {
		list = rotten{} // the next full check finds them again
	}
	bad := map[content.ID]error{}
	for _, name := range list.Contents {
		if id, err := content.ParseID(name); err == nil {
			bad[id] = errRotten
		}
	}
	return bad, err
}

var errRotten = errors.New("a check found it damaged")

// noteRotten replaces the list. That a vault cannot be written to now is said, and no error: who only
// reads from it must be able to.
func (v *Vault) noteRotten(bad map[content.ID]error) {
	have, err := v.rotten()
	if err == nil && maps.EqualFunc(have, bad, func(error, error) bool { return true }) {
		return
	}
	path := filepath.Join(v.opts.Path, rottenFile)
	if len(bad) == 0 {
		err = errors.Join(ignoreMissing(os.Remove(path)), syncFolder(v.opts.Path))
	} else {
		var list rotten
		for id := range bad {
			list.Contents = append(list.Contents, id.String())
		}
		slices.Sort(list.Contents)
		var text []byte
		if text, err = json.Marshal(list); err == nil {
			err = replaceFile(path, append(text, '\n'))
		}
	}
	if err != nil {
		v.warn("What is damaged in the vault could not be noted in it: " + backup.AsError(explain("", err)).Text + ".")
	}
}

// addRotten puts those contents of a backup on the list that cannot be read.
func (v *Vault) addRotten(ctx context.Context, rep repo.DirectRepository, t *tree) {
	named := map[content.ID]bool{}
	_ = t.eachContent(ctx, rep, func(_ part, id content.ID) error { // what is not even indexed is stored again anyway
		named[id] = true
		return nil
	})
	found, err := readContents(ctx, rep, func(c content.Info) bool { return named[c.ContentID] }, nil)
	if err != nil || len(found) == 0 {
		return
	}
	bad, err := v.rotten()
	if err == nil {
		maps.Copy(bad, found)
		v.noteRotten(bad)
	}
}

// stillRotten gives the contents that a new backup must not be made of: those on the list that are not
// mended meanwhile, and those whose pack is gone or too short.
func (v *Vault) stillRotten(ctx context.Context, blobs map[blob.ID]int64) (map[content.ID]error, error) {
	listed, err := v.rotten()
	if err != nil {
		return nil, err
	}
	bad, err := readContents(ctx, v.rep, func(c content.Info) bool { return listed[c.ContentID] != nil }, nil)
	if err != nil {
		return nil, err
	}
	err = v.rep.ContentReader().IterateContents(ctx, content.IterateOptions{}, func(c content.Info) error {
		if blobs[c.PackBlobID] < int64(c.PackOffset)+int64(c.PackedLength) {
			bad[c.ContentID] = errRotten
		}
		return ctx.Err()
	})
	if err == nil {
		v.noteRotten(bad)
	}
	return bad, err
}

// afresh gives what names of contents begin with that share nothing with the damaged ones; "" when none
// is damaged.
func afresh(bad map[content.ID]error) content.IDPrefix {
	if len(bad) == 0 {
		return ""
	}
	used := map[content.IDPrefix]bool{}
	for id := range bad {
		used[id.Prefix()] = true
	}
	for _, letter := range afreshLetters {
		if prefix := content.IDPrefix(letter); !used[prefix] {
			return prefix
		}
	}
	return content.IDPrefix(afreshLetters[:1])
}
