package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"holdfast/backup"
)

// Found is a container in which a server seems to run.
type Found struct {
	Container backup.Container
	Image     string
	User      string // as the image's variables name the first role; may be empty
	Database  string // as they name the first database; may be empty
	Published uint16 // the port of this machine that leads to the server; 0 for none
}

// Connection says how to reach the server in the container. dsn may be empty, or a connection
// string as ParseDSN takes it, with host and port as the container sees them; what it does not
// say is what the container's image was told, else the image's default.
func (f Found) Connection(dsn string) (c backup.Connection, password string, warning string, err error) {
	pairs := map[string]string{}
	if dsn = strings.TrimSpace(dsn); dsn != "" {
		if pairs, err = dsnPairs(dsn); err != nil {
			return backup.Connection{}, "", "", notDSN(err)
		}
	}
	password, warnings := firstHost(pairs)
	if pairs["service"] != "" {
		return backup.Connection{}, "", "", backup.Errorf(backup.Usage, "Name database and user instead.", "a service of pg_service.conf is not in a container")
	}
	_, _ = sslMode(pairs) // what drivers write becomes libpq's words
	c = backup.Connection{
		Container: f.Container, Host: pairs["host"], User: pairs["user"], Database: pairs["dbname"],
		Params: map[string]string{"sslmode": pairs["sslmode"]},
	}
	if pairs["port"] != "" {
		port, err := strconv.ParseUint(pairs["port"], 10, 16)
		if err != nil || port == 0 {
			return backup.Connection{}, "", "", backup.Errorf(backup.Usage, "Correct the port.", "the port is no number from 1 to 65535")
		}
		c.Port = uint16(port)
	}
	if c.Database == "" && c.User == "" {
		c.Database = f.Database
	}
	if c.User == "" {
		c.User = f.User
	}
	c = inside(c)
	err = checkInside(c)
	c.Params = nil
	return c, password, strings.Join(warnings, "; "), err
}

// containerURL takes docker://USER@NAME:PORT/DATABASE?… apart, or podman://….
func containerURL(dsn string) (f Found, rest string, ok bool) {
	engine, after, _ := strings.Cut(dsn, "://")
	if engine != "docker" && engine != "podman" {
		return Found{}, "", false
	}
	end := strings.IndexAny(after, "/?")
	if end < 0 {
		end = len(after)
	}
	user, name := "", after[:end]
	if at := strings.LastIndex(name, "@"); at >= 0 {
		user, name = name[:at+1], name[at+1:]
	}
	name, port, found := strings.Cut(name, ":")
	if found {
		port = ":" + port
	}
	tail := after[end:]
	if strings.HasPrefix(tail, "?") {
		tail = "/" + tail
	}
	return Found{Container: backup.Container{Engine: engine, Name: name}}, "postgresql://" + user + port + tail, true
}

// engines are the container engines that are known.
func engines() []string { return []string{"docker", "podman"} }

// findTime bounds how long one engine may take to answer.
const findTime = 5 * time.Second

// Containers lists the running containers of both engines in which a server seems to run. An
// engine that is not installed has none; one that does not answer is in the error, beside what
// the other one has. Passwords among the containers' variables are not read.
func Containers(ctx context.Context) ([]Found, error) {
	lists := make([][]Found, len(engines()))
	errs := make([]error, len(engines()))
	var asked sync.WaitGroup
	for i, engine := range engines() {
		if _, err := exec.LookPath(engine); err != nil {
			continue
		}
		asked.Go(func() { lists[i], errs[i] = containersOf(ctx, engine) })
	}
	asked.Wait()
	var all []Found
	seen := map[string]bool{} // docker may be another name of podman
	for _, list := range lists {
		for _, f := range list {
			if key := f.Container.Name + "\n" + f.Image; !seen[key] {
				seen[key] = true
				all = append(all, f)
			}
		}
	}
	return all, errors.Join(errs...)
}

// containersOf lists those of one engine.
func containersOf(ctx context.Context, engine string) ([]Found, error) {
	ctx, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	ids, err := askEngine(ctx, backup.Container{Engine: engine}, "ps", "--quiet", "--no-trunc")
	if err != nil {
		return nil, err
	}
	var all []Found
	for _, id := range strings.Fields(ids) {
		seen, err := lookAt(ctx, backup.Container{Engine: engine, Name: id})
		if ctx.Err() != nil {
			return all, err
		}
		if err == nil && seen.hasServer() { // one that is gone by now is not there
			all = append(all, seen.found(engine))
		}
	}
	return all, nil
}

// FindContainer looks at one container. Without an engine it is that of the one which has it.
func FindContainer(ctx context.Context, c backup.Container) (Found, error) {
	if c.Engine != "" {
		return findIn(ctx, c)
	}
	var there []Found
	var last error
	for _, engine := range engines() {
		if _, err := exec.LookPath(engine); err != nil {
			continue
		}
		f, err := findIn(ctx, backup.Container{Engine: engine, Name: c.Name})
		if err != nil {
			last = firstOf(last, err)
			continue
		}
		there = append(there, f)
	}
	switch {
	case len(there) == 1:
		return there[0], nil
	case len(there) > 1:
		return Found{}, backup.Errorf(backup.Usage, "Say which: --container-engine docker or --container-engine podman.", "docker and podman both have a container %s", c.Name)
	case last != nil:
		return Found{}, last
	}
	return Found{}, backup.Errorf(backup.Unreachable, "Install the one that runs the container, or put it on PATH.", "neither docker nor podman is installed here")
}

func findIn(ctx context.Context, c backup.Container) (Found, error) {
	if err := c.Validate(); err != nil {
		return Found{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	seen, err := lookAt(ctx, c)
	if err != nil {
		return Found{}, err
	}
	f := seen.found(c.Engine)
	f.Container.Name = c.Name // as it was asked for
	return f, nil
}

// lookFormat is what is asked of an engine: of the variables only those that name things.
const lookFormat = `{"name":{{json .Name}},"image":{{json .Config.Image}},"command":{{json .Config.Cmd}},"ports":{{json .NetworkSettings.Ports}},"env":[` +
	`{{range .Config.Env}}{{$name := index (split . "=") 0}}` +
	`{{if or (eq $name "POSTGRES_USER") (eq $name "POSTGRES_DB") (eq $name "POSTGRESQL_USERNAME") (eq $name "POSTGRESQL_USER") (eq $name "POSTGRESQL_DATABASE") (eq $name "PG_MAJOR") (eq $name "PGDATA")}}` +
	`{{json .}},{{end}}{{end}}""]}`

// look is what an engine says about a container.
type look struct {
	Name    string                 `json:"name"`
	Image   string                 `json:"image"`
	Command []string               `json:"command"`
	Ports   map[string][]published `json:"ports"` // "5432/tcp", and where it is published
	Env     []string               `json:"env"`
}

// published is an address of this machine that leads into a container.
type published struct {
	HostIP   string `json:"HostIp"` // "" and those of all zeros are any
	HostPort string
}

// port gives the port of the loopback address that leads to the server; 0 when none does.
func (l look) port() uint16 {
	for _, p := range l.Ports["5432/tcp"] {
		at := net.ParseIP(p.HostIP)
		port, err := strconv.ParseUint(p.HostPort, 10, 16)
		if err == nil && (p.HostIP == "" || at != nil && at.To4() != nil && (at.IsUnspecified() || at.IsLoopback())) {
			return uint16(port)
		}
	}
	return 0
}

func lookAt(ctx context.Context, c backup.Container) (look, error) {
	text, err := askEngine(ctx, c, "inspect", "--type", "container", "--format", lookFormat, c.Name)
	if err != nil {
		return look{}, err
	}
	var seen look
	if err := json.Unmarshal([]byte(text), &seen); err != nil {
		return look{}, &backup.Error{Kind: backup.Failed, Text: fmt.Sprintf("what %s says about %s cannot be read", c.Engine, c), Err: err}
	}
	return seen, nil
}

// env gives the first of these variables that is set.
func (l look) env(names ...string) string {
	for _, name := range names {
		for _, pair := range l.Env {
			if value, ok := strings.CutPrefix(pair, name+"="); ok && value != "" {
				return value
			}
		}
	}
	return ""
}

// hasServer guesses from the image's variables, its port and its name.
func (l look) hasServer() bool {
	image := strings.ToLower(l.Image[strings.LastIndex(l.Image, "/")+1:])
	for _, other := range []string{"exporter", "postgrest", "pgadmin", "pgbouncer", "pgpool", "backup"} {
		if strings.Contains(image, other) {
			return false
		}
	}
	_, port := l.Ports["5432/tcp"]
	command := len(l.Command) > 0 && l.Command[0] == "postgres"
	return port || command || l.env("PG_MAJOR", "PGDATA") != "" || strings.Contains(image, "postgres") || strings.Contains(image, "postgis")
}

func (l look) found(engine string) Found {
	f := Found{
		Container: backup.Container{Engine: engine, Name: strings.TrimPrefix(l.Name, "/")}, Image: l.Image,
		User:      l.env("POSTGRES_USER", "POSTGRESQL_USERNAME", "POSTGRESQL_USER"),
		Database:  l.env("POSTGRES_DB", "POSTGRESQL_DATABASE"),
		Published: l.port(),
	}
	if f.Database == "" {
		f.Database = f.User
	}
	return f
}

// askEngine runs one of the engine's commands and gives what it says.
func askEngine(ctx context.Context, c backup.Container, args ...string) (string, error) {
	var out strings.Builder
	r, err := runEngine(c, nil, &out, args...)
	if err != nil {
		return "", err
	}
	select {
	case <-r.ended:
	case <-ctx.Done():
		r.stop(0)
		return "", explainSilent(c, context.Cause(ctx))
	}
	if r.err != nil {
		return "", r.explain()
	}
	return out.String(), nil
}

// explainSilent is for an engine that did not answer.
func explainSilent(c backup.Container, err error) error {
	if errors.Is(err, context.Canceled) {
		return &backup.Error{Kind: backup.Cancelled, Text: "cancelled", Err: err}
	}
	return &backup.Error{
		Kind: backup.Unreachable, Text: c.Engine + " does not answer in time", Err: err,
		Hint: "Check that this works: " + c.Engine + " ps",
	}
}
