package mirror

import (
	"context"

	"github.com/kopia/kopia/repo/blob"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// Lender gives files of the copy of a vault, as it was when it was last brought up to date, for the vault's
// repair. A copy of another vault is refused; with the ID "" the vault's key must tell.
func Lender(ctx context.Context, s *Store, vaultID string) (vault.Lender, error) {
	m, err := s.readMarker(ctx)
	if err != nil {
		return vault.Lender{}, err
	}
	if m == nil {
		return vault.Lender{}, errNoCopy(s.place)
	}
	if vaultID != "" && m.Vault != vaultID {
		return vault.Lender{}, backup.Errorf(backup.Refused, "Choose a copy of this vault.", "%s holds the copy of another vault, from %s", s.place, m.Host)
	}
	return vault.Lender{
		At:  m.At,
		Get: func(ctx context.Context, id blob.ID) ([]byte, error) { return s.get(ctx, id, expectedPack) },
		List: func(ctx context.Context) ([]blob.ID, error) {
			have, err := s.list(ctx)
			var ids []blob.ID
			for id := range have {
				if !m.hides(id) {
					ids = append(ids, id)
				}
			}
			return ids, err
		},
	}, nil
}

// expectedPack is about how long a pack is, for the time that fetching it may take.
const expectedPack = 32 << 20
