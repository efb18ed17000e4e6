package postgres

import (
	"context"
	"fmt"
	"io"
	"os"

	"holdfast/backup"
)

// filling is one restore into a shadow database.
type filling struct {
	s       *Server
	job     backup.ShadowJob
	m       *backup.Manifest
	parts   backup.Parts
	a       *admin // holds the run's advisory lock while the shadow is being filled
	tools   toolset
	toc     *os.File // database.toc, for pg_restore to open as often as it needs
	list    string   // pg_restore's list of the section post-data
	built   []int    // dump IDs of indexes and foreign keys that are there already
	track   *tracker
	created bool // the shadow may exist and is ours to drop

	analyzed []backup.Name // tables whose statistics are made
}

// Fill makes the shadow database job.Shadow and restores m into it: definitions, rows,
// sequences and large objects, indexes and constraints, statistics; comparing with the manifest
// what can be compared on the way. On any error, and on cancel, the shadow is dropped again and
// no session stays.
func (s *Server) Fill(ctx context.Context, job backup.ShadowJob, m *backup.Manifest, parts backup.Parts, report func(backup.Progress)) error {
	s, stop := s.guarded(ctx, job.Sandbox)
	defer stop()
	a, err := s.admin(ctx, job.Sandbox, job.Shadow)
	if err != nil {
		return err
	}
	defer a.close()
	f := &filling{s: s, job: job, m: m, parts: parts, a: a, track: newTracker(report, m)}
	if f.tools, err = s.restoreToolsFor(ctx, job.Sandbox, a.num, m); err != nil {
		return err
	}
	if f.toc, err = f.fetchTOC(ctx); err != nil {
		return err
	}
	defer func() { dropMemfile(f.toc) }()
	if err := f.adapt(ctx); err != nil {
		return err
	}
	if err := f.run(ctx); err != nil {
		return f.abandon(ctx, cancelledFirst(ctx, err))
	}
	return nil
}

// run does the work in pg_restore's own order of sections.
func (f *filling) run(ctx context.Context) error {
	if err := f.a.lock(ctx, f.job.Run); err != nil {
		return err
	}
	if err := f.sweep(ctx); err != nil {
		return err
	}
	steps := []struct {
		stage string
		work  func(context.Context) error
	}{
		{"create", f.create},
		{"definitions", f.definitions},
		{"tables", f.load},
		{"large objects", f.data},
		{"indexes", f.indexes},
		{"statistics", f.analyze},
		{"compare", f.compare},
		{"event triggers", f.eventTriggers},
		{"tidy", f.tidy},
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.track.stage(step.stage)
		if err := step.work(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// cancelledFirst makes a cancel the cause of what broke because of it. What did not break stays nil.
func cancelledFirst(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || backup.KindOf(err) == backup.Cancelled {
		return err
	}
	cause := backup.AsError(ctx.Err())
	return &backup.Error{Kind: cause.Kind, Text: cause.Text, Err: fmt.Errorf("%w: %w", ctx.Err(), err)}
}

// fetchTOC keeps the archive without data in memory of its own, outside any folder.
func (f *filling) fetchTOC(ctx context.Context) (*os.File, error) {
	file, err := memfile("database.toc")
	if err != nil {
		return nil, err
	}
	if err := f.copyPart(ctx, backup.PartTOC, file); err != nil {
		dropMemfile(file)
		return nil, err
	}
	return file, nil
}

// copyPart copies one part of the backup whole.
func (f *filling) copyPart(ctx context.Context, name string, to io.Writer) error {
	from, err := f.parts.Open(ctx, name)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return firstOf(err, from.Close())
}

// firstOf gives the first error that is not nil: the cause before what followed from it.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// compare checks what COPY could not: the sequences and the number of large objects.
func (f *filling) compare(ctx context.Context) error {
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if err := compareSequences(ctx, conn, f.m); err != nil {
		return explain(f.a.where, err)
	}
	return explain(f.a.where, compareBlobCount(ctx, conn, f.m))
}
