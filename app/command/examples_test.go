package command_test

import (
	"errors"
	"strings"
	"testing"

	"holdfast/app/command"
)

func TestEveryCommandHasExamplesThatParse(t *testing.T) {
	t.Parallel()
	leaves := command.Leaves()
	if len(leaves) < 50 {
		t.Fatalf("%d commands were found", len(leaves))
	}
	for path, examples := range leaves {
		if examples == "" {
			t.Errorf("%s has no example", path)
			continue
		}
		for line := range strings.Lines(examples) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "#") {
				continue
			}
			words, err := shellWords(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if got, err := command.Parse(words[1:]); err != nil || got != path {
				t.Errorf("%s: is %q, %v; want %q", line, got, err, path)
			}
		}
	}
}

// shellWords splits a line as a shell does, as far as the documents need it: quotes, and a
// backslash before a quote.
func shellWords(line string) (words []string, err error) {
	var word strings.Builder
	quote, inWord := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ':
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is open")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
