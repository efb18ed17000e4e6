package postgres

import "testing"

// Every version of PostgreSQL makes the schema public with other rights, and every version of
// pg_dump takes those of its own for granted: what it says must not be taken for the whole.
func TestObjectsOfPublicSchema(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.roles()
	for name, statements := range map[string][]string{
		"as it comes":      nil,
		"nobody else's":    {`REVOKE ALL ON SCHEMA public FROM PUBLIC`},
		"not to create in": {`REVOKE CREATE ON SCHEMA public FROM PUBLIC`},
		"everybody's":      {`GRANT ALL ON SCHEMA public TO PUBLIC`},
		"given to one":     {`GRANT CREATE ON SCHEMA public TO guest WITH GRANT OPTION`},
		"owned by another": {`ALTER SCHEMA public OWNER TO staff`},
		"without comment":  {`COMMENT ON SCHEMA public IS NULL`},
		"made again":       {`DROP SCHEMA public`, `CREATE SCHEMA public`},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.with(t)
			defer b.clean()
			b.fresh("live", statements...)
			m, parts := b.capture("live")
			b.fill(b.job("shadow"), m, parts)
			b.run("template1", `COMMENT ON DATABASE shadow IS NULL`)
			equal(t, b.picture("live"), b.picture("shadow"))
		})
	}
}
