package backup

import (
	"slices"
	"strings"
	"time"
)

// Token lets a script or an agent do some things without being asked for the passphrase, and
// nothing else. Whoever made it approved of them.
type Token struct {
	ID        string    `json:"id"`
	Note      string    `json:"note,omitempty"`
	Actions   []Action  `json:"actions"`
	Sandboxes []string  `json:"sandboxes,omitempty"` // empty: all
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires"`
	Who       string    `json:"who"`
	Revoked   bool      `json:"revoked,omitempty"`
}

// LongestToken is how long a token may live.
const LongestToken = 365 * 24 * time.Hour

// Validate checks a token that is to be made: no db_full, no empty list, an end within a year.
func (t *Token) Validate() error {
	switch {
	case len(t.Actions) == 0:
		return Errorf(Usage, "Name them, such as --actions backups.read,backups.create", "the token is for no action")
	case slices.Contains(t.Actions, ActionDBFull):
		return Errorf(Usage, "Restores are approved by a person, each time.", "no token is for %s", ActionDBFull)
	case t.Expires.Sub(t.Created) <= 0 || t.Expires.Sub(t.Created) > LongestToken:
		return Errorf(Usage, "Choose up to 8760h, which is a year.", "the token's life must be above 0 and at most a year")
	}
	for _, a := range t.Actions {
		if _, err := ParseAction(string(a)); err != nil {
			return err
		}
	}
	return nil
}

// covers gives nil when the token is for this action in this sandbox at this time.
func (t *Token) covers(a Action, sandbox string, now time.Time) error {
	switch {
	case t.Revoked:
		return Errorf(Refused, "Have a new one made: holdfast gate token create", "the token %s was revoked", t.ID)
	case !now.Before(t.Expires):
		return Errorf(Refused, "Have a new one made: holdfast gate token create", "the token %s ended at %s", t.ID, t.Expires.UTC().Format(time.RFC3339))
	case now.Before(t.Created.Add(-tokenSkew)):
		return Errorf(Refused, "Set the clock right.", "the token %s was made later than now", t.ID)
	case a == ActionDBFull || !slices.Contains(t.Actions, a):
		return Errorf(Refused, "It is for "+joinActions(t.Actions)+".", "the token %s is not for %s", t.ID, a)
	case len(t.Sandboxes) > 0 && !slices.Contains(t.Sandboxes, sandbox):
		return Errorf(Refused, "It is for "+strings.Join(t.Sandboxes, ", ")+".", "the token %s is not for this sandbox", t.ID)
	}
	return nil
}

// tokenSkew is how far the clock may be set back before a token counts as from the future.
const tokenSkew = time.Minute

func joinActions(all []Action) string {
	words := make([]string, len(all))
	for i, a := range all {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}
