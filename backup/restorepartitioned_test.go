package backup_test

import (
	"slices"
	"testing"

	"holdfast/backup"
)

func TestParsePartitioned(t *testing.T) {
	t.Parallel()
	of := func(name string) backup.Name { return backup.Name{Schema: "public", Name: name} }
	m := &backup.Manifest{ID: "1", Tables: []backup.Table{{Schema: "public", Name: "p1"}, {Schema: "public", Name: "p2"}}}
	all := []backup.Partitioned{{Table: of("p"), Parts: []backup.Name{of("p1"), of("p2")}}, {Table: of("empty")}}
	for _, c := range []struct {
		text  string
		names []backup.Name
		words string
		kind  backup.Kind
	}{
		{text: "p1", names: []backup.Name{of("p1")}},
		{text: "public.p", names: all[0].Parts, words: "The table public.p is partitioned: it is restored as the 2 partitions that the backup has of it (public.p1, public.p2)."},
		{text: "p", names: all[0].Parts, words: all[0].Words()},
		{text: "empty", kind: backup.Usage},
		{text: "q", kind: backup.Usage},
		{text: "other.p", kind: backup.Usage},
	} {
		names, whole, err := backup.ParsePartitioned(c.text, m, all)
		words := ""
		if whole != nil {
			words = whole.Words()
		}
		if !slices.Equal(names, c.names) || words != c.words || err != nil && backup.KindOf(err) != c.kind || err == nil && c.kind != "" {
			t.Errorf("%s: %v, %q, %v", c.text, names, words, err)
		}
	}
}
