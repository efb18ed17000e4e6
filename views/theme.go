package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Theme is Holdfast's own: calm, one accent, generous space, in light and dark. Its zero value
// follows the desktop.
type Theme struct {
	Only string // "light" or "dark"; else as the desktop has it
}

var _ fyne.Theme = Theme{}

// palette is the theme's colours by name.
type palette map[fyne.ThemeColorName]color.Color

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func see(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

func light() palette {
	accent := rgb(0x0f766e)
	return palette{
		theme.ColorNameBackground: rgb(0xf8f8f6), theme.ColorNameForeground: rgb(0x1b2430),
		theme.ColorNameButton: rgb(0xe9e9e4), theme.ColorNameDisabledButton: rgb(0xefefeb),
		theme.ColorNameDisabled: rgb(0x545d68), theme.ColorNamePlaceHolder: rgb(0x606a75),
		theme.ColorNamePrimary: accent, theme.ColorNameHyperlink: accent, theme.ColorNameFocus: see(accent, 0x60),
		theme.ColorNameSelection: see(accent, 0x28), theme.ColorNameHover: see(rgb(0x1b2430), 0x0c), theme.ColorNamePressed: see(rgb(0x1b2430), 0x20),
		theme.ColorNameInputBackground: rgb(0xffffff), theme.ColorNameInputBorder: rgb(0x868e95),
		theme.ColorNameSeparator: rgb(0xdedfda), theme.ColorNameShadow: see(rgb(0), 0x22),
		theme.ColorNameOverlayBackground: rgb(0xffffff), theme.ColorNameMenuBackground: rgb(0xffffff), theme.ColorNameHeaderBackground: rgb(0xf1f1ed),
		theme.ColorNameScrollBar: see(rgb(0x1b2430), 0x55),
		theme.ColorNameError:     rgb(0xb42318), theme.ColorNameWarning: rgb(0x8a4f06), theme.ColorNameSuccess: rgb(0x126a41),
		theme.ColorNameForegroundOnPrimary: rgb(0xffffff), theme.ColorNameForegroundOnError: rgb(0xffffff),
		theme.ColorNameForegroundOnWarning: rgb(0xffffff), theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
	}
}

func dark() palette {
	accent := rgb(0x3fc1b0)
	return palette{
		theme.ColorNameBackground: rgb(0x171b20), theme.ColorNameForeground: rgb(0xe8eaed),
		theme.ColorNameButton: rgb(0x2a3038), theme.ColorNameDisabledButton: rgb(0x20252b),
		theme.ColorNameDisabled: rgb(0xa4acb6), theme.ColorNamePlaceHolder: rgb(0x99a1ab),
		theme.ColorNamePrimary: accent, theme.ColorNameHyperlink: accent, theme.ColorNameFocus: see(accent, 0x60),
		theme.ColorNameSelection: see(accent, 0x32), theme.ColorNameHover: see(rgb(0xffffff), 0x10), theme.ColorNamePressed: see(rgb(0xffffff), 0x28),
		theme.ColorNameInputBackground: rgb(0x0f1317), theme.ColorNameInputBorder: rgb(0x68717c),
		theme.ColorNameSeparator: rgb(0x2b3138), theme.ColorNameShadow: see(rgb(0), 0x66),
		theme.ColorNameOverlayBackground: rgb(0x1f242a), theme.ColorNameMenuBackground: rgb(0x1f242a), theme.ColorNameHeaderBackground: rgb(0x1d2228),
		theme.ColorNameScrollBar: see(rgb(0xffffff), 0x55),
		theme.ColorNameError:     rgb(0xff8a80), theme.ColorNameWarning: rgb(0xf2b84b), theme.ColorNameSuccess: rgb(0x66cc8a),
		theme.ColorNameForegroundOnPrimary: rgb(0x06251f), theme.ColorNameForegroundOnError: rgb(0x35100c),
		theme.ColorNameForegroundOnWarning: rgb(0x2e1f02), theme.ColorNameForegroundOnSuccess: rgb(0x062313),
	}
}

// Color gives a colour; what is not ours is Fyne's.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.Only {
	case "light":
		variant = theme.VariantLight
	case "dark":
		variant = theme.VariantDark
	}
	colours := light()
	if variant == theme.VariantDark {
		colours = dark()
	}
	if c, ok := colours[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font is Fyne's.
func (Theme) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon is Fyne's.
func (Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size gives a size; what is not ours is Fyne's.
func (Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameHeadingText:
		return 22
	case theme.SizeNameSubHeadingText:
		return 16
	case theme.SizeNameText:
		return 13.5
	case theme.SizeNameCaptionText:
		return 12
	case theme.SizeNamePadding:
		return 5
	case theme.SizeNameInnerPadding:
		return 9
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 6
	}
	return theme.DefaultTheme().Size(name)
}
