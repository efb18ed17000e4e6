package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"holdfast/assets"
)

// Speak reads the texts of one language, for all of them take a while. Call it before anything is drawn.
// The language is "en", "de", or else the desktop's own, as far as there are texts in it.
func Speak(language string) error {
	if texts, err := textsOf(language); err == nil { // what the desktop speaks is said in the chosen one
		return lang.AddTranslations(fyne.NewStaticResource(lang.SystemLocale().LanguageString()+".json", texts))
	}
	own, _, _ := strings.Cut(lang.SystemLocale().LanguageString(), "-")
	texts, err := textsOf(own)
	if err != nil { // it is no language that there are texts in
		own = "en"
		texts, err = textsOf(own)
	}
	if err != nil {
		return err
	}
	return lang.AddTranslations(fyne.NewStaticResource(own+".json", texts))
}

func textsOf(language string) ([]byte, error) {
	return assets.Translations.ReadFile("translations/" + language + ".json")
}

// toolkitPhrases are Fyne's own words, in its menus and questions: in the chosen language too, and
// not in the desktop's.
var toolkitPhrases = []phrase{
	"Cancel", "Confirm", "Copy", "Cut", "Error", "Folder", "No", "OK",
	"Open", "Paste", "Quit", "Redo", "Save", "Select all", "Undo", "Yes",
}
