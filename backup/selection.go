package backup

import (
	"fmt"
	"strings"
)

// Selection is what a backup holds of its database, where that is not all.
type Selection struct {
	Schemas       []string `json:"schemas,omitempty"`          // patterns: only these were asked for
	LeftOut       []string `json:"left_out_schemas,omitempty"` // names of the schemas that are therefore missing
	ExcludeTables []string `json:"exclude_tables,omitempty"`   // patterns: tables without their rows
}

// Whole says that nothing was left out on purpose.
func (s *Selection) Whole() bool {
	return s == nil || len(s.Schemas) == 0 && len(s.ExcludeTables) == 0
}

// whole gives s without what it leaves out. What is saved before a restore stands for a database
// that is replaced as a whole.
func (s Sandbox) whole() Sandbox {
	s.Schemas, s.ExcludeTables = nil, nil
	return s
}

// namedAtMost is how many things a sentence names.
const namedAtMost = 5

// missingWords says what of the database does not come back with m; "" when all does.
func (m *Manifest) missingWords() string {
	var words []string
	if m.Selection != nil && len(m.Selection.LeftOut) > 0 {
		words = append(words, fmt.Sprintf("The backup leaves out the schemas %s: they are not in what is restored.", some(m.Selection.LeftOut)))
	}
	var empty []string
	for i := range m.Tables {
		if t := &m.Tables[i]; t.Excluded {
			empty = append(empty, t.Schema+"."+t.Name)
		}
	}
	if len(empty) > 0 {
		words = append(words, fmt.Sprintf("The backup has no rows of %s: empty tables come back.", some(empty)))
	}
	return strings.Join(words, " ")
}

// some names the first of names, and says how many more there are.
func some(names []string) string {
	if len(names) > namedAtMost {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:namedAtMost], ", "), len(names)-namedAtMost)
	}
	return strings.Join(names, ", ")
}
