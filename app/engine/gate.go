package engine

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/platform"
)

// rulesDigest is the fact that remembers which rules of the gate are the newest.
const rulesDigest = "digest of the gate's rules"

func (e *Engine) findRules() {
	e.rules = secret.Rules{
		File: e.paths.Rules, Key: e.rulesKey, Digest: e.rulesDigest,
		SetDigest: func(ctx context.Context, digest string) error { return e.catalog.SetFact(ctx, rulesDigest, digest) },
	}
}

func (e *Engine) rulesKey(ctx context.Context) ([]byte, error) {
	key, err := e.key(ctx)
	if err != nil {
		return nil, err
	}
	return e.derived.Key(key, secret.ForRules)
}

// rulesDigest gives what is remembered. Where nothing is, although the audit log says that there
// were rules, it gives what no rules have: somebody took them away.
func (e *Engine) rulesDigest(ctx context.Context) (string, error) {
	digest, err := e.catalog.Fact(ctx, rulesDigest)
	if err != nil || digest != "" {
		return digest, err
	}
	had, err := e.catalog.Audited(ctx, backup.ActionGate)
	if had {
		digest = "lost"
	}
	return digest, err
}

// anchor names the gate's rules in the manifest of a backup.
func (e *Engine) anchor(ctx context.Context) (*backup.Anchor, error) {
	digest, err := e.rulesDigest(ctx)
	if err != nil || digest == "" {
		return nil, err
	}
	return &backup.Anchor{Home: e.home, Rules: digest}, nil
}

// recallRules tells a catalog that is new which rules this home's gate had at the newest backup.
func (e *Engine) recallRules(ctx context.Context, stored []backup.Stored) error {
	var newest *backup.Manifest
	for i := range stored {
		if m := stored[i].Manifest; newest == nil || m.Started.After(newest.Started) {
			newest = m
		}
	}
	known, err := e.catalog.Fact(ctx, rulesDigest)
	if err != nil || known != "" || newest == nil || newest.Gate == nil || newest.Gate.Home != e.home {
		return err
	}
	return e.catalog.SetFact(ctx, rulesDigest, newest.Gate.Rules)
}

// token gives the token that this process was started with, nil without one.
func (e *Engine) token(ctx context.Context) (*backup.Token, error) {
	path := os.Getenv(secret.TokenFileEnv)
	if path == "" {
		return nil, nil //nolint:nilnil // no token is no error
	}
	return e.rules.Present(ctx, path)
}

// Policy gives what holds for a sandbox.
func (e *Engine) Policy(ctx context.Context, sandbox string) (backup.Policy, error) {
	if _, err := e.Sandbox(sandbox); err != nil {
		return nil, err
	}
	return e.rules.Policy(ctx, sandbox)
}

// SetPolicy changes what holds for a sandbox. A person is asked, whatever the policies say.
func (e *Engine) SetPolicy(ctx context.Context, sandbox string, a backup.Action, d backup.Decision) error {
	op := "change the policy of " + sandbox
	old, err := e.Policy(ctx, sandbox)
	if err == nil {
		_, err = old.With(a, d)
	}
	if err != nil {
		return backup.WithOp(op, err)
	}
	return e.changeGate(ctx, backup.Request{
		Op: op, Sandbox: sandbox, Object: string(a),
		What: fmt.Sprintf("Change the gate for %s: %s is %s from now on (%s so far)", sandbox, a, d, old.Decide(a)),
	}, func(*backup.Grant) error { return e.rules.SetPolicy(ctx, sandbox, a, d) })
}

// ResetGate gives every sandbox the default policy and forgets all tokens: the way out when the
// gate's rules are torn, missing or not the newest.
func (e *Engine) ResetGate(ctx context.Context) error {
	return e.changeGate(ctx, backup.Request{
		Op: "reset the gate", What: "Give every sandbox the default policy, and end all tokens",
		Loss: "What was denied by policy so far is only asked about, or allowed, from then on.",
	}, func(*backup.Grant) error { return e.rules.Reset(ctx) })
}

// Tokens gives all tokens, oldest first.
func (e *Engine) Tokens(ctx context.Context) ([]backup.Token, error) { return e.rules.Tokens(ctx) }

// CreateToken makes a token and writes its text into a new 0600 file.
func (e *Engine) CreateToken(ctx context.Context, t backup.Token, life time.Duration, out string) (backup.Token, error) {
	op := "make a token"
	t.Created = e.opts.Now().UTC().Truncate(time.Second)
	t.Expires, t.Who = t.Created.Add(life), who()
	err := t.Validate()
	for _, name := range t.Sandboxes {
		if err == nil {
			_, err = e.Sandbox(name)
		}
	}
	if err == nil {
		err = platform.WriteFileNew(out, nil, 0o600) // before anybody is asked
		if err != nil {
			err = &backup.Error{Kind: backup.Usage, Text: "the token cannot be written to " + out, Hint: "Name a file that is not there yet, in a folder that is.", Err: err}
		}
	}
	if err != nil {
		return t, backup.WithOp(op, err)
	}
	where := "every sandbox"
	if len(t.Sandboxes) > 0 {
		where = strings.Join(t.Sandboxes, ", ")
	}
	err = e.changeGate(ctx, backup.Request{
		Op: op, Object: out,
		What: fmt.Sprintf("Make a token that may, without the passphrase, do %s in %s until %s", actionsText(t.Actions), where, t.Expires.Format("2006-01-02 15:04 MST")),
	}, func(grant *backup.Grant) error {
		text, err := e.rules.Mint(ctx, &t)
		if err != nil {
			return err
		}
		grant.Note("token " + t.ID)
		return platform.WriteFileAtomic(out, []byte(text+"\n"), 0o600)
	})
	if err != nil {
		return t, firstOf(err, os.Remove(out))
	}
	return t, nil
}

func actionsText(all []backup.Action) string {
	words := make([]string, len(all))
	for i, a := range all {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}

// RevokeToken ends a token at once. That takes rights away, so nobody is asked.
func (e *Engine) RevokeToken(ctx context.Context, id string) (revoked backup.Token, err error) {
	op := "revoke the token " + id
	grant, err := e.runner.Gate.ByPlan(ctx, backup.Request{Op: op, Action: backup.ActionGate, Object: id, Who: who(), What: "whoever holds the home may take a token's rights away"})
	if err != nil {
		return revoked, err
	}
	revoked, err = e.rules.Revoke(ctx, id)
	return revoked, grant.Outcome(ctx, backup.WithOp(op, err))
}

// changeGate does something to the gate itself, after a person approved.
func (e *Engine) changeGate(ctx context.Context, req backup.Request, do func(*backup.Grant) error) error {
	req.Action, req.Who = backup.ActionGate, who()
	grant, err := e.runner.Gate.Request(ctx, req)
	if err != nil {
		return err
	}
	if err := grant.Use(); err != nil {
		return err
	}
	return grant.Outcome(ctx, backup.WithOp(req.Op, do(grant)))
}
