package platform

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
)

// Autostart says whether Holdfast starts at login.
func Autostart() (bool, error) { return exists(autostartFile()) }

// SetAutostart makes Holdfast start at login with these arguments, or ends that. On Linux it is a
// file as the XDG autostart specification has it.
func SetAutostart(on bool, args ...string) error {
	path := autostartFile()
	if !on {
		return removeFile(path)
	}
	self, err := Program()
	if err != nil {
		return err
	}
	words := append([]string{self}, args...)
	if home := os.Getenv(HomeEnv); home != "" {
		words = append([]string{"env", HomeEnv + "=" + home}, words...)
	}
	for i, word := range words {
		words[i] = desktopWord(word)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	text := "[Desktop Entry]\nType=Application\nName=Holdfast\nComment=Backups of this workstation's databases\n" +
		"Exec=" + strings.Join(words, " ") + "\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
	return WriteFileAtomic(path, []byte(text), 0o644)
}

func autostartFile() string {
	xdg.Reload()
	return filepath.Join(xdg.ConfigHome, "autostart", autostartID+".desktop")
}

// desktopWord quotes one argument as the Desktop Entry Specification wants it in Exec: first by
// the rule for quoting, then by the rule for strings.
func desktopWord(word string) string {
	quoted := strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`, `%`, `%%`).Replace(word)
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`).Replace(`"` + quoted + `"`)
}
