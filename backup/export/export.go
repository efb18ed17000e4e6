// Package export turns a stored backup into files to take away: an archive for pg_restore, a script
// for psql, a JSON snapshot of the rows, an archive of the folders; any of them sealed with age. It
// reads JSON snapshots again.
//
// What it keeps: nothing. A download is streamed from the parts of a backup to a writer.
//
// Promises:
//
//   - Everything that pg_dump would have written is in an archive and a script, in pg_dump's order:
//     definitions, rows, sequences, large objects, indexes, rights, the refresh of materialized views.
//   - Every row and every large object is compared with the manifest while it is written. A
//     difference is Damaged.
//   - A script has no command for psql itself but the \. that ends the rows of a table.
//
// Hazard: what was written before an error stays written. Whoever gives the writer must take it
// back then.
package export

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// Dump writes the backup m, whose parts are given, as an archive in pg_dump's custom format, of
// the version that its pg_dump wrote. When to can be sought in, it must stand at its beginning.
// report gets bytes of contents written and bytes in all; it may be nil.
func Dump(ctx context.Context, m *backup.Manifest, parts backup.Parts, to io.Writer, report func(done, total int64)) error {
	e, err := open(ctx, m, parts, report)
	if err != nil {
		return err
	}
	e.fixMoney()
	w, err := pgarchive.NewWriter(to, e.archive, e.sizes())
	if err != nil {
		return archiveError(err)
	}
	if err := e.dumpData(w); err != nil {
		return archiveError(err)
	}
	return archiveError(w.Close())
}

// fixMoney makes the statements that load amounts of money read them as they were captured: their
// text depends on a setting of the server, and an archive has no place for settings. Sent
// together, statements are one transaction, and the setting ends with it.
func (e *exporting) fixMoney() {
	for i := range e.archive.Entries {
		if entry := &e.archive.Entries[i]; e.money[entry.DumpID] {
			entry.Copy.S = "SET LOCAL lc_monetary = 'C'; " + entry.Copy.S
		}
	}
}

// dumpData writes all blocks of data: those of tables come before those of large objects.
func (e *exporting) dumpData(w *pgarchive.Writer) error {
	for i := range e.archive.Entries {
		entry := &e.archive.Entries[i]
		t := e.tables[entry.DumpID]
		if t == nil {
			continue
		}
		block, err := w.Rows(entry.DumpID)
		if err != nil {
			return err
		}
		if err := e.rows(t, block); err != nil {
			return err
		}
		if err := block.Close(); err != nil {
			return err
		}
	}
	sum := &blobSum{e: e}
	for _, name := range e.m.LargeObjects.Parts {
		if err := e.part(name, func(r io.Reader) error { return w.Blobs(r, sum) }); err != nil {
			return err
		}
	}
	return sum.compare()
}

// exporting is one download on its way.
type exporting struct {
	ctx     context.Context //nolint:containedctx // as long as one call of Dump or SQL
	m       *backup.Manifest
	parts   backup.Parts
	archive *pgarchive.Archive    // with the entries for table data
	tables  map[int]*backup.Table // by the dump ID of their data
	money   map[int]bool          // by the same: rows in which amounts of money may be
	done    int64
	report  func(done, total int64)
}

// open reads the definitions and adds the entries for the rows.
func open(ctx context.Context, m *backup.Manifest, parts backup.Parts, report func(done, total int64)) (*exporting, error) {
	if report == nil {
		report = func(_, _ int64) {}
	}
	e := &exporting{ctx: ctx, m: m, parts: parts, report: report}
	err := e.part(backup.PartTOC, func(r io.Reader) error {
		archive, err := pgarchive.Read(bufio.NewReader(r))
		e.archive = archive
		return archiveError(err)
	})
	if err != nil {
		return nil, err
	}
	lateEventTriggers(e.archive)
	return e, e.addTables()
}

// lateEventTriggers puts event triggers last, also where pg_restore has several sessions. pg_dump
// has them before the refresh of materialized views, where they would fire.
func lateEventTriggers(a *pgarchive.Archive) {
	var refreshed []pgarchive.Text
	for i := range a.Entries {
		if a.Entries[i].Desc.S == descRefresh {
			refreshed = append(refreshed, dumpID(&a.Entries[i]))
		}
	}
	for i := range a.Entries {
		if entry := &a.Entries[i]; entry.Desc.S == "EVENT TRIGGER" {
			entry.Deps = append(entry.Deps, refreshed...)
		}
	}
	slices.SortStableFunc(a.Entries, func(x, y pgarchive.Entry) int {
		return compareBool(aboutEventTrigger(&x), aboutEventTrigger(&y))
	})
}

const descRefresh = "MATERIALIZED VIEW DATA"

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// aboutEventTrigger says whether an entry makes an event trigger, or says something of one.
func aboutEventTrigger(e *pgarchive.Entry) bool {
	return e.Desc.S == "EVENT TRIGGER" ||
		(e.Desc.S == "COMMENT" || e.Desc.S == "SECURITY LABEL") && strings.HasPrefix(e.Tag.S, "EVENT TRIGGER ")
}

// archiveError says of an archive that is none that the backup is damaged.
func archiveError(err error) error {
	if _, known := errors.AsType[*backup.Error](err); known || !errors.Is(err, pgarchive.ErrFormat) {
		return err
	}
	return &backup.Error{Kind: backup.Damaged, Text: "the definitions or the large objects of the backup are damaged: " + err.Error(), Hint: hintDamaged, Err: err}
}

const hintDamaged = "Use another backup, and verify this one."
