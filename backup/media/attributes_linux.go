package media

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// setAttributes gives an open file extended attributes.
func setAttributes(f *os.File, attributes map[string][]byte) error {
	var all []error
	for name, value := range attributes {
		if kept(name) {
			all = append(all, unix.Fsetxattr(int(f.Fd()), name, value, 0))
		}
	}
	return errors.Join(all...)
}

// kept says which attributes are: the user's own, and access lists. A list in a backup sets no others.
func kept(name string) bool {
	return strings.HasPrefix(name, "user.") || strings.HasPrefix(name, "system.posix_acl_")
}

// attributesOf gives those of an open file; none where they cannot be read.
func attributesOf(f *os.File) map[string][]byte {
	size, err := unix.Flistxattr(int(f.Fd()), nil)
	if err != nil || size == 0 {
		return nil
	}
	names := make([]byte, size)
	if size, err = unix.Flistxattr(int(f.Fd()), names); err != nil {
		return nil
	}
	attributes := map[string][]byte{}
	for name := range strings.SplitSeq(string(names[:size]), "\x00") {
		size, err := unix.Fgetxattr(int(f.Fd()), name, nil)
		if !kept(name) || err != nil {
			continue
		}
		value := make([]byte, size)
		if size, err = unix.Fgetxattr(int(f.Fd()), name, value); err == nil {
			attributes[name] = value[:size]
		}
	}
	return attributes
}
