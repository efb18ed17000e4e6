package views

// PlanWords is what the window says to a schedule's words.
func PlanWords(english string) string { return planWords(english) }

// EnginePhrases are the sentences of the engine that the window knows.
func EnginePhrases() (all []string) {
	for _, list := range append(enginePhrases, thingPhrases) {
		for _, p := range list {
			all = append(all, string(p))
		}
	}
	for _, r := range remedies {
		all = append(all, string(r.said))
	}
	return all
}

// ToolkitPhrases are the words that Fyne has of its own.
func ToolkitPhrases() (all []string) {
	for _, p := range toolkitPhrases {
		all = append(all, string(p))
	}
	return all
}

// Shown is the State that the window shows.
func (s *Shell) Shown() State { return s.state }
