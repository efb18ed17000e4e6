package backup

import (
	"fmt"
	"slices"
	"strings"
)

// Partitioned is a partitioned table of a backup. It has no rows of its own.
type Partitioned struct {
	Table Name
	Below []Name // partitioned tables among its partitions, the nearest first
	Parts []Name // the tables with its rows, at any depth, that the backup holds
}

// ParsePartitioned reads the name of a table as ParseTable does, or that of one of the partitioned
// tables in all, whose partitions are given then.
func ParsePartitioned(text string, m *Manifest, all []Partitioned) ([]Name, *Partitioned, error) {
	both := &Manifest{ID: m.ID, Tables: slices.Clone(m.Tables)}
	for i := range all {
		both.Tables = append(both.Tables, Table{Schema: all[i].Table.Schema, Name: all[i].Table.Name})
	}
	name, err := ParseTable(text, both)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(all, func(p Partitioned) bool { return p.Table == name })
	if i < 0 {
		return []Name{name}, nil, nil
	}
	if len(all[i].Parts) == 0 {
		return nil, nil, Errorf(Usage, "See what it holds: holdfast backup show "+string(m.ID), "the backup holds no partition of the table %s.%s", name.Schema, name.Name)
	}
	return all[i].Parts, &all[i], nil
}

// Words says for people what the name of a partitioned table stands for.
func (p *Partitioned) Words() string {
	names := make([]string, len(p.Parts))
	for i, part := range p.Parts {
		names[i] = part.Schema + "." + part.Name
	}
	return fmt.Sprintf("The table %s.%s is partitioned: it is restored as the %s that the backup has of it (%s).",
		p.Table.Schema, p.Table.Name, Counted(int64(len(names)), "partition", "partitions"), strings.Join(names, ", "))
}
