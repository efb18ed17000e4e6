//go:build !linux

package platform

import (
	"context"
	"errors"
	"fmt"

	"github.com/zalando/go-keyring"
)

func reachable(context.Context) error { return nil }

func explainKeyring(_ context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
	}
	return fmt.Errorf("keyring: %w", err)
}
