package mirror

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/minio/minio-go/v7"

	"holdfast/backup"
)

// errSilent ends an operation that the place does not answer.
var errSilent = errors.New("no answer in time")

// explain says in words what a place answered. What is said already passes through.
func (p Place) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, known := errors.AsType[*backup.Error](err); known {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || names(err, fullWords) {
		return &backup.Error{Kind: backup.Failed, Text: "the place is full: " + p.String(), Hint: "Make room there. What is there is whole; the next run goes on from it.", Err: err}
	}
	for _, known := range []struct {
		words      []string
		text, hint string
	}{
		{keyWords, "the place refuses these credentials: ", "Check the name, and the secret or the key that goes with it."},
		{sizeWords, "the server takes no file of that size: ", "Raise its limit for uploads to 64 MiB or more (in nginx client_max_body_size)."},
		{goneWords, "there is no such bucket or folder: ", "Make it, or mend its name."},
		{parentWords, "the folder that it would be in is not there: ", "Make it, or mend the address."},
		{noDAVWords, "there is no WebDAV server: ", "Mend the address."},
		{regionWords, "the bucket is in another region: ", "Mend --region, or leave it out."},
		{plainWords, "the server there has no TLS: ", "Write http:// before its address, or mend the address."},
		{trustWords, "the server's certificate is not trusted: ", "Mend the address, or the certificate; this machine must know who signed it."},
		{deniedWords, "nothing may be written or read there: ", "Check the rights at the place."},
	} {
		if names(err, known.words) {
			return &backup.Error{Kind: backup.Unreachable, Text: known.text + p.String(), Hint: known.hint, Err: err}
		}
	}
	return &backup.Error{Kind: backup.Unreachable, Text: "the place does not answer as it should: " + p.String() + ": " + innermost(err), Hint: "Is it switched on, connected and mounted?", Err: err}
}

var (
	fullWords   = []string{"no space left", "insufficient storage", " 507 ", "quotaexceeded", "xminiostoragefull", "disk quota", "sufficient space"}
	keyWords    = []string{"unable to authenticate", "invalidaccesskeyid", "xadminusernotfound", "signaturedoesnotmatch", "access key id you provided does not exist", "request signature we calculated", " 401 ", "unauthorized", "access denied", "accessdenied", "receiving version packet"}
	goneWords   = []string{"nosuchbucket", "specified bucket does not exist"}
	parentWords = []string{" webdav 409 "}
	noDAVWords  = []string{" webdav 501 "}
	regionWords = []string{"authorizationheadermalformed", "permanentredirect"}
	plainWords  = []string{"server gave http response to https client"}
	trustWords  = []string{"x509: "}
	sizeWords   = []string{" 413 "}
	deniedWords = []string{"permission denied", " 403 ", "forbidden", "read-only file system"}
)

func names(err error, words []string) bool {
	text := err.Error()
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok {
		text += fmt.Sprintf(" %s %d ", answer.Code, answer.StatusCode) // the message alone is each server's own
	}
	if code := status(err); code > 0 {
		text += fmt.Sprintf(" webdav %d ", code)
	}
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// innermost is the first cause in one line: what is around it is a library's, and says nothing.
func innermost(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text[:min(len(text), 200)]
}
