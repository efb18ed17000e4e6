package backup

import (
	"context"
	"sync"
	"time"
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

// Decision is the gate's answer.
type Decision string

// The decisions.
const (
	Allow Decision = "allow"
	Ask   Decision = "ask"
	Deny  Decision = "deny"
)

// GrantLife is how long an approval holds before it is used.
const GrantLife = 5 * time.Minute

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
	case d != Allow && d != Ask:
		return Deny
	case a == ActionDBFull && d == Allow:
		return Ask
	}
	return d
}

// Request is what somebody asks the gate for.
type Request struct {
	Op         string // for errors: "restore shop"
	Action     Action
	Sandbox    string
	Object     string // ID or name of what it is about
	Who        string // user@host
	What       string // one sentence: what will be done
	Loss       string // one sentence: what will be lost; "" when nothing is
	Unattended bool   // nobody is there to be asked
}

// Prompt is what a person sees who is asked for approval.
type Prompt struct {
	Request
	Until time.Time // when the approval ends if it is not used
}

// Approver shows the prompt and gives the passphrase that was typed. Its errors end the request.
type Approver func(ctx context.Context, p Prompt) (passphrase string, err error)

// Verifier checks the approval passphrase. Wrong, unset, torn and too many tries are Refused.
type Verifier func(ctx context.Context, passphrase string) error

// Gate decides, asks, and keeps the audit log. It is consulted by Runner and Restorer
// themselves, so that no screen, command or timer can go round it.
type Gate struct {
	Policy  func(sandbox string) (Policy, error) // nil: DefaultPolicy
	Ready   func() error                         // nil when a passphrase is set; asked before a person is
	Approve Approver                             // nil: nobody can be asked
	Verify  Verifier
	Audit   func(ctx context.Context, e AuditEntry) error
	Now     Clock
}

// Grant is permission for one action on one object. It is used once and ends after GrantLife.
type Grant struct {
	req   Request
	until time.Time
	gate  *Gate

	mu     sync.Mutex
	used   bool
	detail string
}

// Note adds to the outcome what came of the action, such as the ID of a restore.
func (gr *Grant) Note(detail string) { gr.detail = detail }

// Request decides about req, asking a person where the policy says so. The decision is in the
// audit log before Request returns; if it cannot be written, the answer is no.
func (g *Gate) Request(ctx context.Context, req Request) (*Grant, error) {
	until := g.Now().Add(GrantLife)
	decision, err := g.decide(ctx, req, until)
	entry := g.entry(req)
	entry.Decision = Allow
	if err != nil {
		entry.Decision, entry.Outcome = Deny, AsError(err).Text
	}
	entry.Detail = string(decision)
	if auditErr := g.Audit(context.WithoutCancel(ctx), entry); auditErr != nil {
		return nil, &Error{Kind: Refused, Op: req.Op, Text: "the audit log cannot be written, so nothing is approved", Hint: "Look at the catalog's folder: is the disk full or read-only?", Err: auditErr}
	}
	if err != nil {
		return nil, WithOp(req.Op, err)
	}
	return &Grant{req: req, until: until, gate: g}, nil
}

// ByPlan grants what a person's plan says, such as pruning: nobody is asked, but it is in the
// audit log before anything happens.
func (g *Gate) ByPlan(ctx context.Context, req Request) (*Grant, error) {
	entry := g.entry(req)
	entry.Decision, entry.Detail = Allow, "by plan: "+req.What
	if err := g.Audit(context.WithoutCancel(ctx), entry); err != nil {
		return nil, WithOp(req.Op, err)
	}
	return &Grant{req: req, until: g.Now().Add(GrantLife), gate: g}, nil
}

// Refuse records that a switch, not the gate, said no, and gives err back with its operation.
func (g *Gate) Refuse(ctx context.Context, req Request, err error) error {
	entry := g.entry(req)
	entry.Decision, entry.Outcome = Deny, AsError(err).Text
	if auditErr := g.Audit(context.WithoutCancel(ctx), entry); auditErr != nil {
		return WithOp(req.Op, auditErr)
	}
	return WithOp(req.Op, err)
}

func (g *Gate) decide(ctx context.Context, req Request, until time.Time) (Decision, error) {
	policy := DefaultPolicy()
	if g.Policy != nil {
		p, err := g.Policy(req.Sandbox)
		if err != nil {
			return Deny, err
		}
		policy = p
	}
	decision := policy.Decide(req.Action)
	switch decision {
	case Allow:
		return decision, nil
	case Ask:
		return decision, g.ask(ctx, req, until)
	default:
		return Deny, Errorf(Refused, "Change the policy of the sandbox if this should be possible.", "denied by policy (%s)", req.Action)
	}
}

func (g *Gate) ask(ctx context.Context, req Request, until time.Time) error {
	if g.Ready != nil {
		if err := g.Ready(); err != nil {
			return err
		}
	}
	if g.Approve == nil || req.Unattended {
		return Errorf(Refused, "Approve it at the terminal, or give --approve-file FILE.", "needs approval (%s)", req.Action)
	}
	passphrase, err := g.Approve(ctx, Prompt{Request: req, Until: until})
	if err != nil {
		return err
	}
	return g.Verify(ctx, passphrase)
}

func (g *Gate) entry(req Request) AuditEntry {
	return AuditEntry{At: g.Now().UTC(), Who: req.Who, Action: req.Action, Sandbox: req.Sandbox, Object: req.Object}
}

// Use spends the grant: the first time, before it ends. Any other time it is Refused.
func (gr *Grant) Use() error {
	gr.mu.Lock()
	defer gr.mu.Unlock()
	if gr.used {
		return &Error{Kind: Refused, Op: gr.req.Op, Text: "the approval was used already", Hint: "Ask again."}
	}
	if gr.gate.Now().After(gr.until) {
		return &Error{Kind: Refused, Op: gr.req.Op, Text: "the approval has ended", Hint: "Ask again; an approval holds for five minutes."}
	}
	gr.used = true
	return nil
}

// Outcome writes how the granted action ended, and gives err back. An outcome that cannot be
// written is reported only when the action itself went well.
func (gr *Grant) Outcome(ctx context.Context, err error) error {
	entry := gr.gate.entry(gr.req)
	entry.Outcome, entry.Detail = "done", gr.detail
	if err != nil {
		entry.Outcome = AsError(err).Error()
	}
	auditErr := gr.gate.Audit(context.WithoutCancel(ctx), entry)
	if err != nil {
		return err
	}
	return WithOp(gr.req.Op, auditErr)
}
