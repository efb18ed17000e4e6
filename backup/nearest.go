package backup

import (
	"fmt"
	"strings"
)

// Nearest gives the word among words that a person who typed word most likely meant: one that it
// begins, or one that at most a third of its letters (and one at least) turn into. "" is none.
func Nearest(word string, words []string) string {
	typed := []rune(strings.ToLower(word))
	best, least := "", max(1, len(typed)/3)+1
	for _, w := range words {
		far := distance(typed, []rune(strings.ToLower(w)))
		if begun := len(typed) > 2 && strings.HasPrefix(strings.ToLower(w), string(typed)); begun {
			far = 1
		}
		if far < least && far < len(typed) {
			best, least = w, far
		}
	}
	return best
}

// Meant is a hint that begins with the nearest of words, where there is one, and goes on with hint.
func Meant(word string, words []string, hint string) string {
	if near := Nearest(word, words); near != "" {
		return strings.TrimSpace(fmt.Sprintf("Did you mean %q? %s", near, hint))
	}
	return hint
}

// distance counts the letters to put in, take out, change, or let two neighbours change places, to
// make b of a.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			differs := 1
			if a[i-1] == b[j-1] {
				differs = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+differs)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
