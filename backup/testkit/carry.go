package testkit

import (
	"io"
	"net"
)

// Carry carries what connects to a listener to the socket at a path, both ways, until the listener is closed.
func Carry(l net.Listener, path string) {
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
}
