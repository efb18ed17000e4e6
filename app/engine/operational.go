package engine

import (
	"context"
	"sync"
	"time"

	"holdfast/backup"
)

// How long one database is asked for its tables, and how many are asked at a time.
const (
	operationalTime = 3 * time.Second
	operationalAsks = 4
)

// FindOperational fills in which tables of databases that were found programs write for themselves. A
// database that does not answer in time has none.
func (e *Engine) FindOperational(ctx context.Context, list []Discovered) {
	var all sync.WaitGroup
	free := make(chan struct{}, operationalAsks)
	for i := range list {
		d := &list[i]
		if d.Sandbox != "" || d.Problem != nil {
			continue
		}
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			ctx, stop := context.WithTimeout(ctx, operationalTime)
			defer stop()
			d.Operational, _ = e.operational(ctx, d.Connection, d.password)
		})
	}
	all.Wait()
}

// OperationalTables gives, as SCHEMA.NAME, the tables of a database that is to be added which programs
// write for themselves.
func (e *Engine) OperationalTables(ctx context.Context, s backup.Sandbox, put PutSandbox) ([]string, error) {
	ctx, stop := context.WithTimeout(ctx, operationalTime)
	defer stop()
	return e.operational(ctx, s.Connection, put.Password)
}

func (e *Engine) operational(ctx context.Context, c backup.Connection, password string) (texts []string, err error) {
	names, err := e.server.Operational(ctx, c, password)
	for _, n := range names {
		texts = append(texts, n.Schema+"."+n.Name)
	}
	return texts, err
}
