package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/plan"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/platform"
)

// Offsite is a place where a copy of the vault is kept, and how the copy stands.
type Offsite struct {
	Name  string
	Place mirror.Place
	Limit int64         // bytes per second; 0: none
	Lag   time.Duration // for which the copy keeps what the vault removed
	Lock  time.Duration // for which nobody can change or delete what is sent; 0: it is not locked

	State Standing

	Drilled *CopyTrial // the last restore drill from it; nil: none
	Checked *CopyTrial // the last check of every byte; nil: none

	OffsiteState
}

// Standing says in a word how current a copy is.
type Standing string

// The standings of a copy.
const (
	CopyNever   Standing = "never"   // nothing is there yet
	CopyCurrent Standing = "current" // every backup is there
	CopyBehind  Standing = "behind"  // a backup is not there yet, or nobody looked for a day
	CopyFailing Standing = "failing" // the last try failed
)

func (e *Engine) copyStanding(s OffsiteState, newest time.Time) Standing {
	switch {
	case s.Failures > 0:
		return CopyFailing
	case s.LastSuccess.IsZero():
		return CopyNever
	case s.LastSuccess.Before(newest) || e.opts.Now().Sub(s.LastSuccess) > currentFor || e.ahead(s.LastSuccess):
		return CopyBehind
	}
	return CopyCurrent
}

// ahead says whether a time is of a clock that was ahead of what it is now.
func (e *Engine) ahead(t time.Time) bool { return t.After(e.opts.Now().Add(plan.Slack)) }

// waits says whether the next try after a failure is yet to come; one that is further away than any
// try is put off is of a clock that was ahead.
func (s *OffsiteState) waits(now time.Time) bool {
	return s.Failures > 0 && now.Before(s.NextTry) && s.NextTry.Sub(now) <= longestRetry
}

// OffsiteState is what is remembered of a copy.
type OffsiteState struct {
	Generation  int64         `json:"generation"`        // that this home began to write last
	Sending     bool          `json:"sending,omitempty"` // a run began that did not come to its end
	LastSuccess time.Time     `json:"last_success"`
	Bytes       int64         `json:"bytes"`
	Backups     int           `json:"backups"`
	Failures    int           `json:"failures"` // in a row
	NextTry     time.Time     `json:"next_try"` // after a failure
	LastError   *backup.Fault `json:"last_error"`
}

func offsiteFact(name string) string { return "offsite " + name }

func (e *Engine) offsiteState(ctx context.Context, name string) (OffsiteState, error) {
	var s OffsiteState
	text, err := e.catalog.Fact(ctx, offsiteFact(name))
	if err != nil || text == "" {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

func (e *Engine) saveOffsite(ctx context.Context, name string, s OffsiteState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return e.catalog.SetFact(context.WithoutCancel(ctx), offsiteFact(name), string(text))
}

// Offsites gives all places, in the order in which they were added.
func (e *Engine) Offsites(ctx context.Context) ([]Offsite, error) {
	list := make([]Offsite, 0, len(e.config.Offsite))
	newest := e.newestBackup(ctx)
	for _, o := range e.config.Offsite {
		state, err := e.offsiteState(ctx, o.Name)
		if err != nil {
			return nil, err
		}
		one := Offsite{Name: o.Name, Place: o.Place, Limit: o.Limit, Lag: o.Lag(), Lock: time.Duration(o.Lock), State: e.copyStanding(state, newest), OffsiteState: state}
		if one.Drilled, err = e.trial(ctx, drilledFact(o.Name)); err != nil {
			return nil, err
		}
		if one.Checked, err = e.trial(ctx, checkedFact(o.Name)); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// Offsite gives one place.
func (e *Engine) Offsite(ctx context.Context, name string) (Offsite, error) {
	op := "show the off-site place " + name
	if _, err := e.config.FindOffsite(name); err != nil {
		return Offsite{}, backup.WithOp(op, err)
	}
	all, err := e.Offsites(ctx)
	for _, o := range all {
		if o.Name == name {
			return o, nil
		}
	}
	return Offsite{}, backup.WithOp(op, err)
}

// AddOffsite asks for one more copy.
type AddOffsite struct {
	Name        string
	Place       mirror.Place
	Secret      string // "" for none
	Fingerprint string // of an SFTP server's host key
	Limit       int64
	KeepRemoved time.Duration // 0: seven days
	Lock        time.Duration // s3: nobody can change or delete what is sent for so long; 0: not locked
	TakeOver    bool          // go on with a copy of this vault that another home wrote
}

// AddedOffsite says what the first copy will take.
type AddedOffsite struct {
	Place mirror.Place
	Bytes int64         // still to be sent
	Takes time.Duration // a rough estimate
}

// AddOffsite tries a place by writing, reading and deleting there, and keeps it, after a person
// approved. Nothing is copied yet.
func (e *Engine) AddOffsite(ctx context.Context, req AddOffsite) (AddedOffsite, error) {
	op := "add the off-site place " + req.Name
	var added AddedOffsite
	err := e.checkNewOffsite(&req)
	if err == nil {
		req.Place, err = req.Place.Pin(ctx, req.Fingerprint)
	}
	if err == nil {
		_, err = e.vault.get(ctx)
	}
	if err != nil {
		return added, backup.WithOp(op, err)
	}
	what := "Copy the whole vault, encrypted, to " + req.Place.String() + ", now and after each run"
	if req.Lock > 0 {
		what += fmt.Sprintf("; what is sent is locked for %d days, and nobody can delete it before", int(req.Lock.Hours()/24))
	}
	err = e.export(ctx, op, what, req.Name, func() error {
		added, err = e.addOffsite(ctx, req)
		return err
	})
	return added, err
}

func (e *Engine) checkNewOffsite(req *AddOffsite) error {
	if err := config.ValidateOffsiteName(req.Name); err != nil {
		return err
	}
	if _, err := e.config.FindOffsite(req.Name); err == nil {
		return backup.Errorf(backup.Usage, "Choose another name, or remove it first: holdfast offsite remove "+req.Name, "there is an off-site place of that name already")
	}
	place, err := req.Place.Check()
	req.Place = place
	return firstOf(err, e.checkCopyPlace(place))
}

func (e *Engine) addOffsite(ctx context.Context, req AddOffsite) (added AddedOffsite, err error) {
	v, err := e.vault.get(ctx)
	if err != nil {
		return added, err
	}
	store, err := mirror.Open(ctx, req.Place, mirror.Options{Secret: req.Secret, Limit: req.Limit, Create: true, Lock: req.Lock})
	if err != nil {
		return added, err
	}
	defer func() { err = firstOf(err, store.Close(context.WithoutCancel(ctx))) }()
	claimed, err := mirror.Claim(ctx, store, e.offsiteWriter(v, 0), req.TakeOver)
	if err != nil {
		return added, err
	}
	took, sent, err := mirror.Probe(ctx, store, e.opts.Now)
	if err != nil {
		return added, err
	}
	status, err := v.Status(ctx)
	if err != nil {
		return added, err
	}
	added.Place, added.Bytes = req.Place, max(status.Bytes-claimed.Bytes, 0)
	added.Takes = time.Duration(float64(added.Bytes) / float64(sent) * float64(took)).Round(time.Second)
	if req.Secret != "" {
		if err := e.offsite.Set(ctx, req.Name, req.Secret); err != nil {
			return added, err
		}
	}
	if err := e.saveOffsite(ctx, req.Name, OffsiteState{Generation: claimed.Generation}); err != nil {
		return added, err
	}
	return added, e.update(ctx, func(c *config.Config) error {
		c.Offsite = append(c.Offsite, config.Offsite{
			Name: req.Name, Place: req.Place, Limit: req.Limit, KeepRemoved: config.Duration(req.KeepRemoved), Lock: config.Duration(req.Lock), Added: e.opts.Now().UTC().Truncate(time.Second),
		})
		return nil
	})
}

func (e *Engine) offsiteWriter(v *vault.Vault, known int64) mirror.Writer {
	host, _ := os.Hostname()
	return mirror.Writer{Vault: v.UniqueID(), Home: e.home, Host: host, Known: known}
}

// RemoveOffsite forgets a place, after a person approved. The copy stays where it is.
func (e *Engine) RemoveOffsite(ctx context.Context, name string) error {
	op := "remove the off-site place " + name
	o, err := e.config.FindOffsite(name)
	if err != nil {
		return backup.WithOp(op, err)
	}
	return e.export(ctx, op, "Stop copying the vault to "+o.String(), name, func() error {
		err := e.update(ctx, func(c *config.Config) error {
			c.RemoveOffsite(name)
			return nil
		})
		return firstOf(err, e.offsite.Remove(ctx, name), e.catalog.SetFact(ctx, offsiteFact(name), ""), e.forgetTrials(ctx, name))
	})
}

// Copied is the newest copy that is not on the vault's own disk.
type Copied struct {
	Place string    `json:"place"`
	At    time.Time `json:"at"`
}

// NewestCopy gives it; nil when there is none.
func (e *Engine) NewestCopy(ctx context.Context) (*Copied, error) {
	all, err := e.Offsites(ctx)
	var newest *Copied
	for _, o := range all {
		if o.LastSuccess.IsZero() || e.besideVault(o.Place) || newest != nil && newest.At.After(o.LastSuccess) {
			continue
		}
		newest = &Copied{Place: o.Name, At: o.LastSuccess}
	}
	return newest, err
}

// besideVault says whether a place is on the vault's own disk.
func (e *Engine) besideVault(p mirror.Place) bool {
	if p.Kind != mirror.Folder {
		return false
	}
	same, err := platform.SameDisk(p.Path, e.VaultPath())
	return err != nil || same
}

// OnVaultDisk says whether a place is a folder on the vault's own disk: such a copy is lost with it.
func (e *Engine) OnVaultDisk(p mirror.Place) bool { return e.besideVault(p) }

// currentFor is how old a copy may be that lacks the newest backup.
const currentFor = 24 * time.Hour

// copiedElsewhere says whether a copy on another disk is current.
func (e *Engine) copiedElsewhere(ctx context.Context) bool {
	newest, err := e.NewestCopy(ctx)
	if err != nil || newest == nil {
		return false
	}
	return !e.ahead(newest.At) && e.opts.Now().Sub(newest.At) < currentFor || !newest.At.Before(e.newestBackup(ctx))
}

// newestBackup says when the newest completed backup was, those of a clock that was ahead aside.
func (e *Engine) newestBackup(ctx context.Context) time.Time {
	all, err := e.catalog.Backups(ctx, backup.Query{})
	var newest time.Time
	for i := range all {
		if b := &all[i]; err == nil && b.Status == backup.StatusCompleted && b.Finished.After(newest) && !e.ahead(b.Finished) {
			newest = b.Finished
		}
	}
	return newest
}
