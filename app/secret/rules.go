package secret

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/platform"
)

// TokenFileEnv names the environment variable that names the file of a token. Who comes with
// one may do what the token is for, and nothing else.
const TokenFileEnv = "HOLDFAST_TOKEN_FILE" //nolint:gosec // a name, no secret

// Rules keeps the gate's policies and tokens in one file, sealed under a key from the vault's.
//
// An edit shows by the seal; an older file put back, or the file taken away, by the digest that
// is kept apart from it. In both cases everything is Refused until a person resets the rules.
type Rules struct {
	File      string                                         // 0600
	Key       func(ctx context.Context) ([]byte, error)      // for the seal
	Digest    func(ctx context.Context) (string, error)      // of the newest rules; "" before there are any
	SetDigest func(ctx context.Context, digest string) error // remembers it
}

// rules is the file's contents.
type rules struct {
	Version  int                      `json:"version"`
	Serial   int                      `json:"serial"` // of changes
	Policies map[string]backup.Policy `json:"policies"`
	Tokens   []storedToken            `json:"tokens"`
	Seal     string                   `json:"seal,omitempty"` // hex HMAC-SHA256 of all the above
}

type storedToken struct {
	backup.Token
	Hash []byte `json:"hash"` // SHA-256 of the secret part, which is 256 random bits
}

// Policy gives what holds for a sandbox.
func (r Rules) Policy(ctx context.Context, sandbox string) (backup.Policy, error) {
	state, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	policy := backup.DefaultPolicy()
	maps.Copy(policy, state.Policies[sandbox])
	return policy, nil
}

// SetPolicy changes one decision for a sandbox. Who may do that is the caller's question.
func (r Rules) SetPolicy(ctx context.Context, sandbox string, a backup.Action, d backup.Decision) error {
	return r.update(ctx, func(state *rules) error {
		policy, err := state.Policies[sandbox].With(a, d)
		if err == nil {
			state.Policies[sandbox] = policy
		}
		return err
	})
}

// Reset gives every sandbox the default policy and forgets all tokens.
func (r Rules) Reset(ctx context.Context) error {
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return r.store(ctx, &rules{Version: 1, Policies: map[string]backup.Policy{}})
}

// Tokens gives all tokens, oldest first, without their secrets.
func (r Rules) Tokens(ctx context.Context) ([]backup.Token, error) {
	state, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]backup.Token, len(state.Tokens))
	for i := range state.Tokens {
		list[i] = state.Tokens[i].Token
	}
	return list, nil
}

const tokenPrefix = "holdfast-token"

// Mint keeps a new token, whose ID it sets, and gives the text that must be presented. The text
// is nowhere else.
func (r Rules) Mint(ctx context.Context, t *backup.Token) (text string, err error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	var secret [32]byte
	rand.Read(secret[:])
	t.ID = string(backup.NewID())
	hash := sha256.Sum256(secret[:])
	err = r.update(ctx, func(state *rules) error {
		state.Tokens = append(state.Tokens, storedToken{Token: *t, Hash: hash[:]})
		return nil
	})
	return fmt.Sprintf("%s.%s.%s", tokenPrefix, t.ID, strings.ToLower(tokenCoding.EncodeToString(secret[:]))), err
}

var tokenCoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Revoke ends a token; id may be shortened while unique.
func (r Rules) Revoke(ctx context.Context, id string) (revoked backup.Token, err error) {
	err = r.update(ctx, func(state *rules) error {
		var found []*storedToken
		for i := range state.Tokens {
			if t := &state.Tokens[i]; id != "" && strings.HasPrefix(t.ID, id) {
				found = append(found, t)
			}
		}
		if len(found) != 1 {
			return backup.Errorf(backup.Usage, "See: holdfast gate token list", "%d tokens have an ID that begins with %q", len(found), id)
		}
		found[0].Revoked = true
		revoked = found[0].Token
		return nil
	})
	return revoked, err
}

// Present reads a token's file and finds the token. Anything but a token that was made here is Refused.
func (r Rules) Present(ctx context.Context, path string) (*backup.Token, error) {
	text, err := platform.ReadPrivate(ctx, path)
	switch {
	case errors.Is(err, platform.ErrReadableByOthers):
		return nil, &backup.Error{Kind: backup.Refused, Text: "the token's file can be read by others", Hint: "Have it revoked and a new one made; then: chmod 600 " + path, Err: err}
	case err != nil:
		return nil, &backup.Error{Kind: backup.Refused, Text: "the token's file cannot be read: " + err.Error(), Hint: TokenFileEnv + " names it: " + path, Err: err}
	}
	fields := strings.Split(strings.TrimSpace(string(text)), ".")
	unknown := backup.Errorf(backup.Refused, "Have a new one made: holdfast gate token create", "the token is not one of this Holdfast's")
	if len(fields) != 3 || fields[0] != tokenPrefix {
		return nil, unknown
	}
	secret, err := tokenCoding.DecodeString(strings.ToUpper(fields[2]))
	if err != nil {
		return nil, unknown
	}
	state, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(secret)
	i := slices.IndexFunc(state.Tokens, func(t storedToken) bool {
		return t.ID == fields[1] && subtle.ConstantTimeCompare(t.Hash, hash[:]) == 1
	})
	if i < 0 {
		return nil, unknown
	}
	return &state.Tokens[i].Token, nil
}

// load gives the rules in force. Before there are any, everything is at its default.
func (r Rules) load(ctx context.Context) (*rules, error) {
	known, err := r.Digest(ctx)
	if err != nil {
		return nil, tornRules("the newest rules of the gate are not known", err)
	}
	text, err := platform.ReadPrivate(ctx, r.File)
	if errors.Is(err, fs.ErrNotExist) && known == "" {
		return &rules{Version: 1, Policies: map[string]backup.Policy{}}, nil
	}
	if err != nil {
		return nil, tornRules("the gate's rules, "+r.File+", cannot be read", err)
	}
	var state rules
	if err := json.Unmarshal(text, &state); err != nil || state.Version != 1 {
		return nil, tornRules("the gate's rules, "+r.File+", are damaged", err)
	}
	return &state, r.check(ctx, &state, known)
}

// check looks at the seal, and whether these are the newest rules.
func (r Rules) check(ctx context.Context, state *rules, known string) error {
	seal, err := r.seal(ctx, state)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(seal), []byte(state.Seal)) {
		return tornRules("the gate's rules, "+r.File+", were changed by something else", nil)
	}
	if known != "" && !slices.Contains(strings.Fields(known), seal) { // a lost catalog knows none
		return tornRules("the gate's rules, "+r.File+", are not the newest: an older file was put in their place", nil)
	}
	if state.Policies == nil {
		state.Policies = map[string]backup.Policy{}
	}
	return nil
}

func tornRules(text string, err error) error {
	return &backup.Error{Kind: backup.Refused, Text: text, Hint: "Look who did that. Then give all sandboxes the default policy again: holdfast gate reset", Err: err}
}

func (r Rules) seal(ctx context.Context, state *rules) (string, error) {
	key, err := r.Key(ctx)
	if err != nil {
		return "", &backup.Error{Kind: backup.Refused, Text: "the gate's rules cannot be checked without the vault key: " + backup.AsError(err).Text, Hint: backup.AsError(err).Hint, Err: err}
	}
	bare := *state
	bare.Seal = ""
	text, err := json.Marshal(&bare)
	if err != nil {
		return "", fmt.Errorf("encode the gate's rules: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

func (r Rules) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = lockBeside(ctx, r.File)
	if err != nil {
		return nil, &backup.Error{Kind: backup.Failed, Text: "the gate's rules cannot be changed now", Hint: "Is the folder of " + r.File + " writable?", Err: err}
	}
	return unlock, nil
}

func (r Rules) update(ctx context.Context, edit func(*rules) error) error {
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	state, err := r.load(ctx)
	if err != nil {
		return err
	}
	if err := edit(state); err != nil {
		return err
	}
	return r.store(ctx, state)
}

// store lets both the old and the new rules count as the newest while the file is written, so that
// a crash leaves one of them in force.
func (r Rules) store(ctx context.Context, state *rules) error {
	old := state.Seal
	state.Serial++
	seal, err := r.seal(ctx, state)
	if err != nil {
		return err
	}
	state.Seal = seal
	if err := r.SetDigest(ctx, strings.TrimSpace(old+" "+seal)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the gate's rules: %w", err)
	}
	if err := platform.WriteFileAtomic(r.File, append(text, '\n'), 0o600); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the gate's rules cannot be kept", Hint: "Is the folder of " + r.File + " writable?", Err: err}
	}
	return r.SetDigest(ctx, seal)
}
