package backup

import (
	"slices"
	"strings"
)

// Action is something the gate decides about.
type Action string

// The permission keys.
const (
	ActionRead   Action = "backups.read"   // list and show
	ActionCreate Action = "backups.create" // back up, verify, drill
	ActionUpdate Action = "backups.update" // note, pin, plan, sandbox
	ActionDelete Action = "backups.delete"
	ActionExport Action = "backups.export" // download, secrets, key, off-site place
	ActionDBFull Action = "db_full"        // restore, undo
)

// ActionGate is a change of the gate itself: its policies, its tokens. It is in no policy: a
// person is always asked.
const ActionGate Action = "gate"

// Actions lists the permission keys, from the harmless to the grave.
func Actions() []Action {
	return []Action{ActionRead, ActionCreate, ActionUpdate, ActionDelete, ActionExport, ActionDBFull}
}

// ParseAction reads a permission key.
func ParseAction(text string) (Action, error) {
	if a := Action(text); slices.Contains(Actions(), a) {
		return a, nil
	}
	names := make([]string, 0, len(Actions()))
	for _, a := range Actions() {
		names = append(names, string(a))
	}
	return "", Errorf(Usage, Meant(text, names, "These are there: "+strings.Join(names, ", ")), "%q is no permission key", text)
}

// Decision is the gate's answer.
type Decision string

// The decisions.
const (
	Allow Decision = "allow"
	Ask   Decision = "ask"
	Deny  Decision = "deny"
)

// Policy says what the gate does about each action.
type Policy map[Action]Decision

// DefaultPolicy allows reading, creating and updating, and asks for the rest.
func DefaultPolicy() Policy {
	return Policy{
		ActionRead: Allow, ActionCreate: Allow, ActionUpdate: Allow,
		ActionDelete: Ask, ActionExport: Ask, ActionDBFull: Ask,
	}
}

// Decide gives the decision for one action. What is not named is denied; db_full is never
// allowed without asking, whatever the policy says.
func (p Policy) Decide(a Action) Decision {
	d := p[a]
	switch {
	case a == ActionGate:
		return Ask
	case d != Allow && d != Ask:
		return Deny
	case a == ActionDBFull && d == Allow:
		return Ask
	}
	return d
}

// With gives p with one decision changed. It is a usage error to allow db_full.
func (p Policy) With(a Action, d Decision) (Policy, error) {
	switch {
	case d != Allow && d != Ask && d != Deny:
		return nil, Errorf(Usage, "Choose allow, ask or deny.", "%q is no decision", d)
	case a == ActionDBFull && d == Allow:
		return nil, Errorf(Usage, "Choose ask or deny.", "%s is never allowed without asking", a)
	}
	changed := Policy{}
	for action, decision := range p {
		changed[action] = decision
	}
	changed[a] = d
	return changed, nil
}
