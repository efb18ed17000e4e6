package postgres

import (
	"context"
	"slices"
	"sync"
	"testing"

	"holdfast/backup"
)

// orderedShelf remembers the order in which parts were begun.
type orderedShelf struct {
	*shelf

	mu    sync.Mutex
	begun []string
}

func (o *orderedShelf) Create(ctx context.Context, name string) (backup.PartWriter, error) {
	o.mu.Lock()
	o.begun = append(o.begun, name)
	o.mu.Unlock()
	return o.shelf.Create(ctx, name)
}

// A table of many short rows takes longer than one that is larger, and jsonb longer still: what takes
// longest is copied first, whatever its size on the disk.
func TestCaptureBeginsWithWhatTakesLongest(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", `CREATE TABLE few (x text)`, `ALTER TABLE few ALTER x SET STORAGE PLAIN`,
		`INSERT INTO few SELECT repeat('x', 2000) FROM generate_series(1, 1000) n`,
		`CREATE TABLE many AS SELECT n, n AS m FROM generate_series(1, 40000) n`,
		`CREATE TABLE parsed AS SELECT jsonb_build_object('n', n) AS doc FROM generate_series(1, 30000) n`,
		`CREATE TABLE small AS SELECT 1 AS x`, `ANALYZE few, many, parsed, small`)
	one := *b.Server
	one.Workers = 1
	parts := &orderedShelf{shelf: newShelf()}
	m, err := one.Capture(t.Context(), b.on("live"), parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, table := range m.Tables {
		named[table.Part] = table.Name
	}
	var order []string
	for _, part := range parts.begun {
		if name := named[part]; name != "" {
			order = append(order, name)
		}
	}
	if want := []string{"parsed", "many", "few", "small"}; !slices.Equal(order, want) {
		t.Errorf("tables were begun in the order %v, want %v", order, want)
	}
}
