package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5/pgconn"
)

// createTime bounds CREATE DATABASE, which is not cancelled: a cancelled one may still succeed
// after we stopped listening, and leave a database that nobody knows.
const createTime = 2 * time.Minute

// createSQL writes CREATE DATABASE for a server of version num. It makes the database without
// access, so that nobody enters before it is marked. What such a server cannot make is Refused.
func createSQL(name string, d *backup.Database, num int) (string, error) {
	words := []string{"CREATE DATABASE", quoteIdent(name), "TEMPLATE template0 ALLOW_CONNECTIONS false"}
	add := func(word, value string) {
		if value != "" {
			words = append(words, word+" = "+quoteLiteral(value))
		}
	}
	if d.Owner != "" {
		words = append(words, "OWNER = "+quoteIdent(d.Owner))
	}
	if d.Tablespace != "" && d.Tablespace != "pg_default" {
		words = append(words, "TABLESPACE = "+quoteIdent(d.Tablespace))
	}
	add("ENCODING", d.Encoding)
	add("LC_COLLATE", d.Collate)
	add("LC_CTYPE", d.Ctype)
	switch {
	case d.Provider == "i" && num >= 150000:
		words = append(words, "LOCALE_PROVIDER = icu")
		add("ICU_LOCALE", d.Locale)
		if num >= 160000 {
			add("ICU_RULES", d.LocaleRules)
		}
	case d.Provider == "b" && num >= 170000:
		words = append(words, "LOCALE_PROVIDER = builtin")
		add("BUILTIN_LOCALE", d.Locale)
	case d.Provider == "i" || d.Provider == "b":
		return "", backup.Errorf(backup.Refused, "Restore it into a newer server.",
			"the database sorts with the locale provider %q and the locale %q, which PostgreSQL %d does not have", providerName(d.Provider), d.Locale, num/10000)
	case num >= 150000:
		words = append(words, "LOCALE_PROVIDER = libc")
	}
	return strings.Join(words, " "), nil
}

func providerName(letter string) string {
	switch letter {
	case "i":
		return "icu"
	case "b":
		return "builtin"
	}
	return "libc"
}

// create makes the shadow and marks it. Once it returns nil, the shadow is ours to drop.
func (f *filling) create(ctx context.Context) error {
	there, err := f.a.find(ctx, f.job.Shadow)
	if err != nil {
		return err
	}
	if there != nil {
		return backup.Errorf(backup.Failed, "Choose another name, or drop it by hand if it is not needed.", "the database %q exists already", f.job.Shadow)
	}
	as := f.m.Database.WithRoles(f.job.RoleMap)
	if f.job.NoTablespaces {
		as.Tablespace = ""
	}
	sql, err := createSQL(f.job.Shadow, &as, f.a.num)
	if err != nil {
		return err
	}
	whole, stop := context.WithTimeout(context.WithoutCancel(ctx), createTime)
	defer stop()
	f.created = true
	if err := f.a.execute(whole, sql); err != nil {
		f.created = !isRefusal(err)
		return err
	}
	if err := f.markShadow(whole); err != nil {
		return err
	}
	return f.compareLocale(whole)
}

// compareLocale says when the same locale sorts by other rules here. Indexes are built anew, so
// that nothing is wrong; but what is sorted may come in another order.
func (f *filling) compareLocale(ctx context.Context) error {
	if f.a.num < 150000 || f.m.Database.LocaleVersion == "" {
		return nil
	}
	var here string
	err := f.a.conn.QueryRow(ctx, "SELECT coalesce(datcollversion, '') FROM pg_database WHERE datname = $1", f.job.Shadow).Scan(&here)
	if err == nil && here != "" && here != f.m.Database.LocaleVersion {
		f.warn(fmt.Sprintf("the server sorts by version %s of the locale's rules, the original by version %s: texts may come in another order", here, f.m.Database.LocaleVersion))
	}
	return f.a.explain(err)
}

// isRefusal says whether the server answered with an error, so that nothing was made.
func isRefusal(err error) bool {
	_, answered := errors.AsType[*pgconn.PgError](err)
	return answered
}

// markShadow makes the new database known as ours and opens it, in one transaction. What speeds
// the filling up is set on the database itself, so that pg_restore's sessions have it too: no
// commit needs to wait for the disk before the swap, whose own commit makes all of it durable.
func (f *filling) markShadow(ctx context.Context) error {
	m := mark{
		Kind: markShadow, Home: f.s.Home, Run: string(f.job.Run), Purpose: f.job.Purpose, Since: f.s.now(),
		Sandbox: f.job.Sandbox.Name, Target: f.job.Target,
	}
	comment, err := markSQL(f.job.Shadow, m)
	if err != nil {
		return err
	}
	alter := "ALTER DATABASE " + quoteIdent(f.job.Shadow) + " SET "
	memory := strconv.Itoa(buildMemory(f.s.sessions()))
	return f.a.execute(ctx, strings.Join([]string{
		"BEGIN", comment, allowSQL(f.job.Shadow, true),
		alter + "synchronous_commit = off", alter + "maintenance_work_mem = " + memory, "COMMIT",
	}, ";"))
}

// tidy takes back what markShadow set for the time of the filling.
func (f *filling) tidy(ctx context.Context) error {
	return f.a.execute(ctx, "ALTER DATABASE "+quoteIdent(f.job.Shadow)+" RESET ALL")
}

// abandon drops what this run made, whatever became of its session, and gives cause back.
func (f *filling) abandon(ctx context.Context, cause error) error {
	if !f.created {
		return cause
	}
	ctx, stop := cleaning(ctx)
	defer stop()
	f.a.close()
	if err := f.s.dropShadow(ctx, f.job); err != nil {
		fault := *backup.AsError(cause)
		fault.Hint = strings.TrimSpace(fault.Hint + " The shadow database " + quoteIdent(f.job.Shadow) + " could not be dropped (" + backup.AsError(err).Text + "); the next start tries again.")
		return &fault
	}
	return cause
}

// dropShadow drops the shadow of a run, marked or not yet.
func (s *Server) dropShadow(ctx context.Context, job backup.ShadowJob) error {
	a, err := s.admin(ctx, job.Sandbox, job.Shadow)
	if err != nil {
		return err
	}
	defer a.close()
	d, err := a.find(ctx, job.Shadow)
	if err != nil || d == nil {
		return err
	}
	m, ours := s.mark(d)
	if !(ours && m.Run == string(job.Run) && m.Kind == markShadow) && !(d.Comment == nil && !d.Allow) {
		return nil
	}
	return a.drop(ctx, d)
}

// orphanAge is how old a drill's scratch database without a living session must be to be swept:
// far more than the moment between its filling and its reading, in which nobody holds its lock.
const orphanAge = 15 * time.Minute

// sweep drops scratch databases that killed drills of this home left: no journal names them.
func (f *filling) sweep(ctx context.Context) error {
	ours, err := f.a.all(ctx, f.s)
	if err != nil {
		return err
	}
	for _, d := range ours {
		m, _ := f.s.mark(d)
		if m.Kind != markShadow || m.Purpose != "drill" || f.s.now()-m.Since < int64(orphanAge/time.Second) {
			continue
		}
		if held, err := f.a.locked(ctx, backup.ID(m.Run), 1); err != nil || held {
			continue
		}
		if err := f.a.drop(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
