package platform_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/platform"
)

// childSignals prints the signals that ask it to end.
func childSignals() error {
	_, err := fmt.Println(platform.StopSignals())
	return err
}

// childLine asks at its terminal with echo and prints what it got.
func childLine() error {
	elsewhere := make(chan os.Signal, 1) // as commands do, to end their work in good order
	signal.Notify(elsewhere, platform.StopSignals()...)
	text, err := platform.ReadLine("Sure? ")
	fmt.Printf("%q cancelled=%v", text, errors.Is(err, context.Canceled))
	return nil
}

func TestStopSignalsLeavesWhatIsIgnored(t *testing.T) {
	t.Parallel()
	for trap, want := range map[string]string{
		":":              "[interrupt terminated hangup]",
		"trap '' HUP":    "[interrupt terminated]", // as nohup does
		"trap '' INT":    "[terminated hangup]",    // as a shell does for what runs in its background
		"trap '' PIPE":   "[interrupt terminated hangup]",
		"trap : HUP INT": "[interrupt terminated hangup]",
	} {
		cmd := exec.Command("env", "--default-signal=HUP,INT,PIPE", "sh", "-c", trap+`; exec "$0"`, os.Args[0]) // these tests may run under nohup
		cmd.Env = append(os.Environ(), childEnv+"=signals")
		out, err := cmd.Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", trap, got, err, want)
		}
	}
}

func TestReadLineEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{"yes\n": `"yes\n" cancelled=false`, "ye\x03": `"" cancelled=true`} {
		p := newPTY(t)
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		cmd := exec.CommandContext(ctx, "env", "--default-signal=INT", os.Args[0]) // these tests may run in the background
		cmd.Env = append(os.Environ(), childEnv+"=line")
		cmd.Stdin, cmd.SysProcAttr = p.program, &syscall.SysProcAttr{Setsid: true, Setctty: true}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		until(t, "it asks", func() bool { return strings.Contains(p.screen(), "Sure? ") })
		_, err = p.person.WriteString(keys)
		said, readErr := io.ReadAll(out)
		if err := errors.Join(err, readErr, cmd.Wait()); err != nil || string(said) != want {
			t.Errorf("%q: %s, %v; want %s", keys, said, err, want)
		}
	}
}
