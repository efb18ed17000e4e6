package views

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// permissionActions is all that Settings › Permissions may ask of the program.
type permissionActions interface {
	AllowRestore(sandbox string, yes bool)
	SetPolicy(sandbox string, a backup.Action, d backup.Decision)
	ResetGate(sandbox string)
	Revoke(sandbox, token string)
}

// permissions is the section sandbox › Settings › Permissions.
type permissions struct {
	do      permissionActions
	keys    *keys
	confirm func(title, words, verb string, do func())
	shown   Sandbox

	root    fyne.CanvasObject
	allow   *tick
	off     *widget.Label
	rules   map[backup.Action]map[backup.Decision]*choice
	matrix  *fyne.Container
	broken  *panel
	trouble *widget.Label
	tokens  *fyne.Container
	drawn   string // the tokens that are shown
}

func newPermissions(do permissionActions, k *keys, confirm func(title, words, verb string, do func())) *permissions {
	p := &permissions{do: do, keys: k, confirm: confirm, rules: map[backup.Action]map[backup.Decision]*choice{}, off: text(""), trouble: text(""), tokens: container.NewVBox()}
	p.allow = k.tick(lang.L("Restores into this sandbox are allowed"), func(on bool) { p.do.AllowRestore(p.shown.Name, on) })
	p.off.Importance = widget.WarningImportance
	reset := k.button(lang.L("Reset the gate…"), nil, func() { p.do.ResetGate(p.shown.Name) })
	p.broken = newPanel(theme.ColorNameError, container.NewBorder(nil, nil, nil, container.NewCenter(reset), p.trouble))
	p.matrix = container.New(layout.NewCustomPaddedVBoxLayout(-8)) // all of it is seen in the window as it opens
	for _, a := range backup.Actions() {
		p.matrix.Add(p.row(a))
	}
	p.root = scrolled(860, container.NewVBox(
		p.allow, p.off,
		subheading(lang.L("What may be done, and by whom")),
		text(lang.L("“Ask” wants your passphrase each time. What runs by itself may only read and back up, and remove what the plan no longer keeps. A change here is asked about too.")),
		p.broken, p.matrix,
		subheading(lang.L("Tokens of scripts and agents")), p.tokens,
	))
	return p
}

// row is one action with its three decisions. db_full is never allowed without asking.
func (p *permissions) row(a backup.Action) fyne.CanvasObject {
	name, about := actionWords(a)
	p.rules[a] = map[backup.Decision]*choice{}
	answers, row := container.NewHBox(), []*pressable{}
	for _, d := range []backup.Decision{backup.Allow, backup.Ask, backup.Deny} {
		c := p.keys.choice(decisionWords(d), "", func() { p.set(a, d) })
		c.allow(a != backup.ActionDBFull || d != backup.Allow)
		p.rules[a][d] = c
		answers.Add(c.pressable)
		row = append(row, c.pressable)
	}
	inARow(row...)
	return container.NewBorder(nil, nil, nil, container.NewCenter(answers), tight(text(name), smallText(about)))
}

func (p *permissions) set(a backup.Action, d backup.Decision) {
	if p.shown.Permissions != nil && p.shown.Permissions.Policy.Decide(a) != d {
		p.do.SetPolicy(p.shown.Name, a, d)
	}
}

func actionWords(a backup.Action) (name, about string) {
	key := "  (" + string(a) + ")"
	switch a {
	case backup.ActionRead:
		return lang.L("See") + key, lang.L("list the backups and look at them")
	case backup.ActionCreate:
		return lang.L("Back up") + key, lang.L("take, verify and try backups")
	case backup.ActionUpdate:
		return lang.L("Change") + key, lang.L("notes, pins, schedule, retention, the sandbox itself")
	case backup.ActionDelete:
		return lang.L("Delete") + key, lang.L("remove a backup for good")
	case backup.ActionExport:
		return lang.L("Take out") + key, lang.L("download, secrets, the recovery key")
	case backup.ActionDBFull:
		return lang.L("Replace the database") + key, lang.L("restore and undo; never allowed without asking")
	default:
		return string(a), ""
	}
}

func decisionWords(d backup.Decision) string {
	switch d {
	case backup.Allow:
		return lang.L("allow")
	case backup.Ask:
		return lang.L("ask")
	case backup.Deny:
		return lang.L("deny")
	default:
		return ""
	}
}

func (p *permissions) refresh(s State, shown Sandbox) {
	p.shown = shown
	p.allow.set(shown.AllowRestore)
	p.off.SetText(lang.L("Restores into {{.Name}} are switched off: nothing and nobody restores into it, neither this window nor a command nor an agent. Its backups go on.", values{"Name": plain(shown.Name)}))
	show(p.off, !shown.AllowRestore)
	known := shown.Permissions
	broken := known != nil && known.Broken != nil
	show(p.broken, broken)
	show(p.matrix, !broken)
	if broken {
		p.trouble.SetText(sentence(translated(known.Broken.Text)) + ". " + translated(known.Broken.Hint))
	}
	for a, answers := range p.rules {
		for d, c := range answers {
			c.choose(known != nil && !broken && known.Policy.Decide(a) == d)
		}
	}
	if known != nil {
		p.drawTokens(known.Tokens, s)
	}
}

// drawTokens makes the rows anew only when the tokens are others, so that the focus stays.
func (p *permissions) drawTokens(all []backup.Token, s State) {
	var ids []string
	for _, t := range all {
		ids = append(ids, t.ID)
	}
	if drawn := fmt.Sprint(ids); drawn != p.drawn {
		p.drawn, p.tokens.Objects = drawn, nil
		for _, t := range all {
			p.tokens.Add(p.token(t, s))
		}
	}
	if len(all) == 0 {
		p.tokens.Objects = []fyne.CanvasObject{text(lang.L("None. A token lets a script do some things without your passphrase: holdfast gate token create"))}
	}
	p.tokens.Refresh()
}

func (p *permissions) token(t backup.Token, s State) fyne.CanvasObject {
	words := make([]string, 0, len(t.Actions))
	for _, a := range t.Actions {
		words = append(words, string(a))
	}
	slices.Sort(words)
	title := facts(plain(t.Note), t.ID)
	where := lang.L("in every sandbox")
	if len(t.Sandboxes) > 0 {
		where = lang.L("in this sandbox")
	}
	about := facts(append(words, where, lang.L("until {{.When}}", values{"When": wholeDay(t.Expires.In(s.Zone))}))...)
	revoke := p.keys.button(lang.L("Revoke"), nil, func() {
		p.confirm(lang.L("Revoke the token?"), lang.L("What uses it is refused from then on."), lang.L("Revoke"), func() { p.do.Revoke(p.shown.Name, t.ID) })
	})
	return newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(revoke), tight(bold(title), text(about))))
}
