package views

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// preferenceActions is all that the Preferences may ask of the program.
type preferenceActions interface {
	Look(at Place)
	SetPreference(key, value string)
	OpenFolder(path string)
	WriteDiagnostics()
	OpenLog()
}

// Keys of what can be set.
const (
	PrefLogin    = "login.start"
	PrefTheme    = "desktop.theme"
	PrefLanguage = "desktop.language"
	PrefScale    = "desktop.scale"
	PrefNotify   = "desktop.notify"
	PrefMains    = "run.only_on_mains"
	PrefWorkers  = "engine.workers"
)

// Preferences are what a person can set that belongs to no sandbox, and where things are.
type Preferences struct {
	Values              map[string]string // by the keys above
	Home, Config, Vault string            // absolute
	Log                 string            // the same
	Problem             *backup.Fault     // of the last change
	KitKept             time.Time         // when the recovery kit was saved or tested; zero: not known to be there
	Bundle              string            // the diagnostics bundle that was written last; "" for none
}

// preferences is the page of that name.
type preferences struct {
	do    preferenceActions
	shown *Preferences

	openVault func()          // opens the page for another vault
	key       *fyne.Container // about the recovery key

	root         fyne.CanvasObject
	login, mains *tick
	picks        map[string]*pick
	places       map[string]*widget.Label
	bundle       *widget.Label
	problem      *problem
}

// scales are the sizes of the text that are offered; "0" follows the desktop.
func scales() []string { return []string{"0", "0.75", "1", "1.25", "1.5", "2"} }

// workers are the numbers of connections that are offered; "0" chooses.
func workers() []string { return []string{"0", "1", "2", "4", "8"} }

func newPreferences(do preferenceActions, k *keys, clipboard func(string)) *preferences {
	p := &preferences{do: do, picks: map[string]*pick{}, places: map[string]*widget.Label{}, bundle: text(""), problem: newProblem(k, clipboard)}
	p.key = container.NewVBox()
	p.bundle.Importance = widget.SuccessImportance
	p.login = k.tick(lang.L("Start in the tray when I log in"), func(on bool) { p.do.SetPreference(PrefLogin, strconv.FormatBool(on)) })
	p.mains = k.tick(lang.L("Run nothing by itself on battery; make up for it on mains"), func(on bool) { p.do.SetPreference(PrefMains, strconv.FormatBool(on)) })
	for _, key := range []string{PrefTheme, PrefLanguage, PrefScale, PrefNotify, PrefWorkers} {
		p.picks[key] = k.pick(func(i int) {
			if p.shown != nil {
				p.do.SetPreference(key, p.values(key)[i])
			}
		})
	}
	item := func(label, key, hint string) *widget.FormItem {
		i := widget.NewFormItem(label, p.picks[key])
		i.HintText = hint
		return i
	}
	labels := widestLabel(lang.L("Notify of"), lang.L("Connections"), lang.L("Colours"), lang.L("Language"), lang.L("Size of text"))
	next := lang.L("from the next start of the window")
	another := k.button(lang.L("Open another vault…"), nil, func() { p.openVault() })
	bundle := k.button(lang.L("Write a diagnostics bundle"), theme.DocumentSaveIcon(), do.WriteDiagnostics)
	p.root = footed(760, p.problem.panel, container.NewPadded(container.NewBorder(heading(lang.L("Preferences")), nil, nil, nil, scrolled(760, container.NewVBox(
		subheading(lang.L("By itself")), p.login, p.mains,
		form(labels,
			item(lang.L("Notify of"), PrefNotify, lang.L("failures, overdue backups, lost data, restores")),
			item(lang.L("Connections"), PrefWorkers, lang.L("at a time; more copy faster, and load the server more")),
		),
		subheading(lang.L("Window")),
		form(labels, item(lang.L("Colours"), PrefTheme, ""), item(lang.L("Language"), PrefLanguage, next), item(lang.L("Size of text"), PrefScale, next)),
		subheading(lang.L("Where things are")),
		p.place(k, lang.L("Vault"), "vault"), p.place(k, lang.L("Configuration"), "config"), p.place(k, lang.L("History"), "home"), p.log(k),
		container.NewHBox(another),
		subheading(lang.L("Recovery key")), p.key,
		subheading(lang.L("Help")),
		text(lang.L("A bundle tells who helps you what they need: versions, configuration, check-up and runs. It names sandboxes, databases and hosts; no password, key, note or row is in it.")),
		container.NewHBox(bundle), p.bundle,
	)))))
	return p
}

// place is one line of where things are.
func (p *preferences) place(k *keys, label, what string) fyne.CanvasObject {
	l := line("")
	p.places[what] = l
	open := k.quiet(lang.L("Open folder"), theme.FolderOpenIcon(), func() { p.do.OpenFolder(l.Text) })
	return container.NewBorder(nil, nil, container.NewStack(widthOf(120), widget.NewLabel(label)), open, l)
}

// log is the line of the log, which is opened itself.
func (p *preferences) log(k *keys) fyne.CanvasObject {
	l := line("")
	p.places["log"] = l
	open := k.quiet(lang.L("Open the log"), theme.DocumentIcon(), p.do.OpenLog)
	return container.NewBorder(nil, nil, container.NewStack(widthOf(120), widget.NewLabel(lang.L("Log"))), open, l)
}

// values are what a pick offers, as they are set.
func (p *preferences) values(key string) []string {
	var all []string
	switch key {
	case PrefTheme:
		all = []string{"system", "light", "dark"}
	case PrefLanguage:
		all = []string{"system", "en", "de"}
	case PrefNotify:
		all = []string{"failures", "all"}
	case PrefScale:
		all = scales()
	default:
		all = workers()
	}
	if now := p.shown.Values[key]; !slices.Contains(all, now) {
		all = append(all, now) // set by hand to something else
	}
	return all
}

// words says what a value means.
func (p *preferences) words(key, value string) string {
	switch {
	case value == "system", value == "0" && key == PrefScale:
		return lang.L("as the desktop has it")
	case value == "0":
		return lang.L("chosen by itself")
	case key == PrefScale:
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			return strconv.Itoa(int(100*n+0.5)) + " %"
		}
	}
	switch value {
	case "light":
		return lang.L("light")
	case "dark":
		return lang.L("dark")
	case "en":
		return "English"
	case "de":
		return "Deutsch"
	case "failures":
		return lang.L("what needs you")
	case "all":
		return lang.L("each run, also when it went well")
	}
	return plain(value)
}

func (p *preferences) refresh(s State) {
	if s.Preferences == nil {
		return
	}
	p.shown = s.Preferences
	p.login.set(p.shown.Values[PrefLogin] == "true")
	p.mains.set(p.shown.Values[PrefMains] == "true")
	for key, pick := range p.picks {
		var words []string
		values := p.values(key)
		for _, v := range values {
			words = append(words, p.words(key, v))
		}
		pick.set(words, slices.Index(values, p.shown.Values[key]))
	}
	p.places["vault"].SetText(p.shown.Vault)
	p.places["config"].SetText(p.shown.Config)
	p.places["home"].SetText(p.shown.Home)
	p.places["log"].SetText(p.shown.Log)
	p.bundle.SetText("")
	if p.shown.Bundle != "" {
		p.bundle.SetText(lang.L("The bundle is in {{.Path}}.", values{"Path": plain(p.shown.Bundle)}))
	}
	show(p.bundle, p.shown.Bundle != "")
	p.problem.refresh(p.shown.Problem)
	p.root.Refresh()
}
