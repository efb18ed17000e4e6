package postgres

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
	"holdfast/backup/envfile"
)

// maxFolders bounds how many folders are searched.
const maxFolders = 500

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
			case envfile.IsEnv(n.Name()):
				places = append(places, fromEnvFile(path)...)
			case envfile.IsCompose(n.Name()):
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

// urlKey says which variables hold connection strings.
var urlKey = regexp.MustCompile(`(?i)^[A-Z0-9_]*(DATABASE|POSTGRES|POSTGRESQL|PG|DB)[A-Z0-9_]*_?(URL|URI|DSN)$`)

// fromEnvFile finds connection strings in variables.
func fromEnvFile(path string) []spot {
	text, err := envfile.Read(path)
	if err != nil {
		return nil
	}
	var places []spot
	for _, e := range envfile.Entries(text) {
		if urlKey.MatchString(e.Key) && strings.Contains(e.Value, "://") {
			places = append(places, parsed(e.Value, e.Key+" in "+path)...)
		}
	}
	return places
}

// fromComposeFile finds services of PostgreSQL images whose port is published on this machine.
func fromComposeFile(path string) []spot {
	text, err := envfile.Read(path)
	if err != nil {
		return nil
	}
	var places []spot
	for _, service := range envfile.Services(text) {
		if !service.Is("postgres", "postgis", "timescale") {
			continue
		}
		port := publishedPort(service.Ports)
		if port == 0 {
			continue
		}
		env := service.Environment
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
			password: env["POSTGRES_PASSWORD"], source: "service " + service.Name + " in " + path,
		})
	}
	return places
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
	text, err := envfile.Read(path)
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
