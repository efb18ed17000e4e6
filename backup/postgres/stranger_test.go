package postgres

import (
	"fmt"
	"io"
	"net"
	"os"

	"holdfast/backup/testkit"
)

// strangerName is the name under which the test binary is another person's program, strangerCommand what it does
// then: it listens at the first path, carries what comes to the second, and ends with its input.
const strangerName = "stranger"

func strangerCommand(args []string) int {
	l, err := net.Listen("unix", args[0])
	if err == nil {
		err = os.Chmod(args[0], 0o777) // for everybody, as a server's is
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go testkit.Carry(l, args[1])
	fmt.Println("listens")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}
