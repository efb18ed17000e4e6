package views

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// scheduleActions is all that Settings › Schedule may ask of the program.
type scheduleActions interface {
	DraftSchedule(sandbox, text string) // what it would mean; "" ends the draft
	SetSchedule(sandbox, text string)
}

// The kinds of schedules, as the form has them.
const (
	kindDaily = iota
	kindHours
	kindWeekly
	kindMonthly
	kindCron
)

// schedule is the section sandbox › Settings › Schedule.
type schedule struct {
	do      scheduleActions
	shown   Sandbox
	state   State
	was     string // the schedule that the form was filled from
	zone    string // of the schedule, where it names one
	filling bool

	root           fyne.CanvasObject
	kind           *pick
	at, day, cron  *entry
	hours, weekday *pick
	fields, runs   *fyne.Container
	means, next    *widget.Label
	problem        *problem
	apply, back    *button
	kindAt         int
	hoursAt, dayAt int
}

var hourSteps = []int{1, 2, 3, 4, 6, 8, 12}

func newSchedule(do scheduleActions, k *keys) *schedule {
	p := &schedule{do: do, means: text(""), next: text("")}
	p.means.TextStyle.Bold = true
	p.kind = k.pick(func(i int) { p.kindAt = i; p.build(); p.draft() })
	p.hours = k.pick(func(i int) { p.hoursAt = i; p.draft() })
	p.weekday = k.pick(func(i int) { p.dayAt = i; p.draft() })
	p.at, p.day, p.cron = k.entry("02:00"), k.entry("1"), k.entry("0 2 * * 1-5")
	for _, e := range []*entry{p.at, p.day, p.cron} {
		e.OnChanged = func(string) { p.draft() }
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.apply = k.primary(lang.L("Apply"), p.submit)
	p.back = k.button(lang.L("Discard the changes"), nil, func() {
		p.fill(p.was)
		p.refresh(p.state, p.shown)
		p.draft()
	})
	p.problem = newProblem(k, func(string) {})
	p.problem.buttons.Hide()
	p.fields = container.NewVBox()
	p.runs = container.NewVBox(p.means, tight(caption(lang.L("The next five runs")), p.next))
	p.root = scrolled(640, container.NewVBox(
		p.fields, container.New(steady{}, p.runs, container.NewVBox(p.problem.panel)), // what is wrong while it is typed moves nothing
		text(lang.L("What was missed while the computer was off is made up for once it is on again; the next run stays where it is.")),
		atEnd(p.back, p.apply),
	))
	return p
}

// build shows the fields of the kind.
func (p *schedule) build() {
	item := widget.NewFormItem
	items := []*widget.FormItem{item(lang.L("Repeats"), p.kind)}
	at := item(lang.L("Time of day"), p.at)
	switch p.kindAt {
	case kindHours:
		items = append(items, item(lang.L("Every"), p.hours))
	case kindWeekly:
		items = append(items, item(lang.L("Day"), p.weekday), at)
	case kindMonthly:
		items = append(items, item(lang.L("Day of the month"), p.day), at)
	case kindCron:
		items = append(items, item(lang.L("Expression"), p.cron))
	default:
		items = append(items, at)
	}
	p.fields.Objects = []fyne.CanvasObject{widget.NewForm(items...)}
	p.fields.Refresh()
}

var cronDays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// text is the schedule of the form.
func (p *schedule) text() string {
	at := strings.TrimSpace(p.at.Text)
	text := "daily " + at
	switch p.kindAt {
	case kindHours:
		text = "every " + strconv.Itoa(hourSteps[p.hoursAt]) + "h"
	case kindWeekly:
		text = "weekly " + cronDays[p.dayAt] + " " + at
	case kindMonthly:
		text = "monthly " + strings.TrimSpace(p.day.Text) + " " + at
	case kindCron:
		text = "cron " + strings.TrimSpace(p.cron.Text)
	}
	return strings.TrimSpace(text + " " + p.zone)
}

// fill puts a schedule into the form.
func (p *schedule) fill(schedule string) {
	p.filling = true
	defer func() { p.filling = false }()
	p.was, p.zone, p.kindAt, p.hoursAt, p.dayAt = schedule, "", kindDaily, 4, 0
	p.at.SetText("02:00")
	p.day.SetText("1")
	p.cron.SetText("0 2 * * *")
	words := strings.Fields(schedule)
	if n := len(words); n > 0 && (strings.Contains(words[n-1], "/") && words[0] != "cron" || words[n-1] == "UTC") {
		p.zone, words = words[n-1], words[:n-1]
	}
	p.take(words)
	p.choices()
	p.build()
}

// take reads the words of a schedule.
func (p *schedule) take(words []string) {
	if len(words) < 2 {
		return
	}
	last := words[len(words)-1]
	switch words[0] {
	case "daily":
		p.at.SetText(last)
	case "every":
		p.kindAt = kindHours
		for i, n := range hourSteps {
			if strconv.Itoa(n)+"h" == last {
				p.hoursAt = i
			}
		}
	case "weekly":
		p.kindAt = kindWeekly
		p.at.SetText(last)
		for i, d := range cronDays {
			if d == words[1] {
				p.dayAt = i
			}
		}
	case "monthly":
		p.kindAt = kindMonthly
		p.day.SetText(words[1])
		p.at.SetText(last)
	default:
		p.kindAt = kindCron
		p.cron.SetText(strings.Join(words[1:], " "))
	}
}

func (p *schedule) choices() {
	p.kind.set([]string{lang.L("Every day"), lang.L("Every few hours"), lang.L("Every week"), lang.L("Every month"), lang.L("Cron expression")}, p.kindAt)
	var hours, days []string
	for _, n := range hourSteps {
		hours = append(hours, lang.N("{{.N}} hours", n, values{"N": n}))
	}
	for i := range cronDays {
		days = append(days, weekday(time.Weekday((i+1)%7)))
	}
	p.hours.set(hours, p.hoursAt)
	p.weekday.set(days, p.dayAt)
}

func (p *schedule) draft() {
	if !p.filling {
		p.do.DraftSchedule(p.shown.Name, p.text())
	}
}

func (p *schedule) submit() {
	if !p.apply.Disabled() {
		p.do.SetSchedule(p.shown.Name, p.text())
	}
}

func (p *schedule) refresh(s State, shown Sandbox) {
	other := shown.Name != p.shown.Name
	p.state, p.shown = s, shown
	if shown.Schedule == nil {
		return
	}
	if other || shown.Schedule.Text != p.was {
		p.fill(shown.Schedule.Text)
	}
	now := shown.Schedule
	d := now.Draft
	if d == nil || d.Text != p.text() {
		d = &Draft{Text: now.Text, Next: now.Next}
	}
	p.problem.refresh(d.Problem)
	var runs []string
	for _, t := range d.Next {
		runs = append(runs, nearDay(t.In(s.Zone)))
	}
	show(p.runs, d.Problem == nil)
	if d.Problem == nil { // else they keep their room
		p.means.SetText(p.words(d))
		p.next.SetText(strings.Join(runs, "\n"))
	}
	changed := p.text() != p.was
	enable(p.apply, changed && d.Problem == nil && d.Text == p.text())
	enable(p.back, changed)
}

// words says what a schedule means; of a cron expression the draft says it.
func (p *schedule) words(d *Draft) string {
	with := values{"Time": strings.TrimSpace(p.at.Text), "Day": strings.TrimSpace(p.day.Text), "Weekday": weekday(time.Weekday((p.dayAt + 1) % 7)), "N": hourSteps[p.hoursAt]}
	var words string
	switch p.kindAt {
	case kindHours:
		words = lang.N("Every {{.N}} hours, counted from midnight", hourSteps[p.hoursAt], with)
	case kindWeekly:
		words = lang.L("Every {{.Weekday}} at {{.Time}}", with)
	case kindMonthly:
		words = lang.L("On day {{.Day}} of each month at {{.Time}}, or on its last day where it is shorter", with)
	case kindCron:
		words = sentence(planWords(d.Words))
	default:
		words = lang.L("Every day at {{.Time}}", with)
	}
	return facts(words, p.zone)
}

// ruleWords gives a retention rule in words as short as itself.
func ruleWords(text string) string {
	r, err := backup.ParseRetention(text)
	if err != nil {
		return plain(text)
	}
	if (r == backup.Retention{}) {
		return lang.L("everything, for ever")
	}
	var all []string
	for _, part := range []struct {
		n    int
		text string
	}{
		{r.Daily, lang.N("{{.N}} daily", r.Daily, values{"N": r.Daily})}, {r.Weekly, lang.N("{{.N}} weekly", r.Weekly, values{"N": r.Weekly})},
		{r.Monthly, lang.N("{{.N}} monthly", r.Monthly, values{"N": r.Monthly})}, {r.Newest, lang.N("{{.N}} newest", r.Newest, values{"N": r.Newest})},
		{r.Days, lang.N("{{.N}} days", r.Days, values{"N": r.Days})},
	} {
		if part.n > 0 {
			all = append(all, part.text)
		}
	}
	return strings.Join(all, ", ")
}
