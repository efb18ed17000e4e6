package engine

import (
	"context"
	"fmt"

	"holdfast/backup"
)

// unsearched is the fact that the catalog is a new one and a sandbox's server was not searched yet for
// what restores of the lost one left there.
func unsearched(sandbox string) string { return "server not searched yet " + sandbox }

// lookForMarks asks for the servers of all sandboxes to be searched by the next Recover.
func (e *Engine) lookForMarks(ctx context.Context) error {
	for _, s := range e.config.Sandboxes {
		if s.FoldersOnly {
			continue
		}
		if err := e.catalog.SetFact(ctx, unsearched(s.Name), "yes"); err != nil {
			return err
		}
	}
	return nil
}

// adopt searches the servers that are to be searched. One that does not answer is asked again at the
// next start.
func (e *Engine) adopt(ctx context.Context) (backup.Recovery, error) {
	var found backup.Recovery
	for _, s := range e.Sandboxes() {
		todo, err := e.catalog.Fact(ctx, unsearched(s.Name))
		if err != nil {
			return found, err
		}
		if todo == "" || s.FoldersOnly {
			continue
		}
		one, err := e.restorer.Adopt(ctx, s)
		found.Interrupted = append(found.Interrupted, one.Interrupted...)
		if err != nil {
			found.Pending = append(found.Pending, fmt.Sprintf("the server of %s is not searched yet for what the lost history knew: %s", s.Name, backup.AsError(err).Text))
			continue
		}
		if err := e.catalog.SetFact(ctx, unsearched(s.Name), ""); err != nil {
			return found, err
		}
	}
	return found, nil
}
