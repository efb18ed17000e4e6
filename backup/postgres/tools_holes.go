package postgres

import (
	"fmt"
	"strings"
)

// hole is a security hole in the client tools that a hostile server, or a hostile owner of
// objects in it, reaches while pg_dump or pg_restore runs, or through what they wrote.
type hole struct {
	name  string
	fixed map[int]int // by major, the minor version that closed it; others are not known to have it
}

// holes lists the holes whose fixes are documented by PostgreSQL's project or by Debian.
func holes() []hole {
	return []hole{
		{"CVE-2025-8714", map[int]int{13: 22, 14: 19, 15: 14, 16: 10, 17: 6}},
		{"CVE-2025-8715", map[int]int{13: 22, 14: 19, 15: 14, 16: 10, 17: 6}},
		{"CVE-2026-6477", map[int]int{14: 23, 15: 18, 16: 14, 17: 10, 18: 4}},
		{"CVE-2026-18408", map[int]int{14: 24, 15: 19, 16: 15, 17: 11, 18: 5}},
		{"CVE-2026-19385", map[int]int{14: 24, 15: 19, 16: 15, 17: 11, 18: 5}},
		{"CVE-2026-116314", map[int]int{15: 20}},
	}
}

// warning names the known holes of t, and the version that has none of them; "" when there is none.
func (t toolset) warning() string {
	var names []string
	safe := 0
	for _, h := range holes() {
		if fixed, known := h.fixed[t.Major]; known && t.num%10000 < fixed {
			names, safe = append(names, h.name), max(safe, fixed)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("pg_dump %s has known security holes (%s): update the client tools to %d.%d or newer", t.Version, strings.Join(names, ", "), t.Major, safe)
}
