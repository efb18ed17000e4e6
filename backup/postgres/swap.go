package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"holdfast/backup"
)

// swapTries is how often the renames are tried while an autovacuum worker is in the way; the
// server itself waits five seconds for it each time.
const swapTries = 4

// swapping is one swap. The databases are followed by OID, because the names are what changes.
type swapping struct {
	s          *Server
	job        backup.SwapJob
	live       *found // nil when there is none
	shadow     *found
	shadowMark mark
}

// Swap puts job.Shadow in the place of job.Live.
//
// The ban on new sessions is committed first: an uncommitted one lets a session slip in. The
// renames and all that follows them (owner, rights, settings, comments, the end of the ban) are
// one transaction, so that no crash leaves a database half swapped or banned for good. A setting
// that cannot follow is reported after StageSwapped and holds nothing up.
func (s *Server) Swap(ctx context.Context, job backup.SwapJob, note func(backup.Stage) error) error {
	s, stop := s.guarded(ctx, job.Sandbox)
	defer stop()
	a, err := s.admin(ctx, job.Sandbox, job.Live, job.Shadow, job.Aside)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.lock(ctx, job.Run); err != nil { // the server may be at the renames when we are killed
		return err
	}
	w := &swapping{s: s, job: job}
	if err := w.look(ctx, a); err != nil {
		return err
	}
	if err := note(backup.StageSwapping); err != nil {
		return err
	}
	missed, err := w.exchange(ctx, a)
	if err != nil {
		if err = w.settle(ctx, a, err); err != nil {
			return err
		}
	}
	return errors.Join(note(backup.StageSwapped), missedError(job.Live, missed))
}

// look makes sure that both databases are what the job says and that nothing stands in the way.
func (w *swapping) look(ctx context.Context, a *admin) (err error) {
	if w.shadow, err = a.find(ctx, w.job.Shadow); err != nil {
		return err
	}
	if w.live, err = a.find(ctx, w.job.Live); err != nil {
		return err
	}
	m, ours := w.s.mark(w.shadow)
	w.shadowMark = m
	switch {
	case w.shadow == nil:
		return backup.Errorf(backup.Failed, "Restore again.", "the database %q, which should be swapped in, is not there", w.job.Shadow)
	case !ours:
		return backup.Errorf(backup.Refused, "", "the database %q carries no mark of this home; it was left alone", w.job.Shadow)
	case w.live == nil && w.job.Aside != "":
		return backup.Errorf(backup.Failed, "Restore again.", "the database %q is not there any more", w.job.Live)
	case w.live != nil && w.job.Aside == "":
		return backup.Errorf(backup.Failed, "Restore again.", "the database %q exists by now", w.job.Live)
	}
	return w.unblocked(ctx, a)
}

func (w *swapping) unblocked(ctx context.Context, a *admin) error {
	for _, d := range w.both() {
		blockers, err := a.blockers(ctx, d)
		if err != nil {
			return err
		}
		if len(blockers) > 0 {
			return backup.Errorf(backup.Refused, "Remove what is named, then try again.", "the database cannot be replaced: %s", strings.Join(blockers, "; "))
		}
	}
	return nil
}

// both gives the databases that take part.
func (w *swapping) both() []*found {
	if w.live == nil {
		return []*found{w.shadow}
	}
	return []*found{w.live, w.shadow}
}

// exchange bans sessions, cuts them, and commits the swap. missed names what could not follow.
func (w *swapping) exchange(ctx context.Context, a *admin) (missed []string, err error) {
	if err := a.execute(ctx, "SET synchronous_commit = on; SET lock_timeout = '10s'"); err != nil {
		return nil, err
	}
	for _, d := range w.both() {
		if err := a.execute(ctx, allowSQL(d.Name, false)); err != nil {
			return nil, err
		}
	}
	steps, err := w.steps(ctx, a)
	if err != nil {
		return nil, err
	}
	for range swapTries {
		if err = a.clear(ctx, w.both()); err != nil {
			return nil, err
		}
		// Once begun, the transaction is not cancelled: nobody could say what became of it.
		missed, err = w.commit(context.WithoutCancel(ctx), a, steps)
		if !hasCode(err, "55006") {
			break
		}
	}
	return missed, err
}

func allowSQL(database string, allow bool) string {
	if allow {
		return "ALTER DATABASE " + quoteIdent(database) + " ALLOW_CONNECTIONS true"
	}
	return "ALTER DATABASE " + quoteIdent(database) + " ALLOW_CONNECTIONS false"
}

// steps gives what follows the renames, in terms of the names after them.
func (w *swapping) steps(ctx context.Context, a *admin) ([]step, error) {
	props := w.job.Props
	if props == nil {
		return nil, nil
	}
	grantees, err := a.texts(ctx, `SELECT DISTINCT CASE WHEN e.grantee = 0 THEN '' ELSE pg_get_userbyid(e.grantee)::text END
		FROM pg_database d, aclexplode(d.datacl) e WHERE d.oid = $1`, w.shadow.OID)
	if err != nil {
		return nil, err
	}
	roles, err := a.texts(ctx, "SELECT r.rolname FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = $1", w.shadow.OID)
	return propSteps(w.job.Live, props, grantees, roles), err
}

// commit does the swap in one transaction.
func (w *swapping) commit(ctx context.Context, a *admin, steps []step) (missed []string, err error) {
	ctx, stop := context.WithTimeout(ctx, cleanTime)
	defer stop()
	renames, err := w.renames()
	if err != nil {
		return nil, err
	}
	if err := a.execute(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"); err != nil {
		return nil, err
	}
	err = a.inOrder(ctx, renames)
	for i := 0; i < len(steps) && err == nil; i++ {
		var reason string
		if reason, err = a.try(ctx, steps[i].sql); reason != "" {
			missed = append(missed, steps[i].what+" ("+reason+")")
		}
	}
	if err == nil {
		err = a.inOrder(ctx, w.endings())
	}
	if err == nil {
		return missed, a.execute(ctx, "COMMIT")
	}
	return nil, errors.Join(err, a.execute(ctx, "ROLLBACK"))
}

// renames gives the statements without which there is no swap. The mark of the database that
// goes aside is one of them: without it nobody would know it as ours.
func (w *swapping) renames() ([]string, error) {
	var sql []string
	if w.live != nil {
		m := mark{
			Kind: markKept, Home: w.s.Home, Run: string(w.job.Run), Purpose: "replaced", Comment: w.live.Comment, Since: w.s.now(),
			Sandbox: w.job.Sandbox.Name, Target: w.job.Live, Backup: w.job.Backup, Saved: w.job.Saved,
		}
		comment, err := markSQL(w.job.Aside, m)
		if err != nil {
			return nil, err
		}
		sql = append(sql, "ALTER DATABASE "+quoteIdent(w.job.Live)+" RENAME TO "+quoteIdent(w.job.Aside), comment)
	}
	comment := w.shadowMark.Comment
	if w.job.Props != nil {
		comment = w.job.Props.Comment
	}
	return append(sql,
		"ALTER DATABASE "+quoteIdent(w.job.Shadow)+" RENAME TO "+quoteIdent(w.job.Live),
		commentSQL(w.job.Live, comment)), nil
}

// endings lifts the bans. A live database that refused sessions before keeps refusing them, and one that was
// a template is one again; what goes aside is none, for the server drops no template.
func (w *swapping) endings() []string {
	sql := []string{allowSQL(w.job.Live, true)}
	if w.live != nil {
		sql = append(sql, allowSQL(w.job.Aside, w.live.Allow))
	}
	if w.live != nil && w.live.Template {
		sql = append(sql, templateSQL(w.job.Live, true), templateSQL(w.job.Aside, false))
	}
	return sql
}

func templateSQL(database string, is bool) string {
	return fmt.Sprintf("ALTER DATABASE %s IS_TEMPLATE %t", quoteIdent(database), is)
}

// inOrder runs statements of which each must succeed.
func (a *admin) inOrder(ctx context.Context, sql []string) error {
	for _, one := range sql {
		if err := a.execute(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// try runs statements that may fail: all of them or none. reason is the server's, "" if all is well.
func (a *admin) try(ctx context.Context, sql []string) (reason string, err error) {
	if err := a.execute(ctx, "SAVEPOINT step"); err != nil {
		return "", err
	}
	err = a.inOrder(ctx, sql)
	if err == nil {
		return "", a.execute(ctx, "RELEASE SAVEPOINT step")
	}
	return backup.AsError(err).Text, a.execute(ctx, "ROLLBACK TO SAVEPOINT step")
}

func missedError(database string, missed []string) error {
	if len(missed) == 0 {
		return nil
	}
	return backup.Errorf(backup.Failed, "Set them by hand as a superuser; the data is complete.",
		"the database %q was swapped in, but did not get %s", database, strings.Join(missed, ", "))
}
