package views

// PlanWords is what the window says to a schedule's words.
func PlanWords(english string) string { return planWords(english) }

// EnginePhrases are the sentences of the engine that the window knows.
func EnginePhrases() (all []string) {
	for _, list := range [][]phrase{gatePhrases, opPhrases, faultPhrases} {
		for _, p := range list {
			all = append(all, string(p))
		}
	}
	return all
}
