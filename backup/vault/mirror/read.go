package mirror

import (
	"context"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// Read opens the copy with the vault's key for reading alone, as it was when it was last brought up to
// date. Packs are fetched whole, when something in them is asked for.
func Read(ctx context.Context, s *Store, key string, now backup.Clock) (*vault.Copy, error) {
	m, _, err := s.whole(ctx)
	if err != nil {
		return nil, err
	}
	c, err := vault.OpenCopy(ctx, s.reader(m), key, now)
	if err != nil {
		return nil, s.unopened(err)
	}
	return c, nil
}
