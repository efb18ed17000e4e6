package postgres

import "testing"

// A trigger that fires at login changes the database that a drill reads back: our own sessions
// must not make a whole backup look damaged.
func TestObjectsThatFireAtLogin(t *testing.T) {
	t.Parallel()
	if sharedMajor(t) < 17 {
		t.Skip("event triggers fire at login from PostgreSQL 17 on")
	}
	b := startBench(t)
	b.fresh("live", `CREATE TABLE logins (at timestamptz)`, `INSERT INTO logins VALUES (now())`,
		`CREATE FUNCTION note_login() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.logins VALUES (now()); END'`,
		`CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION note_login()`)
	m, parts := b.capture("live")
	job := b.job("shadow")
	b.fill(job, m, parts)
	for range 2 {
		if err := b.Reread(t.Context(), job, m, nil); err != nil {
			t.Error(err)
		}
	}
}
