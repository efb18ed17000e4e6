package postgres

import (
	"context"

	"holdfast/backup"
)

// Missing gives what m refers to, the server lacks, and a person may have replaced: roles and
// tablespaces. What cannot be replaced, such as extensions, Prepare refuses.
func (s *Server) Missing(ctx context.Context, sb backup.Sandbox, m *backup.Manifest) (backup.Missing, error) {
	a, err := s.admin(ctx, sb)
	if err != nil {
		return backup.Missing{}, err
	}
	defer a.close()
	missing := backup.Missing{User: a.me()}
	if missing.Roles, err = missingRoles(ctx, a.conn, m); err != nil {
		return missing, a.explain(err)
	}
	missing.Tablespaces, err = missingTablespaces(ctx, a.conn, m)
	return missing, a.explain(err)
}

// CreateRoles makes those of roles that are missing, all or none. They can do nothing by
// themselves: no password, no login, no right that reaches beyond what is granted to them.
func (s *Server) CreateRoles(ctx context.Context, sb backup.Sandbox, roles []backup.Role) error {
	a, err := s.admin(ctx, sb)
	if err != nil {
		return err
	}
	defer a.close()
	err = createRoles(ctx, a.conn, roles)
	if hasCode(err, "42501") {
		return backup.Errorf(backup.Refused, "Let a superuser make them, or give what is theirs to the role that restores: --map-roles",
			"the role %q lacks the right CREATEROLE, so the missing roles cannot be made", a.me())
	}
	return a.explain(err)
}
