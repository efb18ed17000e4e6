package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// state is what a database holds, one line for each thing that is compared.
type state map[string]string

// queries give a line each: the digest of all rows, in an order that does not depend on storage.
var queries = map[string]string{
	"customers":     digestOf("SELECT * FROM customers"),
	"orders":        digestOf("SELECT * FROM orders"),
	"events":        digestOf("SELECT * FROM events"),
	"pictures":      digestOf("SELECT * FROM pictures"),
	"revenue":       digestOf("SELECT * FROM revenue"),
	"large objects": digestOf("SELECT oid, lo_get(oid) FROM pg_largeobject_metadata"),
	"order numbers": "SELECT last_value || ' ' || is_called FROM orders_id_seq",
}

func digestOf(query string) string {
	return "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(d, '' ORDER BY d)), 'none') FROM (SELECT md5(t::text) AS d FROM (" + query + ") AS t) AS x"
}

func (d *demo) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	c := d.server.Connection(database)
	cfg, err := pgx.ParseConfig("")
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	cfg.TLSConfig, cfg.Fallbacks = nil, nil
	return pgx.ConnectConfig(ctx, cfg)
}

func (d *demo) exec(ctx context.Context, database, sql string) error {
	conn, err := d.connect(ctx, database)
	if err != nil {
		return fmt.Errorf("connect to the demo's server: %w", err)
	}
	_, err = conn.Exec(ctx, sql)
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

func (d *demo) state(ctx context.Context) (state, error) {
	conn, err := d.connect(ctx, sandbox)
	if err != nil {
		return nil, fmt.Errorf("connect to the demo's server: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	now := state{}
	for name, query := range queries {
		line := ""
		if err := conn.QueryRow(ctx, query).Scan(&line); err != nil {
			line = "gone: " + err.Error()
		}
		now[name] = line
	}
	return now, nil
}

// damage does what a careless migration or an agent does, and makes sure that it shows.
func (d *demo) damage(ctx context.Context, before state) error {
	err := d.exec(ctx, sandbox, `
		DELETE FROM orders WHERE id % 3 = 0;
		UPDATE customers SET email = 'oops' || id;
		DROP TABLE events;
		SELECT lo_unlink(original) FROM pictures WHERE customer_id <= 10;
		SELECT setval('orders_id_seq', 1);`)
	if err != nil {
		return err
	}
	damaged, err := d.state(ctx)
	if err != nil {
		return err
	}
	if before.diff(damaged) == "" {
		return fmt.Errorf("the damage does not show")
	}
	d.say("Damaged it: a third of the orders deleted, every address overwritten, the events table dropped, large objects and order numbers lost.")
	return nil
}

// diff names the first thing that is not the same; "" when all is.
func (s state) diff(other state) string {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if s[name] != other[name] {
			return fmt.Sprintf("%s: %s, now %s", name, s[name], other[name])
		}
	}
	return ""
}
