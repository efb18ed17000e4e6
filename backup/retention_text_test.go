package backup_test

import (
	"strings"
	"testing"

	"holdfast/backup"
)

func TestParseRetention(t *testing.T) {
	for text, want := range map[string]struct{ text, words string }{
		"7 daily": {"7 daily", "the newest of each of the 7 most recent days that have one"},
		" 7 Daily  4 weekly 12 monthly": {"7 daily, 4 weekly, 12 monthly", "the newest of each of the 7 most recent days that have one, " +
			"the newest of each of the 4 most recent weeks that have one, the newest of each of the 12 most recent months that have one"},
		"1 weekly":          {"1 weekly", "the newest of the most recent week that has one"},
		"30 days, 3 newest": {"3 newest, 30 days", "the 3 newest for ever, any other for 30 days"},
		"1 newest,1 day":    {"1 newest, 1 days", "the newest for ever, any other for 1 day"},
		"30 days":           {"30 days", "each for 30 days"},
		"all":               {"all", "every backup, for ever"},
	} {
		r, err := backup.ParseRetention(text)
		if err != nil || r.String() != want.text || r.Words() != want.words {
			t.Errorf("%q is read as %q (%s), %v", text, r, r.Words(), err)
		}
	}
}

func TestParseRetentionRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"": "no retention rule", "daily": "no retention rule", "7": "no retention rule", "7 daily 4": "no retention rule",
		"7 yearly": `"yearly" is no word`, "0 daily": "no number from 1", "-7 daily": "no number from 1", "10001 days": "no number from 1",
		"seven daily": "no number from 1", "7 daily 7 daily": "twice", "30 days 1 day": "twice", "7 daily all x": "no word",
		strings.Repeat("7 daily ", 100): "longer than",
	} {
		r, err := backup.ParseRetention(text)
		if backup.KindOf(err) != backup.Usage || !strings.Contains(err.Error(), says) || backup.AsError(err).Hint == "" || r != (backup.Retention{}) {
			t.Errorf("%q is read as %q, %v; want %q", text, r, err, says)
		}
	}
}

func TestUnmarshalRetentionKeepsTheOldOnError(t *testing.T) {
	r := backup.Retention{Daily: 7}
	if err := r.UnmarshalText([]byte("nonsense")); err == nil || r.Daily != 7 {
		t.Errorf("%v, %v", r, err)
	}
	if err := r.UnmarshalText([]byte("20 newest")); err != nil || r != (backup.Retention{Newest: 20}) {
		t.Errorf("%v, %v", r, err)
	}
	if text, err := r.MarshalText(); err != nil || string(text) != "20 newest" {
		t.Errorf("%s, %v", text, err)
	}
}

func FuzzParseRetention(f *testing.F) {
	for _, text := range []string{"7 daily", "7 daily, 4 weekly, 12 monthly", "3 newest, 30 days", "all", "+7 daily", "7,daily", "\xff 1", "0 days"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := backup.ParseRetention(text)
		if err != nil {
			if e := backup.AsError(err); e.Kind != backup.Usage || e.Text == "" || e.Hint == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		if again, err := backup.ParseRetention(r.String()); err != nil || again != r || r.Words() == "" {
			t.Fatalf("%q is read as %q, read back as %q, %v", text, r, again, err)
		}
	})
}
