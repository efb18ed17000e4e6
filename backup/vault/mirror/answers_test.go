package mirror_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestCertificateThatNobodyTrusts: a server's certificate is its own work. The bucket and the folder there are
// refused, and no secret goes there.
func TestCertificateThatNobodyTrusts(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s came to a server that is not trusted", r.Method, r.URL)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail
	server.StartTLS()
	t.Cleanup(server.Close)
	for _, p := range []mirror.Place{
		{Kind: mirror.S3, Endpoint: server.URL, Bucket: "vaults", Region: "us-east-1", AccessKeyID: "AKIATEST"},
		{Kind: mirror.WebDAV, URL: server.URL + "/copy", User: "me"},
	} {
		_, err := mirror.Open(t.Context(), p, mirror.Options{Secret: "correct horse", Create: true})
		fails(t, err, backup.Unreachable, "the server's certificate is not trusted: ")
		if hint := backup.AsError(err).Hint; !strings.Contains(hint, "this machine must know who signed it") {
			t.Errorf("%s: the hint is %q", p.Kind, hint)
		}
	}
}

// TestServerWithoutTLS: an address without http:// means TLS, which is not what answers there.
func TestServerWithoutTLS(t *testing.T) {
	t.Parallel()
	s3, dav := mirrortest.S3(t), mirrortest.WebDAV(t)
	s3.Endpoint = strings.TrimPrefix(s3.Endpoint, "http://")
	dav.URL = strings.Replace(dav.URL, "http://", "https://", 1)
	for _, p := range []mirrortest.Place{s3, dav} {
		_, err := mirror.Open(t.Context(), p.Place, mirror.Options{Secret: p.Secret, Create: true})
		fails(t, err, backup.Unreachable, "the server there has no TLS: ")
	}
}

// TestBucketOfAnotherRegion asks a server that people run for a bucket in a region that it is not in.
func TestBucketOfAnotherRegion(t *testing.T) {
	t.Parallel()
	program, missing := mirrortest.Gateway(t)
	if missing != "" {
		t.Log(missing)
		return
	}
	p := mirrortest.VersityGW(t, program, t.TempDir())
	p.Region = "eu-central-1"
	_, err := mirror.Open(t.Context(), p.Place, mirror.Options{Secret: p.Secret, Create: true})
	fails(t, err, backup.Unreachable, "the bucket is in another region: ")
	if hint := backup.AsError(err).Hint; hint != "Mend --region, or leave it out." {
		t.Errorf("the hint is %q", hint)
	}
	p.Region = ""
	connect(t, p, mirror.Options{Create: true})
}
