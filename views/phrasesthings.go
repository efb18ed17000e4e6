package views

import "sync"

// thingPhrases name what an application keeps outside of its database.
var thingPhrases = []phrase{
	"object storage at {{.Server}}",
	"object storage in the service {{.Name}}",
	"bucket {{.Name}}",
	"SQLite file {{.Path}}",
	"{{.Program}} at {{.Server}}",
	"{{.Program}} in the service {{.Name}}",
}

var things = sync.OnceValue(func() []pattern { return compiled(thingPhrases) })

// ThingWords names what an application keeps outside of its database, in the language of the window. A
// folder is named by its path.
func ThingWords(english string) string {
	if words, ok := inWords(things(), english); ok {
		return words
	}
	return english
}
