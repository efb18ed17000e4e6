package views_test

import (
	"testing"

	"holdfast/views"
)

// TestMoving has one case for each place of a bar.
func TestMoving(t *testing.T) {
	busy := &views.Busy{}
	for what, s := range map[string]views.State{
		"discovery":            {Discovery: views.Discovery{Looking: true}},
		"opening a vault":      {Opening: views.Opening{Busy: busy}},
		"the sample":           {Sample: views.Sample{Busy: busy}},
		"search for secrets":   {Secrets: &views.Secrets{Looking: true}},
		"export of secrets":    {Secrets: &views.Secrets{Busy: true}},
		"a copy":               {Offsite: &views.Offsite{Copies: []views.Copy{{}, {Busy: busy}}}},
		"a sandbox":            {Sandboxes: []views.Sandbox{{}, {Busy: busy}}},
		"a sandbox's download": {Sandboxes: []views.Sandbox{{Downloads: []views.Download{{}, {Busy: busy}}}}},
	} {
		if !s.Moving() {
			t.Errorf("%s: nothing moves", what)
		}
	}
	still := views.State{Secrets: &views.Secrets{}, Offsite: &views.Offsite{Copies: []views.Copy{{}}}, Sandboxes: []views.Sandbox{{Downloads: []views.Download{{}}}}}
	if still.Moving() {
		t.Error("something moves where nothing is done")
	}
}
