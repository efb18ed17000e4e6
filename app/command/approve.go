package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"holdfast/backup"
	"holdfast/platform"
)

// approve answers the gate's question: from --approve-file, else by asking at the terminal.
func (sh *shell) approve(_ context.Context, p backup.Prompt) (string, error) {
	if sh.approveFile != "" {
		return sh.readSecret("--approve-file", sh.approveFile)
	}
	if sh.progress != nil {
		sh.progress.end()
	}
	if !platform.HasTerminal() {
		return "", backup.Errorf(backup.Refused, "Approve it at a terminal, or give --approve-file FILE.", "needs approval (%s)", p.Action)
	}
	fmt.Fprintf(sh.err, "\n%s\n", paragraph(p.What))
	if p.Loss != "" {
		fmt.Fprintln(sh.err, paragraph(p.Loss))
	}
	fmt.Fprintf(sh.err, "Asked for by %s (%s; %s). The approval holds for this once, until %s.\n",
		printable(p.Who), p.Action, printable(p.From.Words()), p.Until.Local().Format("15:04:05"))
	text, err := platform.ReadPassword("Approval passphrase (empty cancels): ")
	if err == nil && text == "" {
		err = &backup.Error{Kind: backup.Cancelled, Text: "not approved; nothing was touched"}
	}
	return text, err
}

// readSecret reads a secret's first line from a file, or from standard input for "-".
func (sh *shell) readSecret(flag, path string) (string, error) {
	text, err := sh.readSource(flag, path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", backup.Errorf(backup.Usage, "Its first line must be the secret.", "%s gives nothing", flag)
	}
	return line, nil
}

// maxSecret bounds what is read for a secret, in bytes.
const maxSecret = 64 << 10

func (sh *shell) readSource(flag, path string) ([]byte, error) {
	if path == "-" {
		if sh.stdinTaken != "" && sh.stdinTaken != flag {
			return nil, backup.Errorf(backup.Usage, "Put one of them into a file.", "%s and %s both read standard input", sh.stdinTaken, flag)
		}
		sh.stdinTaken = flag
		line, err := sh.patiently(func() ([]byte, error) {
			return bufio.NewReader(io.LimitReader(sh.in, maxSecret)).ReadBytes('\n')
		})
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return line, nil
	}
	text, err := sh.patiently(func() ([]byte, error) { return platform.ReadPrivate(context.Background(), path) })
	if errors.Is(err, platform.ErrReadableByOthers) {
		sh.warn("the file that " + flag + " names can be read by others; make it yours alone: chmod 600 " + path)
		text, err = os.ReadFile(path)
	}
	if backup.KindOf(err) == backup.Cancelled {
		return nil, err
	}
	if err != nil {
		return nil, &backup.Error{Kind: backup.Usage, Text: "the file that " + flag + " names cannot be read: " + err.Error(), Hint: "Is it there, and a file?", Err: err}
	}
	return text, nil
}

// patiently reads what may take for ever to come, such as a pipe's content, until the command is cancelled:
// the reader then ends with the process.
func (sh *shell) patiently(read func() ([]byte, error)) ([]byte, error) {
	type came struct {
		text []byte
		err  error
	}
	done := make(chan came, 1)
	go func() {
		text, err := read()
		done <- came{text, err}
	}()
	select {
	case c := <-done:
		return c.text, c.err
	case <-sh.stopped:
		return nil, &backup.Error{Kind: backup.Cancelled, Text: "cancelled"}
	}
}
