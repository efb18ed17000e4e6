package backup

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RoleChoice says what becomes of roles that a backup refers to and the server lacks.
type RoleChoice string

// The choices. Without one, missing roles are named and nothing is touched.
const (
	RolesRefused RoleChoice = ""
	RolesCreated RoleChoice = "create" // made, without password and without login
	RolesMapped  RoleChoice = "map"    // the role that restores gets what was theirs
)

// ErrLacking is in a refusal for what the server lacks and a person may have replaced: the same request
// with RestoreRequest.Roles and AnyTablespace goes on.
var ErrLacking = errors.New("the server lacks what the backup refers to")

// Missing is what a backup refers to, a server lacks, and a person may have replaced.
type Missing struct {
	User        string // the role that restores
	Roles       []Role
	Tablespaces []string
}

// consent is what a person agreed to have replaced.
type consent struct {
	create        []Role
	replace       map[string]string // missing role to the one that gets what was its own
	noTablespaces bool
}

// agree turns what is missing into what is done about it; what nobody agreed to is Refused, with
// all that is missing named at once.
func (req *RestoreRequest) agree(missing Missing) (consent, error) {
	var c consent
	var texts, hints []string
	names := roleNames(missing.Roles)
	switch {
	case len(names) == 0:
	case req.Roles == RolesCreated:
		c.create = missing.Roles
	case req.Roles == RolesMapped:
		c.replace = map[string]string{}
		for _, name := range names {
			c.replace[name] = missing.User
		}
	default:
		texts = append(texts, "roles that the server does not have: "+strings.Join(names, ", "))
		hints = append(hints, fmt.Sprintf("Have them made, without password and login (--create-roles), or give what is theirs to %s (--map-roles).", missing.User))
	}
	c.noTablespaces = len(missing.Tablespaces) > 0 && req.AnyTablespace
	if len(missing.Tablespaces) > 0 && !req.AnyTablespace {
		texts = append(texts, "tablespaces that the server does not have: "+strings.Join(missing.Tablespaces, ", "))
		hints = append(hints, "Make them first, or put everything where the server puts it by itself (--any-tablespace).")
	}
	if len(texts) > 0 {
		refused := Errorf(Refused, strings.Join(hints, " "), "the backup refers to %s", strings.Join(texts, "; and to "))
		refused.Err = ErrLacking
		return c, refused
	}
	return c, nil
}

func roleNames(roles []Role) []string {
	names := make([]string, len(roles))
	for i := range roles {
		names[i] = roles[i].Name
	}
	return names
}

// manifest gives m as it will be for the server once what was agreed to is done.
func (c *consent) manifest(m *Manifest, missing Missing) *Manifest {
	agreed := *m
	names := map[string]string{}
	for _, name := range roleNames(missing.Roles) {
		names[name] = missing.User
	}
	agreed.Database = m.Database.WithRoles(names)
	agreed.Roles = slices.DeleteFunc(slices.Clone(m.Roles), func(r Role) bool { return names[r.Name] != "" })
	if c.noTablespaces {
		agreed.Tablespaces, agreed.Database.Tablespace = nil, ""
	}
	return &agreed
}

// words says what was agreed to.
func (c *consent) words(missing Missing) string {
	var words []string
	if len(c.create) > 0 {
		words = append(words, "The missing roles "+strings.Join(roleNames(c.create), ", ")+" are made, without password and login.")
	}
	if len(c.replace) > 0 {
		words = append(words, fmt.Sprintf("What belongs to the missing roles %s goes to %s.", strings.Join(roleNames(missing.Roles), ", "), missing.User))
	}
	if c.noTablespaces {
		words = append(words, "The missing tablespaces "+strings.Join(missing.Tablespaces, ", ")+" are not used.")
	}
	return strings.Join(words, " ")
}
