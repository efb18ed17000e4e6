package assets_test

import (
	"strings"
	"testing"

	"holdfast/assets"
)

// TestHelp has the same pages in each language, none of them empty, with the same commands.
func TestHelp(t *testing.T) {
	en, de := assets.Help("en"), assets.Help("de")
	if len(en) == 0 || len(en) != len(de) {
		t.Fatalf("%d and %d pages", len(en), len(de))
	}
	for i := range en {
		if en[i].Name != de[i].Name || en[i].Title == "" || de[i].Title == "" || en[i].Text == de[i].Text {
			t.Errorf("%q %q and %q %q", en[i].Name, en[i].Title, de[i].Name, de[i].Title)
		}
		if a, b := strings.Count(en[i].Text, "    holdfast"), strings.Count(de[i].Text, "    holdfast"); a != b {
			t.Errorf("%s: %d and %d commands", en[i].Name, a, b)
		}
	}
	if other := assets.Help("tlh"); len(other) != len(en) || other[0] != en[0] {
		t.Error("another language is not given in English")
	}
}
