package backup

import (
	"context"
	"errors"
	"sync"
	"time"
)

// GrantLife is how long an approval holds before it is used.
const GrantLife = 2 * time.Minute

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
	From   Origin
	System bool      // the operating system's own authentication is offered too
	Until  time.Time // when the approval ends if it is not used
}

// ErrAskSystem is what an Approver gives for a person who wants the operating system to ask.
var ErrAskSystem = errors.New("approved by the operating system")

// Approver shows the prompt and gives the passphrase that was typed. Its errors end the request,
// but for ErrAskSystem.
type Approver func(ctx context.Context, p Prompt) (passphrase string, err error)

// SystemApprover lets the operating system authenticate the person.
type SystemApprover interface {
	Ready(ctx context.Context) bool
	Approve(ctx context.Context) error // nil: yes
}

// Verifier checks the approval passphrase. Wrong, unset, torn and too many tries are Refused.
type Verifier func(ctx context.Context, passphrase string) error

// Gate decides, asks, and keeps the audit log. It is consulted by Runner and Restorer
// themselves, so that no screen, command or timer can go round it.
type Gate struct {
	Policy  func(ctx context.Context, sandbox string) (Policy, error) // nil: DefaultPolicy
	Token   func(ctx context.Context) (*Token, error)                 // that whoever asks came with; nil, or a nil one: none
	Ready   func() error                                              // nil when a passphrase is set; asked before a person is
	Approve Approver                                                  // nil: nobody can be asked
	Verify  Verifier
	System  SystemApprover // nil: only the passphrase approves
	From    Origin         // of whatever asks this gate
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
	entry.Decision, entry.Detail, entry.Via = Allow, "by plan: "+req.What, ViaPlan
	if err := g.Audit(context.WithoutCancel(ctx), entry); err != nil {
		return nil, WithOp(req.Op, err)
	}
	return &Grant{req: req, until: g.Now().Add(GrantLife), gate: g}, nil
}

// Covers refuses req, and records that, where whoever asks came with a token that is not for it. It
// is for what a plan grants to everybody else.
func (g *Gate) Covers(ctx context.Context, req Request) error {
	if g.Token == nil {
		return nil
	}
	token, err := g.Token(ctx)
	if err == nil && token != nil {
		err = token.covers(req.Action, req.Sandbox, g.Now())
	}
	if err != nil {
		return g.Refuse(ctx, req, err)
	}
	return nil
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

// decide gives the decision that was taken, and nil when the answer is yes.
func (g *Gate) decide(ctx context.Context, req Request, until time.Time) (Decision, error) {
	policy, token, err := g.rules(ctx, req.Action, req.Sandbox)
	if err != nil {
		return Deny, err
	}
	if token != nil {
		if err := token.covers(req.Action, req.Sandbox, g.Now()); err != nil {
			return Deny, err
		}
	}
	decision := policy.Decide(req.Action)
	switch {
	case decision == Allow:
		return decision, nil
	case decision == Ask && token != nil:
		return decision, nil // who made the token approved of this
	case decision == Ask && req.Unattended && (req.Action == ActionRead || req.Action == ActionCreate):
		return decision, nil // what nobody watches holds these two
	case decision == Ask:
		return decision, g.ask(ctx, req, until)
	default:
		return Deny, Errorf(Refused, "Change the policy of the sandbox if this should be possible: holdfast gate policy "+req.Sandbox, "denied by policy (%s)", req.Action)
	}
}

// rules gives what holds for a sandbox, and the token that whoever asks came with. Changes of the
// gate do not look at its policies: they must be possible when those are torn.
func (g *Gate) rules(ctx context.Context, a Action, sandbox string) (policy Policy, token *Token, err error) {
	policy = DefaultPolicy()
	if g.Policy != nil && a != ActionGate {
		if policy, err = g.Policy(ctx, sandbox); err != nil {
			return nil, nil, err
		}
	}
	if g.Token != nil {
		token, err = g.Token(ctx)
	}
	return policy, token, err
}

// Permits says whether req would be granted without asking anybody. It is for lists, which leave
// out what may not be read; nothing is written into the audit log.
func (g *Gate) Permits(ctx context.Context, a Action, sandbox string) bool {
	policy, token, err := g.rules(ctx, a, sandbox)
	if err != nil || token != nil && token.covers(a, sandbox, g.Now()) != nil {
		return false
	}
	decision := policy.Decide(a)
	return decision == Allow || decision == Ask && token != nil
}

// CanList gives why no list can be shown to whoever asks, whatever is in it: torn rules, or a token that
// has ended or is not for a anywhere. What may be seen of each sandbox is for Permits to say.
func (g *Gate) CanList(ctx context.Context, a Action) error {
	_, token, err := g.rules(ctx, a, "")
	if err != nil || token == nil {
		return err
	}
	somewhere := ""
	if len(token.Sandboxes) > 0 {
		somewhere = token.Sandboxes[0]
	}
	return token.covers(a, somewhere, g.Now())
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
	system := g.System != nil && g.System.Ready(ctx)
	passphrase, err := g.Approve(ctx, Prompt{Request: req, From: g.From, System: system, Until: until})
	if errors.Is(err, ErrAskSystem) && system {
		return g.System.Approve(ctx)
	}
	if err != nil {
		return err
	}
	return g.Verify(ctx, passphrase)
}

func (g *Gate) entry(req Request) AuditEntry {
	from := g.From
	if req.Unattended {
		from.Via = ViaPlan
	}
	return AuditEntry{At: g.Now().UTC(), Who: req.Who, Action: req.Action, Sandbox: req.Sandbox, Object: req.Object, Origin: from}
}

// Use spends the grant: the first time, before it ends. Any other time it is Refused.
func (gr *Grant) Use() error {
	gr.mu.Lock()
	defer gr.mu.Unlock()
	if gr.used {
		return &Error{Kind: Refused, Op: gr.req.Op, Text: "the approval was used already", Hint: "Ask again."}
	}
	if gr.gate.Now().After(gr.until) {
		return &Error{Kind: Refused, Op: gr.req.Op, Text: "the approval has ended", Hint: "Ask again; an approval holds for two minutes."}
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
