package backup

// FoldersOnlyExclusion leaves out of folders of code, besides DefaultExclusion, what builds and
// package managers make again by themselves. Histories of git (.git) are kept.
func FoldersOnlyExclusion() Exclusion {
	return append(DefaultExclusion(), "target/", "build/", ".venv/", "venv/", ".tox/", ".gradle/", ".mypy_cache/", ".pytest_cache/", ".next/")
}

// Main is the part that a backup must hold to count as one of the sandbox.
func (s Sandbox) Main() Scope {
	if s.FoldersOnly {
		return ScopeMedia
	}
	return ScopeDatabase
}

// All is all that the sandbox has.
func (s Sandbox) All() Scope {
	switch {
	case s.FoldersOnly:
		return ScopeMedia
	case len(s.Media) > 0:
		return ScopeBoth
	}
	return ScopeDatabase
}

// NeedsDatabase refuses what is about the database of a sandbox that has none; do says what can be
// done instead.
func (s Sandbox) NeedsDatabase(do string) error {
	if !s.FoldersOnly {
		return nil
	}
	return Errorf(Usage, do, "the sandbox %s has folders only and no database", s.Name)
}
