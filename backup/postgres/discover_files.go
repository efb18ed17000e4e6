package postgres

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"

	"go.yaml.in/yaml/v3"
)

// maxEnvFile bounds a file that is searched, in bytes; maxFolders how many folders are.
const (
	maxEnvFile = 256 << 10
	maxFolders = 500
)

// fromFiles finds connection strings in .env files, and servers in compose files, of folders and
// of the folders in them.
func fromFiles(folders []string) []spot {
	var places []spot
	for _, folder := range withChildren(folders) {
		names, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, n := range names {
			path := filepath.Join(folder, n.Name())
			switch {
			case !n.Type().IsRegular():
			case isEnvFile(n.Name()):
				places = append(places, fromEnvFile(path)...)
			case isComposeFile(n.Name()):
				places = append(places, fromComposeFile(path)...)
			}
		}
	}
	return places
}

// withChildren gives the folders and, one level down, the folders in them that are not hidden.
func withChildren(folders []string) []string {
	all := slices.Clone(folders)
	for _, folder := range folders {
		names, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, n := range names {
			hidden := strings.HasPrefix(n.Name(), ".") || n.Name() == "node_modules" || n.Name() == "vendor"
			if n.IsDir() && !hidden && len(all) < maxFolders {
				all = append(all, filepath.Join(folder, n.Name()))
			}
		}
	}
	return all
}

func isEnvFile(name string) bool {
	return name == ".env" || strings.HasPrefix(name, ".env.") && !strings.HasSuffix(name, ".example") && !strings.HasSuffix(name, ".sample")
}

func isComposeFile(name string) bool {
	return slices.Contains([]string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}, name)
}

// readSmall reads a file that is not too long to be meant.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxEnvFile))
	return text, firstOf(err, f.Close())
}

// urlKey says which variables hold connection strings.
var urlKey = regexp.MustCompile(`(?i)^(export\s+)?[A-Z0-9_]*(DATABASE|POSTGRES|POSTGRESQL|PG|DB)[A-Z0-9_]*_?(URL|URI|DSN)$`)

// fromEnvFile finds connection strings in KEY=VALUE lines.
func fromEnvFile(path string) []spot {
	text, err := readSmall(path)
	if err != nil {
		return nil
	}
	var places []spot
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxEnvFile)
	for lines.Scan() {
		key, value, found := strings.Cut(strings.TrimSpace(lines.Text()), "=")
		if !found || !urlKey.MatchString(strings.TrimSpace(key)) {
			continue
		}
		name := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(key), "export "))
		value = unquotedValue(value)
		if strings.Contains(value, "://") {
			places = append(places, parsed(value, name+" in "+path)...)
		}
	}
	return places
}

// unquotedValue takes quotes, and a comment behind a value without quotes, away.
func unquotedValue(value string) string {
	value = strings.TrimSpace(value)
	for _, quote := range []string{`"`, `'`} {
		if rest, ok := strings.CutPrefix(value, quote); ok {
			inside, _, _ := strings.Cut(rest, quote)
			return inside
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}

// compose is as much of a compose file as is needed.
type compose struct {
	Services map[string]struct {
		Image       string    `yaml:"image"`
		Ports       []any     `yaml:"ports"`
		Environment yaml.Node `yaml:"environment"`
	} `yaml:"services"`
}

// fromComposeFile finds services of PostgreSQL images whose port is published on this machine.
func fromComposeFile(path string) []spot {
	text, err := readSmall(path)
	var file compose
	if err != nil || yaml.Unmarshal(text, &file) != nil {
		return nil
	}
	var places []spot
	for name, service := range file.Services {
		image := strings.ToLower(service.Image)
		if !strings.Contains(image, "postgres") && !strings.Contains(image, "postgis") && !strings.Contains(image, "timescale") {
			continue
		}
		port := publishedPort(service.Ports)
		if port == 0 {
			continue
		}
		env := environment(&service.Environment)
		role := env["POSTGRES_USER"]
		if role == "" {
			role = "postgres"
		}
		database := env["POSTGRES_DB"]
		if database == "" {
			database = role
		}
		places = append(places, spot{
			c:        backup.Connection{Host: "127.0.0.1", Port: port, User: role, Database: database},
			password: env["POSTGRES_PASSWORD"], source: "service " + name + " in " + path,
		})
	}
	return places
}

// environment reads either form of a service's variables. What another variable fills in is left out.
func environment(node *yaml.Node) map[string]string {
	env := map[string]string{}
	var list []string
	if node.Decode(&list) == nil {
		for _, line := range list {
			key, value, _ := strings.Cut(line, "=")
			env[key] = value
		}
	} else if node.Decode(&env) != nil {
		return nil
	}
	for key, value := range env {
		if strings.Contains(value, "${") {
			delete(env, key)
		}
	}
	return env
}

// publishedPort gives the port of this machine that leads to a server's 5432; 0 for none.
func publishedPort(ports []any) uint16 {
	for _, p := range ports {
		host := ""
		switch p := p.(type) {
		case string:
			fields := strings.Split(strings.TrimSuffix(p, "/tcp"), ":")
			if n := len(fields); n >= 2 && fields[n-1] == "5432" {
				host = fields[n-2]
			}
		case map[string]any:
			if target, ok := p["target"].(int); ok && target == 5432 {
				switch published := p["published"].(type) {
				case int:
					host = strconv.Itoa(published)
				case string:
					host = published
				}
			}
		}
		if port, err := strconv.ParseUint(host, 10, 16); err == nil {
			return uint16(port)
		}
	}
	return 0
}

// fromServices finds the services of pg_service.conf.
func fromServices() []spot {
	home, err := os.UserHomeDir()
	path := os.Getenv("PGSERVICEFILE")
	if path == "" && err == nil {
		path = filepath.Join(home, ".pg_service.conf")
	}
	text, err := readSmall(path)
	if err != nil {
		return nil
	}
	var places []spot
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			name := strings.Trim(line, "[]")
			places = append(places, parsed(joinPairs(map[string]string{"service": name}), "service "+name)...)
		}
	}
	return places
}
