//go:build unix

package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
)

// doomedFolders names the moments around each folder's change of place.
type doomedFolders struct {
	backup.Folders
	*hangman
}

func (f doomedFolders) Swap(s *backup.FolderSwap) error {
	name := filepath.Base(s.Path)
	f.moment("before " + name + " changes places")
	err := f.Folders.Swap(s)
	f.moment(name + " changed places")
	return err
}

// gallery is an arena whose sandbox has two folders.
type gallery struct {
	*arena
	place string // that the folders are in
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{arena: newArena(t, "CREATE TABLE state AS SELECT 'good'::text AS v"), place: t.TempDir()}
	g.fill("good")
	g.with(func(e *Engine) {
		s, err := e.Sandbox("shop")
		must(t, err)
		s.Media = []string{filepath.Join(g.place, "one"), filepath.Join(g.place, "two")}
		_, err = e.EditSandbox(t.Context(), s, PutSandbox{})
		must(t, err)
	})
	g.backup = g.take()
	return g
}

// inFolder are the files of each folder.
var inFolder = []string{"a", "b", "sub/c", "sub/d"}

// fill makes the folders anew, each of files that say the same, and puts the word into the database
// too. What restores left is removed.
func (g *gallery) fill(word string) {
	g.t.Helper()
	entries, err := os.ReadDir(g.place)
	must(g.t, err)
	for _, e := range entries {
		must(g.t, os.RemoveAll(filepath.Join(g.place, e.Name())))
	}
	for _, folder := range []string{"one", "two"} {
		for _, name := range inFolder {
			at := filepath.Join(g.place, folder, name)
			must(g.t, os.MkdirAll(filepath.Dir(at), 0o700))
			must(g.t, os.WriteFile(at, []byte(strings.Repeat(word, 1000)), 0o600))
		}
	}
	g.exec("shop", "UPDATE state SET v = '"+word+"'")
}

// word gives what all files of a folder say; it is "" for a folder that is not whole.
func (g *gallery) word(folder string) (word string) {
	g.t.Helper()
	for _, name := range inFolder {
		text, err := os.ReadFile(filepath.Join(g.place, folder, name))
		said := string(text[:len(text)/1000])
		if err != nil || said == "" || word != "" && said != word {
			g.t.Errorf("%s in %s says %q, another file %q; %v", name, folder, said, word, err)
			return ""
		}
		word = said
	}
	return word
}

// check says what is live: all of one state, with what was replaced beside it, whole.
func (g *gallery) check(withDatabase bool) (now string) {
	g.t.Helper()
	now = g.word("one")
	if two := g.word("two"); two != now {
		g.t.Errorf("the folder one is %s, two is %s", now, two)
	}
	if db := g.text("shop", "SELECT v FROM state"); withDatabase && db != now || !withDatabase && db != "bad" {
		g.t.Errorf("the folders are %s, the database is %s", now, db)
	}
	entries, err := os.ReadDir(g.place)
	must(g.t, err)
	kept := 0
	for _, e := range entries {
		if name := e.Name(); strings.Contains(name, "_before_") && now == "good" && g.word(name) == "bad" {
			kept++
		} else if name != "one" && name != "two" {
			g.t.Errorf("%s is left", name)
		}
	}
	if now == "good" && kept != 2 {
		g.t.Errorf("%d of the replaced folders are kept", kept)
	}
	return now
}

// TestKilledMediaRestore kills restores of folders, alone and with their database, at each moment
// that their journal and the folders' changes of place name. Whatever the moment, the next start
// leaves all of it old or all of it new.
func TestKilledMediaRestore(t *testing.T) {
	t.Parallel()
	for work, moments := range map[string][]string{
		"folders": {"at folder one", "at folder two", "before swapping", "swapping", "one changed places", "two changed places", "before done"},
		"restore": {"at saving: folder two", "at folder two", "swapping", "before one changes places", "one changed places"},
	} {
		t.Run(work, func(t *testing.T) {
			t.Parallel()
			g := newGallery(t)
			states := map[string]int{}
			for _, at := range moments {
				g.fill("bad")
				g.kill(victim{Work: work, Ref: string(g.backup), At: at})
				g.recover()
				g.quiet()
				states[g.check(work == "restore")]++
				if t.Failed() {
					t.Fatalf("after a death at %q", at)
				}
			}
			t.Logf("left as: %v", states)
		})
	}
}

// TestKilledMediaRestoreLosesItsCatalog: nothing is on record of the restore that was killed. What is
// live is whole, what it had half made is gone, and what may be somebody's stays and is named.
func TestKilledMediaRestoreLosesItsCatalog(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	for at, stays := range map[string]int{"at folder one": 0, "at folder two": 1, "before swapping": 2} {
		g.fill("bad")
		g.kill(victim{Work: "folders", Ref: string(g.backup), At: at})
		files, err := filepath.Glob(filepath.Join(g.home(), "catalog.db*"))
		must(t, err)
		for _, f := range files {
			must(t, os.Remove(f))
		}
		g.with(func(e *Engine) {
			found, err := e.Recover(t.Context())
			must(t, err)
			if len(found.Pending) != stays {
				t.Errorf("after a death at %q the next start says %+v", at, found)
			}
		})
		entries, err := os.ReadDir(g.place)
		must(t, err)
		words := map[string]int{}
		for _, e := range entries {
			words[g.word(e.Name())]++
		}
		if words["bad"] != 2 || words["good"] != stays || g.word("one")+g.word("two") != "badbad" {
			t.Errorf("after a death at %q: %v, %v", at, entries, words)
		}
	}
	g.fill("bad")
	g.with(func(e *Engine) {
		_, err := e.Restore(t.Context(), RestoreRequest{Ref: string(g.backup)})
		must(t, err)
	})
	g.check(true)
}
