package postgres

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"text/template"
)

// engineCommand is what this program does under the name of a container engine's command: the
// few things that are asked of one, in the words of docker.
func engineCommand(args []string) int {
	c := engineClient{strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://")}
	switch {
	case args[0] == "exec" && args[1] == "-i":
		return c.exec(args[2], args[3:])
	case args[0] == "ps":
		var list []struct{ ID string }
		if _, err := c.get("/containers/json", &list); err != nil {
			return c.down(err)
		}
		for _, one := range list {
			fmt.Println(one.ID)
		}
		return 0
	case args[0] == "inspect" && args[1] == "--type" && args[3] == "--format":
		return c.inspect(args[4], args[5])
	}
	return 125
}

type engineClient struct{ socket string }

func (c engineClient) dial() (net.Conn, error) { return net.Dial("unix", c.socket) }

// down says that the daemon does not run.
func (c engineClient) down(err error) int {
	if os.IsPermission(err) {
		fmt.Fprintf(os.Stderr, "permission denied while trying to connect to the Docker daemon socket at unix://%s: %v\n", c.socket, err)
		return 1
	}
	fmt.Fprintf(os.Stderr, "Cannot connect to the Docker daemon at unix://%s. Is the docker daemon running?\n", c.socket)
	return 1
}

// get and post give false after the daemon's own error, which was written.
func (c engineClient) get(path string, to any) (bool, error) { return c.ask("GET", path, nil, to) }

func (c engineClient) ask(method, path string, body, to any) (bool, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return false, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return c.dial() }}}
	request, err := http.NewRequest(method, "http://engine"+path, bytes.NewReader(text))
	if err != nil {
		return false, err
	}
	response, err := client.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		var trouble struct{ Message string }
		_ = json.NewDecoder(response.Body).Decode(&trouble)
		fmt.Fprintln(os.Stderr, "Error response from daemon:", trouble.Message)
		return false, nil
	}
	return true, json.NewDecoder(response.Body).Decode(to)
}

func (c engineClient) inspect(format, name string) int {
	var seen map[string]any
	ok, err := c.get("/containers/"+name+"/json", &seen)
	if err != nil {
		return c.down(err)
	}
	if !ok {
		return 1
	}
	text := func(v any) string {
		out, _ := json.Marshal(v)
		return string(out)
	}
	shape := template.Must(template.New("").Funcs(template.FuncMap{"json": text, "split": strings.Split}).Parse(format))
	if err := shape.Execute(os.Stdout, seen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// exec relays standard input and output, like the real command.
func (c engineClient) exec(name string, argv []string) int {
	var made struct{ ID string }
	ok, err := c.ask("POST", "/containers/"+name+"/exec", map[string]any{"Cmd": argv}, &made)
	if err != nil {
		return c.down(err)
	}
	if !ok {
		return 1
	}
	conn, err := c.dial()
	if err != nil {
		return c.down(err)
	}
	fmt.Fprintf(conn, "POST /exec/%s/start HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", made.ID)
	from := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		if line, err = from.ReadString('\n'); err != nil {
			return 125
		}
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		_ = conn.(*net.UnixConn).CloseWrite()
	}()
	head := make([]byte, 8)
	for {
		if _, err := io.ReadFull(from, head); err != nil {
			break
		}
		to := os.Stdout
		if head[0] == 2 {
			to = os.Stderr
		}
		if _, err := io.CopyN(to, from, int64(binary.BigEndian.Uint32(head[4:]))); err != nil {
			return 1
		}
	}
	var ended struct{ ExitCode int }
	if _, err := c.get("/exec/"+made.ID+"/json", &ended); err != nil {
		return 125
	}
	return ended.ExitCode
}
