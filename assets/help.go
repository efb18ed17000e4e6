package assets

import (
	"embed"
	"path"
	"strings"
)

//go:embed help
var help embed.FS

// Topic is a page of the help.
type Topic struct {
	Name  string // for the command: "restoring"
	Title string
	Text  string // Markdown, without the title
}

// Help gives the pages of the help in their order, in a language such as "de"; in English where
// there is none in it.
func Help(language string) []Topic {
	entries, err := help.ReadDir(path.Join("help", language))
	if err != nil {
		language = "en"
		entries, _ = help.ReadDir("help/en") // it is built in
	}
	var topics []Topic
	for _, e := range entries {
		text, _ := help.ReadFile(path.Join("help", language, e.Name())) // as listed
		_, name, _ := strings.Cut(strings.TrimSuffix(e.Name(), ".md"), "-")
		title, body, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		topics = append(topics, Topic{Name: name, Title: title, Text: strings.TrimSpace(body) + "\n"})
	}
	return topics
}
