package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"holdfast/assets"
)

// Speak reads the texts. Call it before anything is drawn. The language is "en", "de", or else the
// desktop's own, as far as there are texts in it.
func Speak(language string) error {
	if err := lang.AddTranslationsFS(assets.Translations, "translations"); err != nil {
		return err
	}
	chosen, err := assets.Translations.ReadFile("translations/" + language + ".json")
	if err != nil {
		return nil //nolint:nilerr // it is no language that there are texts in
	}
	// What the desktop speaks is said in the chosen one.
	return lang.AddTranslations(fyne.NewStaticResource(lang.SystemLocale().LanguageString()+".json", chosen))
}

// toolkitPhrases are Fyne's own words, in its menus and file dialogs: in the chosen language too, and
// not in the desktop's.
var toolkitPhrases = []phrase{
	"Advanced", "Cancel", "Confirm", "Copy", "Create Folder", "Cut", "Enter filename", "Error", "Favourites", "File", "Folder", "New Folder", "No", "OK",
	"Open", "Paste", "Quit", "Redo", "Save", "Select all", "Show Hidden Files", "Undo", "Yes", "file.name", "file.parent",
}
