package platform

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"
)

// terminal is where a person is asked, whatever standard input and output are.
const terminal = "/dev/tty"

// IsTerminal says whether f is one.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// HasTerminal says whether a person can be asked.
func HasTerminal() bool {
	tty, err := os.OpenFile(terminal, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	return tty.Close() == nil
}

// ReadPassword asks at the terminal, without echo.
func ReadPassword(prompt string) (text string, err error) {
	tty, err := os.OpenFile(terminal, os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("open the terminal: %w", err)
	}
	defer func() { err = errors.Join(err, tty.Close()) }()
	if _, err := fmt.Fprint(tty, prompt); err != nil {
		return "", err
	}
	typed, err := term.ReadPassword(int(tty.Fd()))
	if _, lineErr := fmt.Fprintln(tty); err == nil {
		err = lineErr
	}
	return string(typed), err
}
