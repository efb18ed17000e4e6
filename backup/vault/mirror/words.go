package mirror

import (
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Words to be filled in where a command would need a secret's file.
const (
	secretWord   = "SECRET-FILE"
	identityWord = "KEY-FILE"
)

// OpenCommand is the command that opens the copy at a place on a new machine. SECRET-FILE and KEY-FILE
// are words to be filled in: with the file of the place's secret, and of the SSH key.
func (p Place) OpenCommand() string {
	words := []string{"holdfast vault open --offsite", string(p.Kind)}
	option := func(name, value string) {
		if value != "" {
			words = append(words, "--"+name, shellWord(value))
		}
	}
	option("path", p.Path)
	option("endpoint", p.Endpoint)
	option("bucket", p.Bucket)
	option("prefix", p.Prefix)
	option("region", p.Region)
	option("access-key-id", p.AccessKeyID)
	option("host", p.Host)
	if p.Port != 0 && p.Port != 22 {
		option("port", strconv.Itoa(p.Port))
	}
	option("url", p.URL)
	option("user", p.User)
	if p.Identity != "" {
		option("identity-file", identityWord)
	}
	if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(p.HostKey)); err == nil {
		option("host-key-fingerprint", ssh.FingerprintSHA256(key))
	}
	if p.Kind == S3 {
		option("secret-file", secretWord)
	} else if p.NeedsSecret() {
		option("password-file", secretWord)
	}
	return strings.Join(words, " ")
}

// StockCommand is the command with which the stock kopia command opens the copy at a place, for reading
// alone. It asks for the recovery key. SECRET-FILE and KEY-FILE are words to be filled in.
func (p Place) StockCommand() string {
	const connect = "kopia repository connect "
	switch p.Kind {
	case Folder:
		return connect + "filesystem --readonly --path " + shellWord(p.Path)
	case S3:
		host, encrypted := p.s3Host()
		text := `AWS_SECRET_ACCESS_KEY="$(cat ` + secretWord + `)" ` + connect + "s3 --readonly --bucket " + shellWord(p.Bucket) + " --endpoint " + shellWord(host) + " --access-key " + shellWord(p.AccessKeyID)
		if p.Prefix != "" {
			text += " --prefix " + shellWord(p.Prefix)
		}
		if p.Region != "" {
			text += " --region " + shellWord(p.Region)
		}
		if !encrypted {
			text += " --disable-tls"
		}
		return text
	case SFTP:
		return connect + "sftp --readonly --path " + shellWord(p.Path) + " --host " + shellWord(p.Host) + " --port " + strconv.Itoa(p.Port) + " --username " + shellWord(p.User) + p.stockIdentity()
	case WebDAV:
		text := connect + "webdav --readonly --url " + shellWord(p.URL)
		if p.User != "" {
			text = `KOPIA_WEBDAV_PASSWORD="$(cat ` + secretWord + `)" ` + text + " --webdav-username " + shellWord(p.User)
		}
		return text
	}
	return ""
}

func (p Place) stockIdentity() string {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(p.HostKey))
	if p.Identity == "" || err != nil {
		return " --external"
	}
	return " --keyfile " + identityWord + " --known-hosts-data " + shellWord(knownhosts.Line([]string{p.address()}, key))
}

// shellWord makes one word of s for a POSIX shell.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
