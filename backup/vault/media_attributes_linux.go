package vault

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// attributesOf gives the extended attributes that are kept: the user's own, and access lists. What
// cannot be read is not kept.
func attributesOf(path string) map[string][]byte {
	size, err := unix.Llistxattr(path, nil)
	if err != nil || size == 0 {
		return nil
	}
	names := make([]byte, size)
	if size, err = unix.Llistxattr(path, names); err != nil {
		return nil
	}
	kept := map[string][]byte{}
	for name := range strings.SplitSeq(string(names[:size]), "\x00") {
		if !strings.HasPrefix(name, "user.") && !strings.HasPrefix(name, "system.posix_acl_") || !utf8.ValidString(name) {
			continue
		}
		if value, ok := attribute(path, name); ok {
			kept[name] = value
		}
	}
	return kept
}

func attribute(path, name string) ([]byte, bool) {
	size, err := unix.Lgetxattr(path, name, nil)
	if err != nil {
		return nil, false
	}
	value := make([]byte, size)
	if size, err = unix.Lgetxattr(path, name, value); err != nil {
		return nil, false
	}
	return value[:size], true
}
