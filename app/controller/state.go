package controller

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
	"holdfast/views"
)

// reload reads everything again and shows it.
func (c *Controller) reload() {
	c.reading.Lock()
	defer c.reading.Unlock()
	var next views.State
	var alarms []backup.Alarm
	var found backup.Recovery
	err := c.with(c.life, voice{}, func(e *engine.Engine) error {
		if !e.HasVault() {
			return c.readPlace(e)
		}
		var err error
		if found, err = e.Recover(c.life); err != nil {
			return err
		}
		if alarms, err = e.Alarms(c.life); err != nil {
			return err
		}
		next, err = c.read(e, alarms)
		c.tell(aboutSample, lang.L("The sample’s server does not start"), views.Place{}, c.holdSample(e))
		return err
	})
	c.tell("", lang.L("Holdfast cannot read its history"), views.Place{}, err)
	c.mu.Lock()
	if err == nil {
		c.state = next
	}
	c.state.Unread = backup.FaultOf(err)
	c.mu.Unlock()
	c.show()
	if err != nil {
		return
	}
	c.tellAlarms(next.Sandboxes, alarms)
	c.tellPending(found.Pending)
}

// tellPending notifies of runs whose end is not known.
func (c *Controller) tellPending(texts []string) {
	var err error
	if len(texts) > 0 {
		err = errors.New(strings.Join(texts, "\n"))
	}
	c.tell("pending", lang.L("A run has no end yet"), views.Place{Section: views.SectionRuns}, err)
}

// tellAlarms notifies of each data loss once, as long as it stands.
func (c *Controller) tellAlarms(all []views.Sandbox, alarms []backup.Alarm) {
	for _, b := range all {
		var err error
		if i := slices.IndexFunc(alarms, func(a backup.Alarm) bool { return a.Sandbox == b.Name }); i >= 0 {
			err = errors.New(alarms[i].Text())
		}
		c.tell("alarm of "+b.Name, lang.L("{{.Name}} has lost data", values{"Name": b.Name}), views.Place{Sandbox: b.Name}, err)
	}
}

// readPlace looks at where the first start proposes the vault.
func (c *Controller) readPlace(e *engine.Engine) error {
	path := e.VaultPath()
	free, err := platform.Free(path)
	if err != nil {
		return err
	}
	same, err := e.SameDisk(path)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.setup.Path == "" {
		go c.Discover("")
	}
	c.setup.Path, c.setup.Free, c.setup.SameDisk = path, free, same
	return err
}

// known is what is read once for all sandboxes.
type known struct {
	plans    []engine.Plan
	history  []backup.Backup
	gone     []backup.Backup // deleted ones, only where they are shown
	restores []backup.Restore
	days     map[string][]engine.Day
	alarms   []backup.Alarm
	skips    []backup.Skip
	held     backup.SkipReason // why nothing runs by itself just now
}

func (c *Controller) readKnown(e *engine.Engine, alarms []backup.Alarm) (k known, err error) {
	k.alarms = alarms
	if k.plans, err = e.Plans(c.life); err != nil {
		return k, err
	}
	if k.history, err = e.History(c.life, backup.Query{}); err != nil {
		return k, err
	}
	if k.restores, err = e.Restores(c.life); err != nil {
		return k, err
	}
	if k.skips, err = e.Skips(c.life); err != nil {
		return k, err
	}
	if k.held, err = e.Held(c.life); err != nil {
		return k, err
	}
	k.days, err = e.Days(c.life, 30)
	return k, err
}

// read makes the State out of what the engine knows.
func (c *Controller) read(e *engine.Engine, alarms []backup.Alarm) (views.State, error) {
	s := views.State{Vault: e.VaultPath(), Theme: e.Desktop().Theme, WriteTo: c.writeTo}
	k, err := c.readKnown(e, alarms)
	if err == nil {
		err = c.recall(e)
	}
	if err != nil {
		return s, err
	}
	c.mu.Lock()
	c.lasts = lastsOf(k.history, k.restores)
	c.mu.Unlock()
	s.Unknown = unknown(k.history, e.Sandboxes())
	if s.Paused, err = e.PausedUntil(c.life); err != nil {
		return s, err
	}
	c.mu.Lock()
	place := c.place
	c.mu.Unlock()
	for i, sandbox := range e.Sandboxes() {
		b, err := c.readSandbox(e, sandbox, k.plans[i], &k)
		if err == nil && place.Sandbox == sandbox.Name {
			if err = c.readFates(e, &b); err == nil {
				err = c.readSection(e, sandbox, place.Section, &b)
			}
		}
		if err != nil {
			return s, err
		}
		s.Sandboxes = append(s.Sandboxes, b)
	}
	if place.Sandbox == "" && (place.Section == views.SectionRuns || place.Section == views.SectionAudit) {
		if k.gone, err = e.Deleted(c.life); err != nil {
			return s, err
		}
		s.Activity = c.readActivity(place.Section, &k)
	}
	if place == (views.Place{}) {
		if s.VaultBytes, err = e.VaultBytes(); err != nil {
			return s, err
		}
	}
	if place.Section == views.SectionOffsite {
		if s.Offsite, err = c.readOffsite(e); err != nil {
			return s, err
		}
	}
	if place.Section == views.SectionPreferences {
		if s.Preferences, err = c.readPreferences(e); err != nil {
			return s, err
		}
	}
	s.SameDisk, err = e.SameDisk(s.Vault)
	if err != nil {
		return s, err
	}
	newest, err := e.NewestCopy(c.life)
	if err != nil {
		return s, err
	}
	if newest != nil {
		s.Copied, s.CopiedTo = newest.At, newest.Place
	}
	s.Reminders, err = c.reminders(e)
	return s, err
}

func (c *Controller) readSandbox(e *engine.Engine, sandbox backup.Sandbox, p engine.Plan, k *known) (views.Sandbox, error) {
	b := views.Sandbox{Name: sandbox.Name, Database: sandbox.Connection.Database, FoldersOnly: sandbox.FoldersOnly, Next: p.Next, Due: p.Due, AllowRestore: !sandbox.NoRestore, HasMedia: len(sandbox.Media) > 0}
	for _, one := range k.history {
		if one.Sandbox == sandbox.Name {
			b.Backups = append(b.Backups, one)
		}
	}
	if newest, err := e.Newest(b.Backups, sandbox.Name, sandbox.Main()); err == nil {
		b.Last, b.LastVerdict = newest.Started, newest.Verdict
	}
	for i := range k.alarms {
		if k.alarms[i].Sandbox == sandbox.Name {
			b.Alarm = &k.alarms[i]
		}
	}
	if p.Skipped != nil && p.Due {
		b.Waits = k.held
	}
	b.Sample = e.IsSample(sandbox)
	b.Trouble = assess(e, &b, p)
	b.Health, b.Why = judge(b.Trouble)
	for _, d := range k.days[sandbox.Name] {
		b.Days = append(b.Days, views.Day{Date: d.Date, Mark: dayMark(d.Mark)})
	}
	b.Restored = c.restoredOf(e, sandbox.Name, k.restores)
	if rules, err := e.Retention(sandbox.Name); err == nil {
		b.Keeps = rules.Scheduled.String()
	}
	last, err := e.LastPrune(c.life, sandbox.Name)
	if err != nil {
		return b, err
	}
	b.Pruned = views.Pruned{At: last.At, Removed: last.Removed, Freed: last.Freed}
	return b, c.readDetails(e, &b)
}

// readDetails reads the backup that is chosen, if it is still there.
func (c *Controller) readDetails(e *engine.Engine, b *views.Sandbox) error {
	c.mu.Lock()
	id := c.chosen[b.Name]
	c.mu.Unlock()
	if !slices.ContainsFunc(b.Backups, func(k backup.Backup) bool { return k.ID == id }) {
		return nil
	}
	details, err := e.Backup(c.life, string(id))
	if err != nil {
		return err
	}
	b.Details = details
	return nil
}

// readFates reads what retention decides about the backups of a sandbox.
func (c *Controller) readFates(e *engine.Engine, b *views.Sandbox) error {
	rules, err := e.Retention(b.Name)
	if err == nil {
		b.Fates = rules.Review(b.Name, b.Backups, time.Local, c.now())
	}
	return err
}

func dayMark(m engine.DayMark) views.DayMark {
	switch m {
	case engine.DayProven:
		return views.ProvenDay
	case engine.DayDone:
		return views.Done
	case engine.DayFailed:
		return views.FailedDay
	case engine.DayMissed:
		return views.Missed
	default:
		return views.NoneDue
	}
}

// remembered is how long a restore is spoken of that keeps no database.
const remembered = 24 * time.Hour

// restoredOf tells of the newest restore of a sandbox, until a person has heard enough of it.
func (c *Controller) restoredOf(e *engine.Engine, sandbox string, restores []backup.Restore) *views.Restored {
	i := slices.IndexFunc(restores, func(r backup.Restore) bool { return r.Sandbox == sandbox && r.Status == backup.StatusCompleted }) // newest first
	if i < 0 {
		return nil
	}
	rec := &restores[i]
	c.mu.Lock()
	seen, size := c.seen[rec.ID], c.sizes[rec.ID]
	c.mu.Unlock()
	kept := rec.Kept() != "" && !rec.ReplacedGone
	if seen || !kept && c.now().Sub(rec.Finished) > remembered {
		return nil
	}
	r := &views.Restored{Restore: rec.ID, Of: rec.Backup, At: rec.Finished, Database: rec.Target, Folders: restoredFolders(rec), Only: rec.Only, Undone: rec.UndoOf != ""}
	r.CanUndo = !r.Undone && (kept || rec.PreRestore != "")
	if kept {
		r.Kept, r.Until, r.Size = keptOf(rec), e.KeptUntil(rec), size
	}
	return r
}

// show puts what runs over what was read, and shows it.
func (c *Controller) show() {
	c.showing.Lock()
	defer c.showing.Unlock()
	c.mu.Lock()
	s := c.state
	s.Now, s.Zone = c.now(), time.Local
	if s.Vault == "" && c.setup.Path != "" || c.setup.Key != "" || c.setup.Busy {
		setup := c.setup
		s.Setup = &setup
	}
	s.Discovery = views.Discovery{Looking: c.discovering, Found: foundView(c.found)}
	c.overlayOffsite(&s)
	c.overlaySample(&s)
	s.Secrets = c.secrets
	c.overlayOpening(&s)
	s.KeyAsked = c.asked
	if s.Preferences != nil {
		with := *s.Preferences
		with.Problem, with.Bundle = c.unset, c.bundle
		s.Preferences = &with
	}
	s.Sandboxes = slices.Clone(s.Sandboxes)
	for i := range s.Sandboxes {
		c.overlay(&s.Sandboxes[i])
	}
	c.mu.Unlock()
	c.ui.Show(s)
}

// overlay puts over a sandbox what the controller knows and the engine does not.
func (c *Controller) overlay(b *views.Sandbox) {
	b.Problem = c.problems[b.Name]
	if c.asked.Cause != nil && b.Health == views.Protected {
		b.Trouble = views.TroubleKey
		b.Health, b.Why = judge(b.Trouble)
	}
	_, b.CanGoUnsaved = c.unsaved[b.Name]
	b.CanGoUnsaved = b.CanGoUnsaved && b.Problem != nil
	_, b.Lacking = c.lacking[b.Name]
	b.Lacking = b.Lacking && b.Problem != nil
	b.Compared = c.compared[b.Name]
	b.Files = c.files[b.Name]
	c.overlayDownloads(b)
	if j := c.jobs[b.Name]; j != nil {
		busy := j.busy
		b.Busy = &busy
	}
	if b.Schedule != nil {
		with := *b.Schedule
		with.Draft = c.drafts[b.Name]
		b.Schedule = &with
	}
	if b.Retention != nil {
		with := *b.Retention
		with.Preview = c.previews[b.Name]
		b.Retention = &with
	}
}
