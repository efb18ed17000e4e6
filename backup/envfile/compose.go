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

// The bounds of what is read of one file; more is not meant.
const (
	maxItems  = 1000    // services of a file, variables or ports of a service
	maxHops   = 10      // from an alias or a merge to what it means
	maxVisits = 1 << 20 // of names, for aliases may lead to them again and again
)

// Services reads a compose file, in the order of the names. What cannot be read has none. Nothing is
// decoded as a whole: aliases may multiply, and names that are there twice cost the square of time.
func Services(text []byte) []Service {
	var file yaml.Node
	if yaml.Unmarshal(text, &file) != nil || len(file.Content) == 0 {
		return nil
	}
	r := reader{left: maxVisits}
	services := r.fields(r.fields(file.Content[0], maxHops)["services"], maxHops)
	var list []Service
	for _, name := range slices.Sorted(maps.Keys(services)) {
		f := r.fields(services[name], maxHops)
		list = append(list, Service{Name: name, Image: strings.ToLower(scalar(f["image"])), Ports: r.ports(f["ports"]), Environment: r.environment(f["environment"])})
	}
	return list
}

// reader reads one file.
type reader struct{ left int } // visits

// meant follows an alias.
func meant(node *yaml.Node, hops int) *yaml.Node {
	for ; node != nil && node.Kind == yaml.AliasNode; hops-- {
		if hops == 0 {
			return nil
		}
		node = node.Alias
	}
	return node
}

// fields gives the values of a map by their names, with what is merged into it; of a name that is
// there twice the last one counts.
func (r *reader) fields(node *yaml.Node, hops int) map[string]*yaml.Node {
	node = meant(node, hops)
	found := map[string]*yaml.Node{}
	if node == nil || node.Kind != yaml.MappingNode || hops == 0 {
		return found
	}
	merged := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content) && len(found) < maxItems && r.left > 0; i += 2 {
		r.left--
		if key, value := scalar(node.Content[i]), node.Content[i+1]; key != "<<" {
			found[key] = value
		} else if len(merged) == 0 { // one map, or a list of them
			sources := []*yaml.Node{value}
			if list := meant(value, hops); list != nil && list.Kind == yaml.SequenceNode {
				sources = list.Content[:min(len(list.Content), maxHops)]
			}
			for _, source := range slices.Backward(sources) { // the first one counts
				maps.Copy(merged, r.fields(source, hops-1))
			}
		}
	}
	maps.Copy(merged, found)
	return merged
}

// scalar gives the text of a value that is one; "" for others.
func scalar(node *yaml.Node) string {
	if node = meant(node, maxHops); node == nil || node.Kind != yaml.ScalarNode {
		return ""
	}
	return node.Value
}

// items gives the values of a list.
func items(node *yaml.Node) []*yaml.Node {
	if node = meant(node, maxHops); node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content[:min(len(node.Content), maxItems)]
}

// ports reads either form of a service's ports.
func (r *reader) ports(node *yaml.Node) (list []any) {
	for _, item := range items(node) {
		if of := r.fields(item, maxHops); len(of) > 0 {
			port := map[string]any{}
			for name, value := range of {
				port[name] = plain(value)
			}
			list = append(list, port)
		} else if value := plain(item); value != nil {
			list = append(list, value)
		}
	}
	return list
}

// plain gives a single value as what it is written: a text, a number, true or false.
func plain(node *yaml.Node) (value any) {
	if node = meant(node, maxHops); node == nil || node.Kind != yaml.ScalarNode || node.Decode(&value) != nil {
		return nil
	}
	return value
}

// environment reads either form of a service's variables.
func (r *reader) environment(node *yaml.Node) map[string]string {
	env := map[string]string{}
	for _, item := range items(node) {
		key, value, _ := strings.Cut(scalar(item), "=")
		env[key] = value
	}
	for key, value := range r.fields(node, maxHops) {
		env[key] = scalar(value)
	}
	maps.DeleteFunc(env, func(_, value string) bool { return strings.Contains(value, "${") })
	return env
}
