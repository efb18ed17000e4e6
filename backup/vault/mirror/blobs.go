package mirror

import (
	"context"

	"github.com/kopia/kopia/repo/blob"

	"holdfast/backup"
)

// Lender gives files of the copy of a vault, for its repair. A copy of another vault is refused.
func Lender(ctx context.Context, s *Store, vaultID string) (func(ctx context.Context, id blob.ID) ([]byte, error), error) {
	m, err := s.readMarker(ctx)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errNoCopy(s.place)
	}
	if m.Vault != vaultID {
		return nil, backup.Errorf(backup.Refused, "Choose a copy of this vault.", "%s holds the copy of another vault, from %s", s.place, m.Host)
	}
	return func(ctx context.Context, id blob.ID) ([]byte, error) { return s.get(ctx, id, expectedPack) }, nil
}

// expectedPack is about how long a pack is, for the time that fetching it may take.
const expectedPack = 32 << 20
