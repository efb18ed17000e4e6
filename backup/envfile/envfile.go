// Package envfile reads what projects are configured with: .env files and compose files.
//
// It is lenient, for these files are other programs': what cannot be read is left out. It keeps
// nothing.
//
// Hazard: values are secrets, and errors of the parser underneath quote them. No error of this
// package does.
package envfile

import (
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/joho/godotenv"
)

// MaxSize bounds a file that is read, in bytes. A longer one is not meant.
const MaxSize = 1 << 20

// The reasons why a file is not read. None holds any of its text.
var (
	ErrSyntax  = errors.New("it is not written as KEY=VALUE lines")
	ErrTooLong = errors.New("it is too long")
	ErrNoFile  = errors.New("it is not a file")
)

// Entry is one variable.
type Entry struct {
	Key, Value string
}

// templates end the names of files that show which variables there are, without secrets.
var templates = []string{".example", ".sample", ".template", ".dist"}

// IsEnv says whether a file of that name holds variables, and is no template.
func IsEnv(name string) bool {
	return strings.HasPrefix(name, ".env") && !slices.ContainsFunc(templates, func(end string) bool { return strings.HasSuffix(name, end) })
}

// Read gives the whole file. Only an ordinary one of at most MaxSize is read.
func Read(path string) (text []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNoFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err = io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err == nil && len(text) > MaxSize {
		return nil, ErrTooLong
	}
	return text, err
}

// Parse reads the whole text by the rules of .env files: quotes, values over many lines, comments,
// and variables in variables. The entries are in the order of their keys; of a key that is there
// twice, the last value counts. The error is ErrSyntax.
func Parse(text []byte) ([]Entry, error) {
	if err := expandable(text); err != nil {
		return nil, err
	}
	values, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		return nil, ErrSyntax
	}
	var list []Entry
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if key == "" {
			return nil, ErrSyntax
		}
		list = append(list, Entry{key, values[key]})
	}
	return list, nil
}

// Entries is Parse for a text that may have errors: then each line is read by itself, and what is
// no KEY=VALUE is passed over.
func Entries(text []byte) []Entry {
	if list, err := Parse(text); err == nil {
		return list
	}
	var list []Entry
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(strings.TrimSpace(line), "=")
		key = strings.TrimSpace(strings.TrimPrefix(key, "export "))
		if found && key != "" && !strings.HasPrefix(key, "#") {
			list = append(list, Entry{key, unquoted(value)})
		}
	}
	return list
}

// unquoted takes quotes, and a comment behind a value without quotes, away.
func unquoted(value string) string {
	value = strings.TrimSpace(value)
	for _, quote := range []string{`"`, `'`} {
		if rest, ok := strings.CutPrefix(value, quote); ok {
			inside, _, _ := strings.Cut(rest, quote)
			return inside
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
