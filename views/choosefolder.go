package views

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// folderChoice is a box in front of everything in which a folder is gone to by mouse or keys, typed, or made.
// Fyne has one too, whose parts keep Escape and Enter to themselves.
type folderChoice struct {
	box     *widget.PopUp
	at      string   // the folder that is shown
	inside  []string // the names of what is in it, after the way out
	path    *entry
	list    *list
	hidden  *tick
	trouble *widget.Label
	makeIt  *button
	chosen  func(path string)
	asked   atomic.Int64 // how often the disk was asked: only the last answer counts
}

// wayOut is the row that leads to the folder around the one that is shown.
const wayOut = ".."

// The room of the box, and of the list in it.
const (
	choiceWidth = 560
	choiceRows  = 250
)

// folderWait is how long the window waits for a disk.
const folderWait = 200 * time.Millisecond

// chooseFolder opens the choice of a folder, at the one that was typed before or at home; verb is what is done
// with it.
func chooseFolder(window fyne.Window, verb, typed string, chosen func(path string)) {
	c := &folderChoice{trouble: smallText(""), chosen: chosen}
	c.trouble.Importance = widget.DangerImportance
	k := &keys{escape: c.close, refresh: func() { c.enter(c.at) }, help: func() {}, shortcut: ours}
	c.path = k.entry("/home/me")
	c.path.OnChanged = func(string) { c.trouble.SetText("") }
	c.path.OnSubmitted = func(text string) { c.enter(strings.TrimSpace(text)) }
	c.list = k.list(func() int { return len(c.inside) }, newFolderRow, func(i widget.ListItemID, o fyne.CanvasObject) {
		o.(*fyne.Container).Objects[0].(*pathLabel).SetText(plain(c.inside[i]))
	})
	c.list.OnSelected = func(i widget.ListItemID) {
		c.list.UnselectAll()
		c.enter(filepath.Join(c.at, c.inside[i]))
	}
	c.hidden = k.tick(lang.L("Show hidden folders"), func(bool) { c.enter(c.at) })
	c.makeIt = k.button(lang.L("Make this folder"), theme.FolderNewIcon(), c.make)
	c.makeIt.Disable()
	body := container.NewBorder(container.NewVBox(container.NewBorder(nil, nil, nil, c.makeIt, c.path), c.trouble),
		container.NewHBox(c.hidden, layout.NewSpacer(), k.button(lang.L("Cancel"), nil, c.close), k.primary(verb, c.take)), nil, nil,
		container.NewStack(tallOf(choiceRows), c.list))
	c.box = newModal(lang.L("Choose a folder"), body, window, fyne.NewSize(choiceWidth, 0))
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/"
	}
	c.enter(home)
	if typed = strings.TrimSpace(typed); typed != "" {
		c.path.SetText(typed)
		c.enter(typed)
	}
	c.box.Show()
	window.Canvas().Focus(c.list)
}

func newFolderRow() fyne.CanvasObject {
	return container.NewBorder(nil, nil, container.NewHBox(widthOf(4), widget.NewIcon(theme.FolderIcon())), nil, newPathLabel())
}

func (c *folderChoice) close() {
	c.asked.Add(1) // an answer that is to come has nobody to show it to
	c.box.Hide()
}

// ask lets the disk be asked beside the window, which stands still for a moment at most. What the answer leads
// to is done on the window's goroutine, unless something else was asked since.
func (c *folderChoice) ask(disk func() (then func())) {
	turn := c.asked.Add(1)
	answer := make(chan func(), 1)
	go func() { answer <- disk() }()
	select {
	case then := <-answer:
		then()
	case <-time.After(folderWait):
		c.trouble.SetText(lang.L("This folder has not answered yet."))
		go func() {
			then := <-answer
			fyne.Do(func() {
				if c.asked.Load() == turn {
					then()
				}
			})
		}()
	}
}

// enter shows a folder. Where that cannot be read, what was shown stays.
func (c *folderChoice) enter(path string) {
	path = filepath.Join("/", path)
	hidden := c.hidden.Checked
	c.ask(func() func() {
		inside, err := foldersIn(path, hidden)
		return func() { c.show(path, inside, err) }
	})
}

func (c *folderChoice) show(path string, inside []string, err error) {
	enable(c.makeIt, os.IsNotExist(err))
	if err != nil {
		c.trouble.SetText(lang.L("This folder is not there, or cannot be read."))
		return
	}
	if path != "/" {
		inside = append([]string{wayOut}, inside...)
	}
	c.at, c.inside = path, inside
	c.path.SetText(path)
	c.trouble.SetText("")
	c.list.ScrollToTop()
	c.list.Refresh()
}

// foldersIn names the folders in a folder, also those that a link leads to.
func foldersIn(path string, hidden bool) (names []string, err error) {
	all, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if strings.HasPrefix(one.Name(), ".") && !hidden {
			continue
		}
		if at, err := os.Stat(filepath.Join(path, one.Name())); err == nil && at.IsDir() {
			names = append(names, one.Name())
		}
	}
	return names, nil
}

// make makes the folder that was typed.
func (c *folderChoice) make() {
	path := filepath.Join("/", strings.TrimSpace(c.path.Text))
	c.ask(func() func() {
		err := os.MkdirAll(path, 0o750)
		return func() {
			if err != nil {
				c.trouble.SetText(lang.L("This folder cannot be made here."))
				return
			}
			c.enter(path)
		}
	})
}

// take answers with the folder that is shown, or with another one that was typed.
func (c *folderChoice) take() {
	typed := strings.TrimSpace(c.path.Text)
	if typed == "" {
		return
	}
	c.close()
	c.chosen(filepath.Join("/", typed))
}
