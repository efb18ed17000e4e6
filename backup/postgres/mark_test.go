package postgres

import (
	"testing"

	"holdfast/backup"
)

func TestMarkSurvivesHostileComment(t *testing.T) {
	comment := "it's {\"holdfast\":\"kept\"} \\ \n 🦀"
	m := mark{Kind: markKept, Home: "h", Run: "0123456789abcdef", Purpose: "replaced", Comment: &comment, Since: 7}
	text, err := m.text()
	if err != nil {
		t.Fatal(err)
	}
	got, ok := parseMark(&text)
	if !ok || *got.Comment != comment || got.Run != m.Run || got.Home != "h" || got.Since != 7 {
		t.Errorf("got %+v, %v", got, ok)
	}
}

func TestOrdinaryCommentsAreNoMarks(t *testing.T) {
	for _, text := range []string{"", "shadow", "{}", `{"holdfast":"shadow"}`, `{"holdfast":"other","home":"h","run":"r"}`, `{"holdfast":"kept","home":"","run":"r"}`, `{"holdfast":3}`, "null"} {
		if _, ok := parseMark(&text); ok {
			t.Errorf("taken for a mark: %s", text)
		}
	}
	if _, ok := parseMark(nil); ok {
		t.Error("no comment taken for a mark")
	}
}

func TestLockKeyIsTheRun(t *testing.T) {
	for run, want := range map[backup.ID]int64{"0000000000000001": 1, "ffffffffffffffff": -1, "8000000000000000": -1 << 63} {
		if got, err := lockKey(run); err != nil || got != want {
			t.Errorf("%s: got %d, %v", run, got, err)
		}
	}
	if _, err := lockKey("x"); err == nil {
		t.Error("a run that is none got a key")
	}
}
