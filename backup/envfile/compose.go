package envfile

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// IsCompose says whether a file of that name describes containers.
func IsCompose(name string) bool {
	return slices.Contains([]string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}, name)
}

// Service is a container as a compose file describes it.
type Service struct {
	Name        string
	Image       string            // in lower case
	Ports       []any             // as written: text, or a map with target and published
	Environment map[string]string // without what another variable fills in
}

// Is says whether the service's image is one of these programs'.
func (s Service) Is(programs ...string) bool {
	return slices.ContainsFunc(programs, func(p string) bool { return strings.Contains(s.Image, p) })
}

// Services reads a compose file, in the order of the names. What cannot be read has none.
func Services(text []byte) []Service {
	var file struct {
		Services map[string]struct {
			Image       string    `yaml:"image"`
			Ports       []any     `yaml:"ports"`
			Environment yaml.Node `yaml:"environment"`
		} `yaml:"services"`
	}
	if yaml.Unmarshal(text, &file) != nil {
		return nil
	}
	var list []Service
	for _, name := range slices.Sorted(maps.Keys(file.Services)) {
		s := file.Services[name]
		list = append(list, Service{Name: name, Image: strings.ToLower(s.Image), Ports: s.Ports, Environment: environment(&s.Environment)})
	}
	return list
}

// environment reads either form of a service's variables.
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
	maps.DeleteFunc(env, func(_, value string) bool { return strings.Contains(value, "${") })
	return env
}
