package postgres

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"
)

// step is something that follows a database when it takes the place of another. Steps are
// independent: one that fails is reported and does not hold up the others.
type step struct {
	what string // in words, for people
	sql  []string
}

// propSteps gives what makes the database name like d was: owner, rights, connection limit,
// security labels, settings. It may be applied twice. What the database has beyond d is revoked: present names
// the grantees in its access list (PUBLIC is ""), roles those with settings of their own in it.
func propSteps(name string, d *backup.Database, present, roles []string) []step {
	db := quoteIdent(name)
	steps := []step{
		{"the owner " + quoteIdent(d.Owner), []string{"ALTER DATABASE " + db + " OWNER TO " + quoteIdent(d.Owner)}},
		{"the connection limit", []string{fmt.Sprintf("ALTER DATABASE %s CONNECTION LIMIT %d", db, d.ConnectionLimit)}},
	}
	steps = append(steps, grantSteps(db, d, present)...)
	for _, l := range d.Labels {
		steps = append(steps, step{"the security label of " + l.Provider, []string{
			"SECURITY LABEL FOR " + quoteIdent(l.Provider) + " ON DATABASE " + db + " IS " + quoteLiteral(l.Label),
		}})
	}
	return append(steps, settingSteps(db, d.Settings, roles)...)
}

// grantSteps empties the access list and builds it again, as each grantor granted it: those of
// the owner first, because the others rest on them. Without an access list in the manifest the
// default rights are meant, which a new database has by itself.
func grantSteps(db string, d *backup.Database, present []string) []step {
	if d.Grants == nil {
		return nil
	}
	revoke := step{what: "the revoked default rights"}
	for _, grantee := range append([]string{"", d.Owner}, present...) {
		revoke.sql = append(revoke.sql, "REVOKE ALL ON DATABASE "+db+" FROM "+roleSQL(grantee)+" CASCADE")
	}
	steps := []step{revoke}
	ordered := slices.Clone(d.Grants)
	slices.SortStableFunc(ordered, func(a, b backup.Grants) int { return rank(a, d.Owner) - rank(b, d.Owner) })
	for _, g := range ordered {
		steps = append(steps, grantStep(db, d.Owner, g))
	}
	return steps
}

// rank puts what the owner granted first, then what can be granted on.
func rank(g backup.Grants, owner string) int {
	switch {
	case g.Grantor == owner:
		return 0
	case g.WithOption:
		return 1
	}
	return 2
}

func grantStep(db, owner string, g backup.Grants) step {
	grant := "GRANT " + g.Privilege + " ON DATABASE " + db + " TO " + roleSQL(g.Grantee)
	if g.WithOption {
		grant += " WITH GRANT OPTION"
	}
	st := step{what: fmt.Sprintf("the right %s for %s", g.Privilege, roleSQL(g.Grantee)), sql: []string{grant}}
	if g.Grantor != "" && g.Grantor != owner {
		st.sql = []string{"SET LOCAL ROLE " + quoteIdent(g.Grantor), grant, "RESET ROLE"}
	}
	return st
}

func roleSQL(role string) string {
	if role == "" {
		return "PUBLIC"
	}
	return quoteIdent(role)
}

// settingSteps clears the settings of a database and sets the recorded ones.
func settingSteps(db string, settings []backup.Setting, roles []string) []step {
	steps := []step{{"the cleared settings", []string{"ALTER DATABASE " + db + " RESET ALL"}}}
	for _, role := range roles {
		steps = append(steps, step{"the cleared settings of " + quoteIdent(role), []string{"ALTER ROLE " + quoteIdent(role) + " IN DATABASE " + db + " RESET ALL"}})
	}
	for _, set := range settings {
		target, what := "DATABASE "+db, "the setting "+set.Name
		if set.Role != "" {
			target = "ROLE " + quoteIdent(set.Role) + " IN DATABASE " + db
			what += " of " + quoteIdent(set.Role)
		}
		steps = append(steps, step{what, []string{"ALTER " + target + " SET " + settingName(set.Name) + " TO " + settingValue(set)}})
	}
	return steps
}

// settingName quotes each part of a name like my.setting apart.
func settingName(name string) string {
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = quoteIdent(parts[i])
	}
	return strings.Join(parts, ".")
}

// settingValue writes a value. Settings that are lists of quoted names are stored as one text,
// which SET would take for one long name: they are taken apart as pg_dump does.
func settingValue(set backup.Setting) string {
	switch strings.ToLower(set.Name) {
	case "search_path", "session_preload_libraries", "local_preload_libraries", "shared_preload_libraries",
		"temp_tablespaces", "unix_socket_directories", "restrict_nonsystem_relation_kind":
	default:
		return quoteLiteral(set.Value)
	}
	names := splitNames(set.Value)
	if len(names) == 0 {
		return "''"
	}
	for i := range names {
		names[i] = quoteLiteral(names[i])
	}
	return strings.Join(names, ", ")
}

// splitNames takes a list like `"$user", public` apart; quotes are removed, doubled ones halved.
func splitNames(list string) []string {
	var names []string
	var name strings.Builder
	quoted, begun := false, false
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch {
		case c == '"' && quoted && i+1 < len(list) && list[i+1] == '"':
			name.WriteByte(c)
			i++
		case c == '"':
			quoted, begun = !quoted, true
		case c == ',' && !quoted:
			names = append(names, name.String())
			name.Reset()
			begun = false
		case (c == ' ' || c == '\t' || c == '\n') && !quoted:
		default:
			name.WriteByte(c)
			begun = true
		}
	}
	if begun {
		names = append(names, name.String())
	}
	return names
}
