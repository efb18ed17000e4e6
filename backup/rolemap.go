package backup

import "slices"

// WithRoles gives d as it is when each role that names has a key for is replaced: its owner, and
// who is granted what by whom. Settings of a replaced role are left out: they were made for
// somebody else.
func (d Database) WithRoles(names map[string]string) Database {
	if len(names) == 0 {
		return d
	}
	d.Owner = replacedRole(names, d.Owner)
	var grants []Grants
	if d.Grants != nil {
		grants = []Grants{}
	}
	for _, g := range d.Grants {
		g.Grantee, g.Grantor = replacedRole(names, g.Grantee), replacedRole(names, g.Grantor)
		if !slices.Contains(grants, g) {
			grants = append(grants, g)
		}
	}
	d.Grants = grants
	d.Settings = slices.DeleteFunc(slices.Clone(d.Settings), func(s Setting) bool {
		_, replaced := names[s.Role]
		return replaced
	})
	return d
}

func replacedRole(names map[string]string, role string) string {
	if other, ok := names[role]; ok {
		return other
	}
	return role
}
