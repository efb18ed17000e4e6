package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// missingLocale says in words what the server lacks of m's locale; "" when it has it all.
//
// It tries the locale on temporary collations that are rolled back: the catalogs list only what
// the machine had when the server was set up. An answer about anything but the locale itself
// leaves the judgement to CREATE DATABASE, which touches nothing live either.
func missingLocale(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) (string, error) {
	d := &m.Database
	_, num := serverVersion(conn)
	if num < providerSince(d.Provider) {
		return fmt.Sprintf("locale provider %q with the locale %q, which came with PostgreSQL %d", providerName(d.Provider), d.Locale, providerSince(d.Provider)/10000), nil
	}
	probes := []struct{ what, options string }{
		{fmt.Sprintf("locale %q", d.Collate), "LOCALE = " + quoteLiteral(d.Collate)},
		{fmt.Sprintf("locale %q", d.Ctype), "LOCALE = " + quoteLiteral(d.Ctype)},
		{fmt.Sprintf("locale %q of the provider %q", d.Locale, providerName(d.Provider)), localeOptions(d, num)},
	}
	for _, probe := range probes {
		if strings.HasSuffix(probe.options, "= ''") || probe.options == "" {
			continue
		}
		known, err := knowsLocale(ctx, conn, num, probe.options)
		if err != nil || !known {
			return probe.what, err
		}
	}
	return "", nil
}

// providerSince gives the version that brought a provider of a database's locale.
func providerSince(letter string) int {
	switch letter {
	case "i":
		return 150000
	case "b":
		return 170000
	}
	return 0
}

// localeOptions gives the options of a collation that sorts as the database does; "" for libc,
// which has no locale of its own besides the two.
func localeOptions(d *backup.Database, num int) string {
	switch d.Provider {
	case "i":
		options := "PROVIDER = icu, LOCALE = " + quoteLiteral(d.Locale)
		if d.LocaleRules != "" && num >= 160000 {
			options += ", RULES = " + quoteLiteral(d.LocaleRules)
		}
		return options
	case "b":
		return "PROVIDER = builtin, LOCALE = " + quoteLiteral(d.Locale)
	}
	return ""
}

// knowsLocale makes a collation and takes it back. ICU takes a language that it does not know
// for the root's, with a warning only, unless told otherwise.
func knowsLocale(ctx context.Context, conn *pgx.Conn, num int, options string) (bool, error) {
	begin := "BEGIN"
	if num >= 160000 {
		begin += "; SET LOCAL icu_validation_level = 'error'"
	}
	if err := execute(ctx, conn, begin); err != nil {
		return false, err
	}
	probeErr := execute(ctx, conn, "CREATE COLLATION pg_temp.holdfast_probe ("+options+")")
	if err := execute(ctx, conn, "ROLLBACK"); err != nil {
		return false, err
	}
	refusal, answered := errors.AsType[*pgconn.PgError](probeErr)
	if probeErr != nil && !answered {
		return false, probeErr
	}
	// A locale that does not fit the encoding of the database that we are in is known all the same.
	known := probeErr == nil || refusal.Routine == "check_encoding_locale_matches" ||
		refusal.Routine != "icu_validate_locale" && !hasCode(probeErr, "22023", "42704", "0A000", "42P17", "42809")
	return known, nil
}

// localeRemedy says how the locale is got.
func localeRemedy(d *backup.Database, num int) string {
	switch {
	case num < providerSince(d.Provider):
		return "Restore it into a newer server."
	case d.Provider == "i":
		return "Use a server that was built with an ICU library which knows the locale."
	case d.Provider == "b":
		return "Restore it into a newer server."
	}
	return "Generate it on the server's machine (locale-gen on Debian) and restart PostgreSQL."
}
