package pgarchive

import (
	"fmt"
	"strconv"
	"strings"
)

// Sequence is the state of a sequence as a SEQUENCE SET entry sets it.
type Sequence struct {
	OID      uint32 // of the sequence; 0 when the archive does not define it
	Schema   string // in the archive's encoding
	Name     string // in the archive's encoding
	Last     int64
	IsCalled bool
}

// Sequences gives the states of all sequences, in the archive's order.
func (a *Archive) Sequences() ([]Sequence, error) {
	oids := a.sequenceOIDs()
	var all []Sequence
	for i := range a.Entries {
		e := &a.Entries[i]
		if e.Desc.S != "SEQUENCE SET" {
			continue
		}
		last, called, err := parseSetval(e.Defn.S)
		if err != nil {
			return nil, err
		}
		s := Sequence{Schema: e.Namespace.S, Name: e.Tag.S, Last: last, IsCalled: called}
		for _, dep := range e.Deps {
			if oid := oids[dep.S]; oid != 0 {
				s.OID = oid
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// sequenceOIDs maps the dump IDs of sequences to their OIDs.
func (a *Archive) sequenceOIDs() map[string]uint32 {
	oids := map[string]uint32{}
	for i := range a.Entries {
		if e := &a.Entries[i]; e.Desc.S == "SEQUENCE" {
			oids[strconv.Itoa(e.DumpID)] = e.OID
		}
	}
	return oids
}

// parseSetval reads the end of SELECT pg_catalog.setval('…', 5, true);
// It goes from the right, where no name can be.
func parseSetval(defn string) (last int64, called bool, err error) {
	bad := fmt.Errorf("%w: a SEQUENCE SET entry has no setval", ErrFormat)
	rest, ok := strings.CutSuffix(strings.TrimRight(defn, " \r\n\t"), ");")
	if !ok {
		return 0, false, bad
	}
	rest, flag, ok := cutLast(rest, ",")
	if !ok {
		return 0, false, bad
	}
	_, number, ok := cutLast(rest, ",")
	if !ok {
		return 0, false, bad
	}
	last, err = strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil {
		return 0, false, bad
	}
	called, err = strconv.ParseBool(strings.TrimSpace(flag))
	if err != nil {
		return 0, false, bad
	}
	return last, called, nil
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}
