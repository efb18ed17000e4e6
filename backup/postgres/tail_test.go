package postgres

import (
	"bytes"
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	var small tail
	_, _ = small.Write([]byte("short"))
	if small.String() != "short" {
		t.Error(small.String())
	}
	var big tail
	for range 100 {
		_, _ = big.Write(bytes.Repeat([]byte("m"), 1000))
	}
	_, _ = big.Write([]byte("the end"))
	text := big.String()
	if len(text) > 2*keptBytes+100 || !strings.HasSuffix(text, "the end") || !strings.Contains(text, "67239 bytes left out") {
		t.Errorf("%d bytes: …%s", len(text), text[len(text)-20:])
	}
	if got := lastLines("a\n\n b \nc\n", 2); got != "b; c" {
		t.Error(got)
	}
}
