package platform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

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

// ReadPassword asks at the terminal, without echo. Ctrl-C and SIGTERM end it, also when the
// program handles them elsewhere: the echo is on again, and the error wraps context.Canceled.
func ReadPassword(prompt string) (string, error) {
	tty, err := os.OpenFile(terminal, os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("open the terminal: %w", err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	text, err := ask(tty, prompt, stop)
	if errors.Is(err, context.Canceled) {
		return "", err // tty stays open: a read that cannot be ended is still waiting at it
	}
	return text, errors.Join(err, tty.Close())
}

// ReadLine asks at the terminal, with echo.
func ReadLine(prompt string) (string, error) {
	tty, err := os.OpenFile(terminal, os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("open the terminal: %w", err)
	}
	if _, err := fmt.Fprint(tty, prompt); err != nil {
		return "", errors.Join(err, tty.Close())
	}
	line, err := bufio.NewReader(tty).ReadString('\n')
	return line, errors.Join(err, tty.Close())
}

// ask reads one line from tty without echo, or gives up when stop has something.
func ask(tty *os.File, prompt string, stop <-chan os.Signal) (string, error) {
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprint(tty, prompt); err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(int(tty.Fd()))
		runtime.KeepAlive(tty) // else it is closed under the read when ask has given up
		done <- answer{text, err}
	}()
	var a answer
	select {
	case a = <-done:
	case <-stop:
		a.err = errors.Join(context.Canceled, term.Restore(int(tty.Fd()), before))
	}
	_, lineErr := fmt.Fprintln(tty)
	return string(a.text), errors.Join(a.err, lineErr)
}
