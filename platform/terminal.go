package platform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
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

// StopSignals are those that ask a program to end. One that whoever started it has it ignore, as nohup
// does with SIGHUP and a shell with SIGINT for what runs in its background, is not among them.
func StopSignals() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}

// ReadPassword asks at the terminal, without echo. Ctrl-C and the other StopSignals end it, also when the
// program handles them elsewhere: the echo is on again, and the error wraps context.Canceled.
func ReadPassword(prompt string) (string, error) {
	return readTerminal(prompt, func(tty *os.File) (string, error) {
		text, err := term.ReadPassword(int(tty.Fd()))
		_, lineErr := fmt.Fprintln(tty) // the person's own was not shown
		return string(text), errors.Join(err, lineErr)
	})
}

// ReadLine asks at the terminal, with echo. It ends as ReadPassword does.
func ReadLine(prompt string) (string, error) {
	return readTerminal(prompt, func(tty *os.File) (string, error) { return bufio.NewReader(tty).ReadString('\n') })
}

func readTerminal(prompt string, read func(tty *os.File) (string, error)) (string, error) {
	tty, err := os.OpenFile(terminal, os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("open the terminal: %w", err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, StopSignals()...)
	defer signal.Stop(stop)
	text, err := ask(tty, prompt, stop, read)
	if errors.Is(err, context.Canceled) {
		return "", err // tty stays open: a read that cannot be ended is still waiting at it
	}
	return text, errors.Join(err, tty.Close())
}

// ask reads one line from tty, or gives up when stop has something.
func ask(tty *os.File, prompt string, stop <-chan os.Signal, read func(tty *os.File) (string, error)) (string, error) {
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprint(tty, prompt); err != nil {
		return "", err
	}
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read(tty)
		runtime.KeepAlive(tty) // else it is closed under the read when ask has given up
		done <- answer{text, err}
	}()
	var a answer
	select {
	case a = <-done:
	case <-stop:
		_, lineErr := fmt.Fprintln(tty)
		a.err = errors.Join(context.Canceled, term.Restore(int(tty.Fd()), before), lineErr)
	}
	return a.text, a.err
}
