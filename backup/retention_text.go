package backup

import (
	"fmt"
	"strconv"
	"strings"
)

// maxRetention is the largest number in a rule.
const maxRetention = 10000

const retentionHint = `Write it like "7 daily", "7 daily, 4 weekly, 12 monthly", "30 days", "20 newest", "3 newest, 30 days" or "all".`

// ParseRetention reads a rule as a configuration file holds it: numbers with one of the words
// daily, weekly, monthly, newest and days, which add up, or "all". Errors are Usage.
func ParseRetention(text string) (Retention, error) {
	if len(text) > 200 {
		return Retention{}, Errorf(Usage, retentionHint, "the retention rule is longer than 200 characters")
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if len(words) == 1 && words[0] == "all" {
		return Retention{}, nil
	}
	if len(words) == 0 || len(words)%2 != 0 {
		return Retention{}, Errorf(Usage, retentionHint, "%q is no retention rule: it must be numbers, each with a word behind it", text)
	}
	var r Retention
	for i := 0; i < len(words); i += 2 {
		place := r.number(words[i+1])
		if place == nil {
			return Retention{}, Errorf(Usage, retentionHint, "%q is no word of a retention rule", words[i+1])
		}
		n, err := strconv.Atoi(words[i])
		if err != nil || n < 1 || n > maxRetention {
			return Retention{}, Errorf(Usage, `To keep everything, write "all".`, "%q is no number from 1 to %d", words[i], maxRetention)
		}
		if *place != 0 {
			return Retention{}, Errorf(Usage, "Say each of them once.", "the retention rule says %q twice", words[i+1])
		}
		*place = n
	}
	return r, nil
}

// number gives the number that a word stands behind; nil for an unknown word.
func (r *Retention) number(word string) *int {
	switch word {
	case "daily":
		return &r.Daily
	case "weekly":
		return &r.Weekly
	case "monthly":
		return &r.Monthly
	case "newest":
		return &r.Newest
	case "days", "day":
		return &r.Days
	}
	return nil
}

// String gives the text that ParseRetention reads back as the same rule.
func (r Retention) String() string {
	var parts []string
	for _, word := range []string{"daily", "weekly", "monthly", "newest", "days"} {
		if n := *r.number(word); n != 0 {
			parts = append(parts, strconv.Itoa(n)+" "+word)
		}
	}
	if parts == nil {
		return "all"
	}
	return strings.Join(parts, ", ")
}

// Words says in plain English what the rule keeps.
func (r Retention) Words() string {
	if (r == Retention{}) {
		return "every backup, for ever"
	}
	var words []string
	for _, p := range []struct {
		n    int
		unit string
	}{{r.Daily, "day"}, {r.Weekly, "week"}, {r.Monthly, "month"}} {
		switch {
		case p.n == 1:
			words = append(words, "the newest of the most recent "+p.unit+" that has one")
		case p.n > 1:
			words = append(words, fmt.Sprintf("the newest of each of the %d most recent %ss that have one", p.n, p.unit))
		}
	}
	if r.Newest > 0 {
		words = append(words, "the "+strings.TrimPrefix(strconv.Itoa(r.Newest)+" ", "1 ")+"newest for ever")
	}
	if r.Days > 0 && len(words) > 0 {
		words = append(words, "any other for "+counted(r.Days, "day"))
	} else if r.Days > 0 {
		words = append(words, "each for "+counted(r.Days, "day"))
	}
	return strings.Join(words, ", ")
}

// MarshalText is String, for configuration files.
func (r Retention) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is ParseRetention, for configuration files.
func (r *Retention) UnmarshalText(text []byte) error {
	parsed, err := ParseRetention(string(text))
	if err == nil {
		*r = parsed
	}
	return err
}

func counted(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}
