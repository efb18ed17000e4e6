package platform

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows/registry"
)

const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// Autostart says whether Holdfast starts at login.
func Autostart() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, _, err = key.GetStringValue(autostartID)
	missing := errors.Is(err, registry.ErrNotExist)
	if missing {
		err = nil
	}
	return !missing && err == nil, errors.Join(err, key.Close())
}

// SetAutostart makes Holdfast start at login with these arguments, or ends that. On Windows it is
// a value under the user's Run key.
func SetAutostart(on bool, args ...string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	if !on {
		err = key.DeleteValue(autostartID)
		if errors.Is(err, registry.ErrNotExist) {
			err = nil
		}
		return errors.Join(err, key.Close())
	}
	self, err := Program()
	if err == nil {
		line := syscall.EscapeArg(self)
		for _, arg := range args {
			line += " " + syscall.EscapeArg(arg)
		}
		err = key.SetStringValue(autostartID, line)
	}
	return errors.Join(err, key.Close())
}
