package envfile

import (
	"regexp"
	"strings"

	"github.com/joho/godotenv"
)

const (
	fewRefs    = 8           // so few variables in variables make no text long
	maxExpands = 4 * MaxSize // bytes that all values may come to
)

// hidden stands for a dollar sign where nothing is to be filled in.
const hidden = "\x01"

var (
	refPattern = regexp.MustCompile(`[$\x01]\(?\{?([A-Z0-9_]+)`)
	keyPattern = regexp.MustCompile(`(?:^|[\s\p{Z}"'])([A-Z0-9_]+)[\s\p{Z}]*[=:]`)
)

// expandable says whether the values can be filled in without becoming very long: a few lines, each
// with the one before it twice, would fill any memory. The error is ErrSyntax or ErrTooLong.
func expandable(text []byte) error {
	if refs := refPattern.FindAllSubmatchIndex(text, fewRefs+1); len(refs) <= fewRefs {
		return nil
	}
	raw, err := godotenv.Unmarshal(strings.ReplaceAll(string(text), "$", hidden))
	if err != nil {
		return ErrSyntax
	}
	e := expansion{raw: raw, sizes: map[string]int{}, defined: map[string]int{}}
	for _, m := range keyPattern.FindAllSubmatch(text, -1) {
		e.defined[string(m[1])]++
	}
	total := 0
	for key := range raw {
		if total += e.size(key); total > maxExpands {
			return ErrTooLong
		}
	}
	return nil
}

// expansion estimates, never too low, how long values become.
type expansion struct {
	raw     map[string]string
	sizes   map[string]int // of what was asked for; too long while it is being found out
	defined map[string]int // how often, at most, each name is given a value
}

// size gives the bytes of a variable, or more than there may be: also where variables go round in a
// circle, unless it is one alone, which has no value yet where its own is made.
func (e *expansion) size(key string) int {
	if n, known := e.sizes[key]; known {
		return n
	}
	e.sizes[key] = maxExpands + 1
	n := len(e.raw[key])
	for _, m := range refPattern.FindAllStringSubmatch(e.raw[key], -1) {
		if e.defined[m[1]] > 1 {
			return maxExpands + 1 // what it was before is not known here
		}
		if m[1] == key {
			continue
		}
		if n += e.size(m[1]); n > maxExpands {
			break
		}
	}
	e.sizes[key] = n
	return n
}
