package backup

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// describe puts into words what will be done and what will be lost.
func (r *Restorer) describe(ctx context.Context, req RestoreRequest, b *Backup, m *Manifest, t Target) (what, loss string, err error) {
	switch {
	case !holdsDatabase(req.What):
	case len(req.Tables) > 0:
		what, loss, err = r.describeTables(ctx, req, b, m)
	case req.InPlace:
		what, loss = r.describeInPlace(req, b, m, t)
	default:
		what, loss = r.describeWhole(req, b, m, t)
	}
	if len(req.Tables) == 0 && holdsDatabase(req.What) {
		loss = strings.TrimSpace(loss + " " + m.missingWords())
	}
	mediaWhat, mediaLoss := r.describeMedia(req, b)
	what, loss = joinWords(what, mediaWhat), joinWords(loss, mediaLoss)
	if req.undoOf != nil {
		what = fmt.Sprintf("Undo the restore %s by its pre-restore backup. %s", req.undoOf.ID, what)
	}
	if words := req.agreed.words(req.lacks); words != "" {
		loss = strings.TrimSpace(loss + " " + words)
	}
	if req.Unsaved {
		loss += " If today's state cannot be saved, it goes on all the same, and the replaced database is kept until it is dropped."
	}
	return what, loss, err
}

func (r *Restorer) describeWhole(req RestoreRequest, b *Backup, m *Manifest, t Target) (what, loss string) {
	when := b.Started.In(r.zone()).Format("2 January 2006 15:04 MST")
	if req.ToDatabase != "" {
		return fmt.Sprintf("Restore the backup of %s from %s (%s, %s) into the new database %s", b.Sandbox, when, tableCount(len(m.Tables)), rowCount(m.Rows()), req.Target.Connection.At(req.ToDatabase)), ""
	}
	if !t.Exists {
		return fmt.Sprintf("Restore the backup of %s from %s (%s, %s); the database %s does not exist now", b.Sandbox, when, tableCount(len(m.Tables)), rowCount(m.Rows()), req.Target.Connection.At(req.Target.Connection.Database)), ""
	}
	return fmt.Sprintf("Replace %s, the database %s (%s, about %s), with the backup of %s from %s (%s, %s)",
			req.Target.Name, req.Target.Connection.At(req.Target.Connection.Database), tableCount(t.Tables), rowCount(t.Rows), b.Sandbox, when, tableCount(len(m.Tables)), rowCount(m.Rows())),
		fmt.Sprintf("What was written to %s since then is replaced. %s Today's state is saved first, and the replaced database is kept for undo. Code is not rewound.", req.Target.Name, sessionsCut(t.Sessions))
}

func sessionsCut(n int) string {
	switch n {
	case 0:
		return "No session is open."
	case 1:
		return "1 open session is cut."
	}
	return fmt.Sprintf("%d open sessions are cut.", n)
}

// thousands gives a number as people read it: 128,402.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
