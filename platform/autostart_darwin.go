package platform

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
)

// Autostart says whether Holdfast starts at login.
func Autostart() (bool, error) {
	path, err := autostartFile()
	if err != nil {
		return false, err
	}
	return exists(path)
}

// SetAutostart makes Holdfast start at login with these arguments, or ends that. On macOS it is a
// launch agent of the user.
func SetAutostart(on bool, args ...string) error {
	path, err := autostartFile()
	if err != nil {
		return err
	}
	if !on {
		return removeFile(path)
	}
	self, err := Program()
	if err != nil {
		return err
	}
	var words, settings bytes.Buffer
	for _, word := range append([]string{self}, args...) {
		words.WriteString("<string>" + escaped(word) + "</string>")
	}
	if home := os.Getenv(HomeEnv); home != "" {
		settings.WriteString("<key>EnvironmentVariables</key><dict><key>" + HomeEnv + "</key><string>" + escaped(home) + "</string></dict>")
	}
	text := xml.Header + `<plist version="1.0"><dict><key>Label</key><string>` + autostartID +
		"</string><key>ProgramArguments</key><array>" + words.String() + "</array>" + settings.String() + "<key>RunAtLoad</key><true/></dict></plist>\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return WriteFileAtomic(path, []byte(text), 0o644)
}

func autostartFile() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", autostartID+".plist"), err
}

func escaped(word string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(word)) // a buffer takes everything
	return b.String()
}
