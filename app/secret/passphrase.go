package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"holdfast/backup"
	"holdfast/platform"
)

// ErrWrong means that a passphrase was checked and is not the right one.
var ErrWrong = errors.New("the approval passphrase is wrong")

// MinPassphrase is the shortest approval passphrase, in characters.
const MinPassphrase = 6

// freeTries wrong passphrases cost nothing; each one more doubles the wait, from firstWait to longestWait.
const (
	freeTries   = 5
	firstWait   = 2 * time.Second
	longestWait = 15 * time.Minute
)

// argon2id's cost: RFC 9106's second recommendation (64 MiB, 3 passes).
const (
	hashTime    = 3
	hashMemory  = 64 << 10 // KiB
	hashThreads = 4
	hashLength  = 32
)

// Passphrase is the approval passphrase, kept as a hash.
type Passphrase struct {
	File string // 0600
	Now  backup.Clock
}

// state is the file's contents.
type state struct {
	Version int       `json:"version"`
	Time    uint32    `json:"time"`
	Memory  uint32    `json:"memory_kib"`
	Threads uint8     `json:"threads"`
	Salt    []byte    `json:"salt"`
	Hash    []byte    `json:"hash"`
	Wrong   int       `json:"wrong"` // wrong tries in a row
	Last    time.Time `json:"last"`  // of the last wrong try
}

// Ready gives nil when a passphrase is set. Unset, torn and readable by others are Refused.
func (p Passphrase) Ready() error {
	_, err := p.load()
	return err
}

// IsSet says whether there is a passphrase, torn or not.
func (p Passphrase) IsSet() bool {
	_, err := os.Lstat(p.File)
	return err == nil
}

// Set keeps a new passphrase. Who may do that is the caller's question.
func (p Passphrase) Set(passphrase string) error {
	if n := utf8.RuneCountInString(passphrase); n < MinPassphrase {
		return backup.Errorf(backup.Usage, "Choose a longer one; a few words are easy to remember.", "the approval passphrase has %d characters; it needs at least %d", n, MinPassphrase)
	}
	s := state{Version: 1, Time: hashTime, Memory: hashMemory, Threads: hashThreads, Salt: make([]byte, 16)}
	rand.Read(s.Salt)
	s.Hash = s.hash(passphrase)
	unlock, err := p.lock(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	return p.store(&s)
}

// Forget removes the passphrase. Who may do that is the caller's question.
func (p Passphrase) Forget() error {
	unlock, err := p.lock(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	return os.Remove(p.File)
}

// lock keeps others from counting a wrong try while the file is changed.
func (p Passphrase) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = lockBeside(ctx, p.File)
	if err != nil {
		return nil, &backup.Error{Kind: backup.Refused, Text: "the approval passphrase cannot be checked or set now", Hint: "Is the folder of " + p.File + " writable?", Err: err}
	}
	return unlock, nil
}

// Verify checks a passphrase in constant time. Wrong ones are counted: from the sixth in a row
// on, each has to wait, twice as long as the one before.
func (p Passphrase) Verify(ctx context.Context, passphrase string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	s, err := p.load()
	if err != nil {
		return err
	}
	now := p.Now().UTC()
	if s.Wrong >= freeTries && now.Before(s.Last) { // the clock was set back: the wait begins anew
		s.Last = now
		if err := p.store(s); err != nil {
			return err
		}
	}
	if left := s.wait(now); left > 0 {
		return backup.Errorf(backup.Refused, "Wait, then try again.", "too many wrong approval passphrases; the next try is possible in %s", left.Round(time.Second))
	}
	return p.judge(s, passphrase)
}

func (p Passphrase) judge(s *state, passphrase string) error {
	if subtle.ConstantTimeCompare(s.hash(passphrase), s.Hash) == 1 {
		if s.Wrong == 0 {
			return nil
		}
		s.Wrong, s.Last = 0, time.Time{}
		return p.store(s)
	}
	s.Wrong, s.Last = s.Wrong+1, p.Now().UTC()
	if err := p.store(s); err != nil {
		return err
	}
	return &backup.Error{Kind: backup.Refused, Text: ErrWrong.Error(), Hint: "Try again with the passphrase that was set with: holdfast gate set-passphrase", Err: ErrWrong}
}

// wait says how long the next try has to wait.
func (s *state) wait(now time.Time) time.Duration {
	if s.Wrong < freeTries {
		return 0
	}
	wait := time.Duration(math.Min(float64(firstWait)*math.Pow(2, float64(s.Wrong-freeTries)), float64(longestWait)))
	return wait - now.Sub(s.Last)
}

func (s *state) hash(passphrase string) []byte {
	return argon2.IDKey([]byte(passphrase), s.Salt, s.Time, s.Memory, s.Threads, hashLength)
}

func (p Passphrase) load() (*state, error) {
	text, err := platform.ReadPrivate(context.Background(), p.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, backup.Errorf(backup.Refused, "Set one: holdfast gate set-passphrase", "needs approval, and no approval passphrase is set yet")
	case errors.Is(err, platform.ErrReadableByOthers):
		return nil, &backup.Error{Kind: backup.Refused, Text: "the approval passphrase's file can be read by others", Hint: "Make it yours alone: chmod 600 " + p.File, Err: err}
	}
	var s state
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err == nil && !s.sane() {
		err = errors.New("values out of range")
	}
	if err != nil {
		return nil, &backup.Error{Kind: backup.Refused, Text: "the approval passphrase's file is damaged", Hint: "Remove " + p.File + " and set the passphrase anew: holdfast gate set-passphrase", Err: err}
	}
	return &s, nil
}

// sane keeps a damaged file from asking for absurd amounts of memory or time, or for none.
func (s *state) sane() bool {
	return s.Version == 1 && s.Time >= 1 && s.Time <= 16 && s.Threads >= 1 && s.Threads <= 16 &&
		s.Memory >= 8<<10 && s.Memory <= 1<<20 && len(s.Salt) == 16 && len(s.Hash) == hashLength && s.Wrong >= 0
}

func (p Passphrase) store(s *state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode approval passphrase: %w", err)
	}
	if err := platform.WriteFileAtomic(p.File, append(text, '\n'), 0o600); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the approval passphrase cannot be kept", Hint: "Is the folder of " + p.File + " writable?", Err: err}
	}
	return nil
}
