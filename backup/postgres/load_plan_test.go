package postgres

import (
	"slices"
	"testing"

	"holdfast/backup"
)

func pieceOf(bytes, rows int64, types ...string) *piece {
	t := &backup.Table{Bytes: bytes, Rows: rows}
	for _, name := range types {
		t.Columns = append(t.Columns, backup.Column{Type: name})
	}
	return &piece{fill: t, bytes: bytes}
}

// TestLoadPlanWeighsTables: rows cost something besides their bytes, and jsonb is parsed.
func TestLoadPlanWeighsTables(t *testing.T) {
	plain, many, parsed, small := pieceOf(1000, 1, "text"), pieceOf(600, 10, "int4"), pieceOf(700, 1, "int4", "jsonb"), pieceOf(100, 1)
	plan := newLoadPlan([]*piece{small, plain, parsed, many})
	for i, want := range []*piece{many, parsed, plain, small} {
		if got := plan.take(t.Context()); got != want {
			t.Errorf("number %d is a table of %d bytes and %d rows", i+1, got.fill.Bytes, got.fill.Rows)
		}
	}
}

// TestLoadPlanChooses: an index of a table that is small beside what is to be filled waits for it, the
// larger of two comes first, and what is held by a piece that is being done is taken by no other.
func TestLoadPlanChooses(t *testing.T) {
	large, small := pieceOf(1000, 1), pieceOf(100, 1)
	plan := newLoadPlan([]*piece{large})
	less := &piece{restore: []int{1}, bytes: 100}
	more := &piece{restore: []int{2}, bytes: 300}
	first := &piece{restore: []int{3}, holds: []*backup.Table{large.fill, small.fill}}
	later := &piece{analyze: small.fill, holds: []*backup.Table{small.fill}, bytes: 1000}
	last := &piece{analyze: large.fill, holds: []*backup.Table{large.fill}}
	for _, p := range []*piece{less, last, later, first, more} {
		plan.add(p)
	}
	for i, want := range []*piece{large, more, less, first} {
		if got := plan.take(t.Context()); got != want {
			t.Fatalf("number %d is %+v", i+1, got)
		}
	}
	if plan.choose() != nil {
		t.Fatal("what another piece holds was taken")
	}
	if plan.alone(99) {
		t.Error("alone beside what waits")
	}
	plan.done(first)
	for _, want := range []*piece{later, last} {
		if got := plan.take(t.Context()); got != want {
			t.Errorf("got %+v", got)
		}
	}
	if plan.alone(5) || !plan.alone(6) { // five are being done
		t.Error("miscounted what is being done")
	}
	if !slices.Equal(plan.built, []int{3}) {
		t.Errorf("built %v", plan.built)
	}
}

// TestLoadPlanAlone: nobody is alone while something waits for a hand.
func TestLoadPlanAlone(t *testing.T) {
	plan := newLoadPlan([]*piece{pieceOf(1, 1)})
	if plan.alone(1) {
		t.Error("alone beside a table that is to be filled")
	}
	plan.add(&piece{restore: []int{1}})
	plan.take(t.Context())
	plan.add(&piece{holds: []*backup.Table{{}}})
	plan.take(t.Context())
	if plan.alone(9) {
		t.Error("alone beside what can wait")
	}
}

// TestLoadPlanFillsSmallTablesTogether: a quarter of those that are left, and no large one.
func TestLoadPlanFillsSmallTablesTogether(t *testing.T) {
	tables := []*piece{pieceOf(loadSmall+1, 0)}
	for range 12 {
		tables = append(tables, pieceOf(10, 0))
	}
	plan := newLoadPlan(tables)
	if got := plan.company(plan.take(t.Context())); got != nil {
		t.Errorf("%d tables go with a large one", len(got))
	}
	first := plan.take(t.Context())
	together := plan.company(first)
	if len(together) != 2 || plan.busy != 4 || len(plan.tables) != 9 {
		t.Errorf("%d go together, %d are being done, %d are left", len(together), plan.busy, len(plan.tables))
	}
	plan = newLoadPlan(slices.Repeat([]*piece{pieceOf(10, 0)}, 1000))
	if got := plan.company(plan.take(t.Context())); len(got) != loadMany-1 {
		t.Errorf("%d go together of a thousand", len(got))
	}
	plan.tables = append([]*piece{pieceOf(10, 0), pieceOf(loadSmall+1, 0)}, plan.tables...)
	if got := plan.company(plan.take(t.Context())); len(got) != 0 {
		t.Errorf("%d go with a table before a large one", len(got))
	}
}
