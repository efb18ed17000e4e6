package postgres

import (
	"strings"
	"testing"

	"holdfast/backup"
)

// as gives the bench for another role.
func (b *bench) as(role string) *bench {
	c := *b
	c.sb.Connection.User = role
	return &c
}

// TestOwnerWithoutSuperuser has a database with what its owner, who is no superuser, can back up
// but not make again.
func TestOwnerWithoutSuperuser(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE maker LOGIN CREATEDB`, `CREATE ROLE other`, `CREATE DATABASE live OWNER maker TEMPLATE template0`)
	b.run("live", `GRANT ALL ON SCHEMA public TO maker`)
	b.as("maker").run("live", words()...)
	b.run("live", `CREATE FUNCTION quiet() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`, `ALTER FUNCTION quiet() OWNER TO maker`,
		`CREATE EVENT TRIGGER ev ON ddl_command_start EXECUTE FUNCTION quiet()`, `CREATE FUNCTION len(text) RETURNS int STRICT LANGUAGE internal AS 'textlen'`,
		`CREATE FOREIGN DATA WRAPPER wrap`, `CREATE SERVER srv FOREIGN DATA WRAPPER wrap`, `CREATE USER MAPPING FOR other SERVER srv OPTIONS (a 'b')`,
		`CREATE PUBLICATION everything FOR ALL TABLES`, `CREATE EXTENSION pageinspect`,
		`CREATE SUBSCRIPTION sub CONNECTION 'dbname=none' PUBLICATION none WITH (connect = false, slot_name = NONE)`)
	dropped := false
	defer func() {
		if !dropped {
			b.run("live", `DROP SUBSCRIPTION sub`)
		}
	}()

	maker := b.as("maker")
	p, err := maker.Preflight(t.Context(), maker.sb)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(p.Warnings, "\n")
	if len(besideTools(p.Warnings)) != 2 || !strings.Contains(said, "subscriptions, so these are not in the backup: sub") || !strings.Contains(said, "user mappings other on srv") {
		t.Errorf("warnings: %q", p.Warnings)
	}
	m, _ := maker.capture("live")
	want := "event trigger ev; foreign-data wrapper wrap; function public.len(text) in the language internal; publication everything of all tables"
	if got := strings.Join(m.Privileged, "; "); got != want+"; rights on schema public" {
		t.Errorf("privileged: %s", got)
	}
	wantKind(t, maker.Prepare(t.Context(), maker.sb, m), backup.Refused, `"maker" cannot make objects that belong to the roles "postgres"`)
	b.run("template1", `GRANT postgres TO maker`)
	wantKind(t, maker.Prepare(t.Context(), maker.sb, m), backup.Refused, "superuser", "pageinspect")
	m.Extensions = nil
	wantKind(t, maker.Prepare(t.Context(), maker.sb, m), backup.Refused, `"maker" is no superuser`, "event trigger ev, foreign-data wrapper wrap", "everything")

	p, err = b.Preflight(t.Context(), b.sb)
	if err != nil || len(besideTools(p.Warnings)) != 0 {
		t.Errorf("a superuser is warned: %q (%v)", p.Warnings, err)
	}
	whole, _ := b.capture("live")
	if got := strings.Join(whole.Privileged, "; "); got != want+"; subscription sub; rights on schema public" {
		t.Errorf("privileged: %s", got)
	}
	b.run("live", `DROP SUBSCRIPTION sub`) // a newer pg_dump writes it for newer servers only
	dropped = true
	rest, parts := b.capture("live")
	b.fill(b.job("shadow"), rest, parts)
	same(t, b.dump("live"), b.dump("shadow"))
}

// TestRightsOfAnotherGrantor need a role that may take on others.
func TestRightsOfAnotherGrantor(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE maker LOGIN CREATEDB`, `CREATE ROLE middle`, `CREATE ROLE last`, `CREATE DATABASE live OWNER maker TEMPLATE template0`)
	b.run("live", `GRANT ALL ON SCHEMA public TO maker`)
	b.as("maker").run("live", `CREATE TABLE t (x int)`, `GRANT SELECT ON t TO middle WITH GRANT OPTION`)
	b.run("live", `SET ROLE middle`, `GRANT SELECT ON t TO last`)
	m, _ := b.as("maker").capture("live")
	wantKind(t, b.as("maker").Prepare(t.Context(), b.as("maker").sb, m), backup.Refused, "rights on public.t that role middle granted")
}

// TestRowSecurity refuses what would come without rows, by the names of the tables.
func TestRowSecurity(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE maker LOGIN`, `CREATE ROLE reader LOGIN`, `CREATE ROLE passes LOGIN BYPASSRLS`, `CREATE DATABASE live OWNER maker TEMPLATE template0`)
	b.run("live", `GRANT ALL ON SCHEMA public TO maker`)
	b.as("maker").run("live", `CREATE TABLE free (x int)`, `CREATE TABLE guarded (x int)`, `INSERT INTO guarded VALUES (1), (2)`, `ALTER TABLE guarded ENABLE ROW LEVEL SECURITY`,
		`CREATE POLICY part ON guarded USING (x = 1)`, `CREATE TABLE "for ced" (x int)`, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader, passes`)
	try := func(role string, hidden ...string) {
		t.Helper()
		c := b.as(role)
		_, err := c.Preflight(t.Context(), c.sb)
		_, captureErr := c.Capture(t.Context(), c.sb, newShelf(), nil)
		if len(hidden) == 0 {
			if err != nil || captureErr != nil {
				t.Errorf("%s: %v, %v", role, err, captureErr)
			}
			return
		}
		wantKind(t, err, backup.Failed, append(hidden, "row security hides rows", `"`+role+`"`)...)
		if captureErr == nil || strings.Contains(err.Error(), "free") {
			t.Errorf("%s: %v; the capture: %v", role, err, captureErr)
		}
	}
	try("maker")
	try("reader", "public.guarded")
	try("passes")
	b.as("maker").run("live", `INSERT INTO "for ced" VALUES (1)`, `ALTER TABLE "for ced" ENABLE ROW LEVEL SECURITY`, `ALTER TABLE "for ced" FORCE ROW LEVEL SECURITY`)
	try("maker", `public."for ced"`)
	try("reader", `public."for ced", public.guarded`)
	try("passes")
}

// TestOwnersWhoMayNotCreate are those to whom only a superuser can give what they own: rights are
// restored when all else is done.
func TestOwnersWhoMayNotCreate(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE maker LOGIN CREATEDB`, `CREATE ROLE publisher`, `GRANT publisher TO maker`, `CREATE DATABASE live OWNER maker TEMPLATE template0`)
	b.run("live", `GRANT ALL ON SCHEMA public TO maker, publisher`, `GRANT CREATE ON DATABASE live TO publisher`)
	maker := b.as("maker")
	maker.run("live", `CREATE SCHEMA own AUTHORIZATION publisher`, `SET ROLE publisher`, `CREATE TABLE own.t (x int)`, `INSERT INTO own.t VALUES (1)`, `CREATE FUNCTION own.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
	m, parts := maker.capture("live")
	if b.major() < 15 {
		wantKind(t, maker.Prepare(t.Context(), maker.sb, m), backup.Refused, "rights on schema public")
		m.Privileged = nil
		b.run("template1", `ALTER ROLE maker SUPERUSER`)
	}
	maker.restore(m, parts)
	same(t, b.dump("live"), b.dump("restored"))
	b.run("template1", `ALTER ROLE maker NOSUPERUSER`)
	for sql, word := range map[string]string{
		`CREATE TABLE public.p (x int)`:                                     "relation p of role publisher in schema public",
		`CREATE DOMAIN public.d AS int`:                                     "type d of role publisher in schema public",
		`CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`: "function f of role publisher in schema public",
		`CREATE PUBLICATION pub FOR TABLE own.t`:                            "publication pub of role publisher",
	} {
		b.run("live", "SET ROLE publisher", sql)
		m, _ := b.capture("live")
		wantKind(t, maker.Prepare(t.Context(), maker.sb, m), backup.Refused, word)
	}
	b.run("template1", `REVOKE publisher FROM maker`)
	wantKind(t, maker.Prepare(t.Context(), maker.sb, m), backup.Refused, `roles "publisher"`, `GRANT "publisher" TO "maker";`)
}
