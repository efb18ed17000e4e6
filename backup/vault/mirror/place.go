package mirror

import (
	"net"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"holdfast/backup"
)

// Kind is a way to reach a place.
type Kind string

// The kinds of places.
const (
	Folder Kind = "folder"
	S3     Kind = "s3"
	SFTP   Kind = "sftp"
	WebDAV Kind = "webdav"
)

// Place says where a copy is. It holds no secret.
type Place struct {
	Kind Kind `toml:"kind" json:"kind"`

	Path string `toml:"path,omitempty" json:"path,omitempty"` // folder: absolute; sftp: on the server

	Endpoint    string `toml:"endpoint,omitempty" json:"endpoint,omitempty"` // s3: HOST[:PORT], https:// or http:// before it
	Bucket      string `toml:"bucket,omitempty" json:"bucket,omitempty"`
	Prefix      string `toml:"prefix,omitempty" json:"prefix,omitempty"`
	Region      string `toml:"region,omitempty" json:"region,omitempty"`
	AccessKeyID string `toml:"access_key_id,omitempty" json:"access_key_id,omitempty"`

	Host     string `toml:"host,omitempty" json:"host,omitempty"` // sftp
	Port     int    `toml:"port,omitempty" json:"port,omitempty"` // 0 is 22
	User     string `toml:"user,omitempty" json:"user,omitempty"` // sftp and webdav
	Identity string `toml:"identity,omitempty" json:"identity,omitempty"`
	HostKey  string `toml:"host_key,omitempty" json:"host_key,omitempty"` // the server's, as in known_hosts: "ssh-ed25519 AAAA…"

	URL string `toml:"url,omitempty" json:"url,omitempty"` // webdav
}

// NeedsSecret says whether the place asks for a secret that is not a file of the user's.
func (p Place) NeedsSecret() bool { return p.Kind == S3 || p.Kind == WebDAV && p.User != "" }

// String names the place for people.
func (p Place) String() string {
	switch p.Kind {
	case Folder:
		return p.Path
	case S3:
		return "s3://" + path.Join(p.Bucket, p.Prefix) + " at " + p.Endpoint
	case SFTP:
		return "sftp://" + p.User + "@" + p.address() + p.Path
	case WebDAV:
		return p.URL
	}
	return string(p.Kind)
}

var (
	hostName   = regexp.MustCompile(`^[A-Za-z0-9:][A-Za-z0-9.:_-]*$`)
	bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]*$`)
	userName   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._@\\-]*$`)
)

// Check makes the place's settings uniform and refuses what cannot work, without asking the place.
func (p Place) Check() (Place, error) {
	switch p.Kind {
	case Folder:
		return p.checkFolder()
	case S3:
		return p.checkS3()
	case SFTP:
		return p.checkSFTP()
	case WebDAV:
		return p.checkWebDAV()
	}
	return p, backup.Errorf(backup.Usage, "Choose folder, s3, sftp or webdav.", "%q is no kind of place", p.Kind)
}

func missing(flag string) error {
	return backup.Errorf(backup.Usage, "Give "+flag+".", "%s is missing", flag)
}

func (p Place) checkFolder() (Place, error) {
	if p.Path == "" {
		return p, missing("--path DIR")
	}
	abs, err := filepath.Abs(p.Path)
	p.Path = abs
	return p, err
}

func (p Place) checkS3() (Place, error) {
	switch {
	case p.Endpoint == "":
		return p, missing("--endpoint")
	case p.Bucket == "":
		return p, missing("--bucket")
	case p.AccessKeyID == "":
		return p, missing("--access-key-id")
	}
	if !bucketName.MatchString(p.Bucket) {
		return p, backup.Errorf(backup.Usage, "Give the bucket's name alone; a folder in it goes with --prefix.", "the bucket %q cannot be used", p.Bucket)
	}
	host, _ := p.s3Host()
	if strings.ContainsAny(host, "/?#@ ") {
		return p, backup.Errorf(backup.Usage, "Give it as HOST or HOST:PORT, with http:// before it where there is no TLS.", "the endpoint %q cannot be used", p.Endpoint)
	}
	if p.Prefix != "" {
		p.Prefix = strings.Trim(p.Prefix, "/") + "/"
	}
	return p, nil
}

// s3Host gives host and port, and whether the connection is encrypted.
func (p Place) s3Host() (host string, tls bool) {
	if host, plain := strings.CutPrefix(p.Endpoint, "http://"); plain {
		return strings.TrimSuffix(host, "/"), false
	}
	return strings.TrimSuffix(strings.TrimPrefix(p.Endpoint, "https://"), "/"), true
}

func (p Place) checkSFTP() (Place, error) {
	if p.Port == 0 {
		p.Port = 22
	}
	switch {
	case p.Host == "":
		return p, missing("--host")
	case p.User == "":
		return p, missing("--user")
	case p.Path == "":
		return p, missing("--path")
	case !hostName.MatchString(p.Host):
		return p, backup.Errorf(backup.Usage, "Give a name or an address.", "the host %q cannot be used", p.Host)
	case !userName.MatchString(p.User):
		return p, backup.Errorf(backup.Usage, "Give the name to log in with.", "the user %q cannot be used", p.User)
	case p.Port < 0 || p.Port > 65535:
		return p, backup.Errorf(backup.Usage, "Give a number from 1 to 65535.", "%d is no port", p.Port)
	}
	if p.Identity == "" {
		return p, nil
	}
	abs, err := filepath.Abs(p.Identity)
	p.Identity = abs
	return p, err
}

func (p Place) checkWebDAV() (Place, error) {
	if p.URL == "" {
		return p, missing("--url")
	}
	u, err := url.Parse(p.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "":
		return p, backup.Errorf(backup.Usage, "Give it as https://HOST/FOLDER.", "the address of the WebDAV folder cannot be used")
	case u.User != nil:
		return p, backup.Errorf(backup.Usage, "Give the name with --user and the password with --password-file FILE.", "the address of the WebDAV folder holds a name or a password")
	case u.Scheme == "http" && p.User != "" && !loopback(u.Hostname()):
		return p, backup.Errorf(backup.Refused, "Use https.", "the password would go through the network in clear")
	}
	return p, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
