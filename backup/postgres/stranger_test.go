package postgres

import (
	"fmt"
	"io"
	"net"
	"os"
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
	carry(l, args[1])
	fmt.Println("listens")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// carry carries what comes to l to the socket at path, until l is closed.
func carry(l net.Listener, path string) {
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", path)
			if err != nil {
				_ = client.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
				go func() {
					_, _ = io.Copy(way[0], way[1])
					_ = way[0].Close()
				}()
			}
		}
	}()
}
