package mirror

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/kopia/kopia/repo/blob"

	"holdfast/backup"
)

// probeSize is how much a trial sends and reads back.
const probeSize = 256 << 10

// Probe writes a blob, reads it back and deletes it again: how long the writing took, and how many
// bytes it was.
func Probe(ctx context.Context, s *Store, now backup.Clock) (took time.Duration, sent int64, err error) {
	data, tail := make([]byte, probeSize), make([]byte, 2)
	rand.Read(data) // never fails: crypto/rand ends the program instead
	rand.Read(tail)
	id := blob.ID(fmt.Sprintf("%s-%x", probeHead, tail))
	begun := now()
	if err := s.put(ctx, id, data); err != nil {
		return 0, 0, err
	}
	took = max(now().Sub(begun), time.Millisecond)
	back, err := s.get(ctx, id, probeSize)
	if errors.Is(err, blob.ErrBlobNotFound) || err == nil && !bytes.Equal(back, data) {
		err = backup.Errorf(backup.Damaged, "Use another place.", "%s does not give back what was written", s.place)
	}
	ctx, done := outliving(ctx) // else it stays
	defer done()
	return took, probeSize, errors.Join(err, s.drop(ctx, id))
}

// Claimed says what a place holds.
type Claimed struct {
	Generation int64
	Bytes      int64
}

// Claim makes the copy at a place this writer's: a new one, its own, or with takeOver another home's of
// the same vault. What is not its own is refused.
func Claim(ctx context.Context, s *Store, w Writer, takeOver bool) (Claimed, error) {
	have, err := s.list(ctx)
	if err != nil {
		return Claimed{}, err
	}
	m, err := w.claim(ctx, s, have, takeOver)
	if err != nil {
		return Claimed{}, err
	}
	claimed := Claimed{Generation: m.Generation}
	for id, b := range have {
		if mirrored(id) {
			claimed.Bytes += b.Length
		}
	}
	return claimed, s.writeMarker(ctx, m)
}
