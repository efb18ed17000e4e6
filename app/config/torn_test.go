package config_test

import (
	"testing"

	"holdfast/app/config"
)

// TestTornAtEveryLength cuts the file off after every byte of it, which may be between two sandboxes: the
// last good copy is used, and stays what it is. Without a copy nothing is read at all.
func TestTornAtEveryLength(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	save(t, s, full())
	whole := read(t, s.Path)
	for n := range len(whole) - 1 { // without its last byte it is whole, too
		if _, _, err := config.Parse([]byte(whole[:n])); err == nil {
			t.Errorf("cut off after %d bytes, it is imported", n)
		}
		if n%31 == 0 || n > 0 && whole[n-1] == '\n' {
			write(t, s.Path, whole[:n])
			wantLoad(t, s, full(), "last good copy is used")
			if err := s.Save(&config.Config{}); err == nil {
				t.Errorf("cut off after %d bytes, it is saved over", n)
			}
		}
		if t.Failed() {
			t.Fatalf("after %d of %d bytes", n, len(whole))
		}
	}
	if read(t, s.LastGood()) != whole {
		t.Error("the copy was changed")
	}
	write(t, s.Path, whole+"[[sandbox]]\nname = \"added\"\n") // by hand, behind the end
	if c, warning, err := s.Load(); err != nil || warning != "" || len(c.Sandboxes) != len(full().Sandboxes)+1 {
		t.Errorf("added behind the end: %v, %q", err, warning)
	}
}
