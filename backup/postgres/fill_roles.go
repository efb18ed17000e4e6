package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"holdfast/backup/pgarchive"
)

// mapRoles replaces, in the archive, the roles that the job replaces: as the owner of objects, in
// rights, policies, default rights and user mappings. What else may name a role, the text of a
// function or a value in a table, stays as it is.
func (f *filling) mapRoles(ctx context.Context, archive *pgarchive.Archive) error {
	names, err := f.encodedRoles(ctx)
	if err != nil {
		return err
	}
	mapper := roleMapper{names: names}
	mapper.archive(archive)
	f.warn(mapper.summary(slices.Sorted(maps.Keys(f.job.RoleMap))))
	return nil
}

// encodedRoles gives the job's RoleMap in the encoding of the archive, which is the database's.
func (f *filling) encodedRoles(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	for from, to := range f.job.RoleMap {
		encoded := [2]string{from, to}
		for i, name := range encoded {
			text, err := encodeText(ctx, f.a.conn, name, f.m.Database.Encoding)
			if err != nil {
				return nil, f.a.explain(err)
			}
			encoded[i] = text
		}
		names[encoded[0]] = encoded[1]
	}
	return names, nil
}

// warn hands on what a person should know though all is well.
func (f *filling) warn(text string) {
	if f.job.Warn != nil && text != "" {
		f.job.Warn(text)
	}
}

// roleMapper replaces roles in an archive and counts what it did.
type roleMapper struct {
	names    map[string]string
	owners   int // entries that got another owner
	rights   int // statements about rights that name another role now
	policies int
	mappings int
	dropped  []string // user mappings that the new role has already
	seen     map[string]bool
}

// archive replaces roles in all entries.
func (r *roleMapper) archive(a *pgarchive.Archive) {
	r.seen = map[string]bool{}
	for i := range a.Entries {
		r.remember(&a.Entries[i])
	}
	a.Entries = slices.DeleteFunc(a.Entries, func(e pgarchive.Entry) bool { return r.doubled(&e) })
	for i := range a.Entries {
		r.entry(&a.Entries[i])
	}
}

// remember notes the user mappings of roles that stay.
func (r *roleMapper) remember(e *pgarchive.Entry) {
	if e.Desc.S != "USER MAPPING" {
		return
	}
	if _, n := replaceRoles(e.Defn.S, r.names, userMappingRoles()); n == 0 {
		r.seen[mappingKey(e.Defn.S)] = true
	}
}

// doubled says whether e is a user mapping that the new role has already.
func (r *roleMapper) doubled(e *pgarchive.Entry) bool {
	if e.Desc.S != "USER MAPPING" {
		return false
	}
	text, n := replaceRoles(e.Defn.S, r.names, userMappingRoles())
	key := mappingKey(text)
	if n == 0 || !r.seen[key] {
		r.seen[key] = true
		return false
	}
	r.dropped = append(r.dropped, e.Tag.S)
	return true
}

// mappingKey is a user mapping without its options.
func mappingKey(defn string) string {
	key, _, _ := strings.Cut(defn, " OPTIONS (")
	return strings.TrimRight(key, " ;\n")
}

// entry replaces roles in one entry.
func (r *roleMapper) entry(e *pgarchive.Entry) {
	if to, ok := r.names[e.Owner.S]; ok && e.Owner.Valid && e.Owner.S != "" {
		e.Owner.S = to
		r.owners++
	}
	var n int
	switch e.Desc.S {
	case "ACL", "DEFAULT ACL":
		e.Defn.S, n = replaceRoles(e.Defn.S, r.names, rightsRoles())
		r.rights += n
	case "POLICY":
		e.Defn.S, n = replaceRoles(e.Defn.S, r.names, policyRoles())
		r.policies += min(n, 1)
	case "USER MAPPING":
		e.Defn.S, n = replaceRoles(e.Defn.S, r.names, userMappingRoles())
		r.mappings += n
	}
}

// summary says what was done, in words.
func (r *roleMapper) summary(missing []string) string {
	text := fmt.Sprintf("roles that the server does not have (%s) were replaced: as owner of %d objects, in %d rights, %d policies and %d user mappings",
		listNames(quoteAll(missing)), r.owners, r.rights, r.policies, r.mappings)
	if len(r.dropped) > 0 {
		text += "; left out, because the other role has one: " + listNames(r.dropped)
	}
	return text
}
