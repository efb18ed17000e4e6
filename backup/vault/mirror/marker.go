package mirror

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/format"

	"holdfast/backup"
)

// marker says whose a copy is, and what was removed from the vault since. It lies in clear and holds
// no secret.
type marker struct {
	Vault      string                `json:"vault"` // Kopia's unique ID, in hex
	Home       string                `json:"home"`  // that writes the copy
	Host       string                `json:"host"`
	Generation int64                 `json:"generation"` // grows by one each time the copy is brought up to date
	At         time.Time             `json:"at"`
	Backups    int                   `json:"backups"`
	Removed    map[blob.ID]time.Time `json:"removed"` // gone from the vault since; not seen when the copy is opened
	Coming     []blob.ID             `json:"coming"`  // indexes on their way; not seen either until all of them are there
	Past       []past                `json:"past,omitempty"`
	Locked     time.Time             `json:"locked,omitzero"` // when the locks of all blobs were last made longer

	asOf *past // what the copy is seen as; nil: as it is
}

// past is what the copy was at the end of a day: its index then. The packs that it names are kept for the lag.
type past struct {
	At      time.Time     `json:"at"`
	Backups int           `json:"backups"`
	Indexes []blob.ID     `json:"indexes"`
	Leapt   time.Duration `json:"leapt,omitempty"` // how far the clock was set ahead since, nanoseconds
}

// hides says whether a blob is not to be seen by who opens the copy.
func (m *marker) hides(id blob.ID) bool {
	if m.asOf != nil {
		return isIndex(id) && !slices.Contains(m.asOf.Indexes, id)
	}
	_, removed := m.Removed[id]
	return removed || slices.Contains(m.Coming, id)
}

// remember notes what the copy is now, as the last of its day, and forgets what is past the lag.
func (m *marker) remember(now past, lag time.Duration) {
	m.Past = slices.DeleteFunc(m.Past, func(p past) bool {
		return now.At.Sub(p.At)-p.Leapt >= lag || p.At.After(now.At) || p.At.UTC().Truncate(day).Equal(now.At.UTC().Truncate(day))
	})
	m.Past = append(m.Past, now)
}

const day = 24 * time.Hour

// seenAt lets the copy be seen as it was at a moment: as it was last brought up to date before that.
func (m *marker) seenAt(at time.Time, p Place) error {
	for i := range m.Past {
		if !m.Past[i].At.After(at) {
			m.asOf = &m.Past[i]
		}
	}
	if m.asOf == nil && !m.At.After(at) {
		return nil // written by a version that remembered no days
	}
	if m.asOf == nil {
		hint := "Leave the time out: nothing earlier is kept there."
		if len(m.Past) > 0 {
			hint = "The earliest is " + m.Past[0].At.Local().Format(time.DateTime) + "."
		}
		return backup.Errorf(backup.Unreachable, hint, "how the copy at %s was at %s is not kept", p, at.Local().Format(time.DateTime))
	}
	m.At, m.Backups = m.asOf.At, m.asOf.Backups
	return nil
}

func errNoCopy(p Place) error {
	return backup.Errorf(backup.Unreachable, "Is the disk mounted, and the path or prefix right?", "there is no copy of a vault at %s", p)
}

// readMarker gives nil when there is none.
func (s *Store) readMarker(ctx context.Context) (*marker, error) {
	text, err := s.get(ctx, markerID, 0)
	if errors.Is(err, blob.ErrBlobNotFound) {
		return nil, nil //nolint:nilnil // no marker is no error
	}
	if err != nil {
		return nil, err
	}
	m := &marker{}
	if err := json.Unmarshal(text, m); err != nil || m.Vault == "" || m.Home == "" {
		return nil, &backup.Error{Kind: backup.Damaged, Text: "the copy's own record (holdfast.copy) is damaged: " + s.place.String(), Hint: "Use another place or an empty folder for a new copy. What is there can be opened with the kopia command.", Err: err}
	}
	if m.Removed == nil {
		m.Removed = map[blob.ID]time.Time{}
	}
	return m, nil
}

func (s *Store) writeMarker(ctx context.Context, m *marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.put(ctx, markerID, text)
}

// Writer says who brings a copy up to date.
type Writer struct {
	Vault string // the vault's unique ID, in hex
	Home  string // random ID of the home
	Host  string
	Known int64 // generation that this home began to write last; 0: none, or not known any more
}

// claim gives the copy's record, a new one when the place is empty. It refuses what is not this
// writer's. With takeOver a copy of this vault becomes this home's.
func (w Writer) claim(ctx context.Context, s *Store, have map[blob.ID]blob.Metadata, takeOver bool) (*marker, error) {
	m, err := s.readMarker(ctx)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return w.begin(s.place, have)
	}
	if m.Vault != w.Vault {
		return nil, backup.Errorf(backup.Refused, "Choose a place of its own for each vault.", "%s holds the copy of another vault, from %s", s.place, m.Host)
	}
	if err := s.checkFormat(ctx, have, w.Vault); err != nil {
		return nil, err
	}
	again := "If this home is to go on with it, remove the place and add it again with --take-over."
	switch {
	case takeOver:
	case m.Home != w.Home:
		return nil, backup.Errorf(backup.Refused, again, "the copy at %s is written by another home, on %s", s.place, m.Host)
	case w.Known > 0 && m.Generation > w.Known:
		return nil, backup.Errorf(backup.Refused, again, "the copy at %s is newer than this home knows: a copy of this home writes it too", s.place)
	}
	m.Home, m.Host = w.Home, w.Host
	return m, nil
}

// begin is claim where there is no record.
func (w Writer) begin(p Place, have map[blob.ID]blob.Metadata) (*marker, error) {
	if w.Known > 0 {
		return nil, backup.Errorf(backup.Unreachable, "Is the disk mounted? To start a new copy there, remove the place and add it again.", "the copy at %s is not there any more", p)
	}
	for id := range have {
		if mirrored(id) || id == formatID || id == configID {
			return nil, backup.Errorf(backup.Refused, "Choose an empty folder, or a prefix of its own.", "%s holds a vault or a copy that Holdfast has no record of", p)
		}
	}
	return &marker{Vault: w.Vault, Home: w.Home, Host: w.Host, Removed: map[blob.ID]time.Time{}}, nil
}

// checkFormat refuses a format blob of another vault. One that cannot be read is written anew later.
func (s *Store) checkFormat(ctx context.Context, have map[blob.ID]blob.Metadata, vaultID string) error {
	if _, there := have[formatID]; !there {
		return nil
	}
	text, err := s.get(ctx, formatID, 0)
	if err != nil {
		return s.place.explain(err)
	}
	if f, err := format.ParseKopiaRepositoryJSON(text); err == nil && hex.EncodeToString(f.UniqueID) != vaultID {
		return backup.Errorf(backup.Refused, "Choose a place of its own for each vault.", "%s holds the files of another vault", s.place)
	}
	return nil
}
