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
