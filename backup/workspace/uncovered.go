package workspace

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/backup/envfile"
)

// UncoveredKind says what kind of thing no backup of the database holds.
type UncoveredKind string

// The kinds.
const (
	ObjectStorage UncoveredKind = "object-storage"
	OtherDatabase UncoveredKind = "database"
	Uploads       UncoveredKind = "uploads"
)

// Uncovered is one thing that the application keeps outside of the sandbox's database.
type Uncovered struct {
	Kind  UncoveredKind `json:"kind"`
	Name  string        `json:"name"`  // "Redis at localhost:6379", "bucket pictures", a folder; never a secret
	Where string        `json:"where"` // file that says so, or the folder
}

// Remedy says what to do about it in a sandbox.
func (u Uncovered) Remedy(sandbox string) string {
	switch u.Kind {
	case ObjectStorage:
		return "Turn on versioning there, or copy it on a schedule of its own (such as rclone sync)."
	case Uploads:
		return "Add it to the sandbox: holdfast sandbox edit " + backup.ShellWord(sandbox) + " --media " + backup.ShellWord(u.Name)
	default:
		if path, ok := strings.CutPrefix(u.Name, "SQLite file "); ok {
			return "Copy it with its own tool: sqlite3 " + backup.ShellWord(path) + " \".backup COPY\""
		}
		return "Back it up with its own tool: mysqldump, mongodump, redis-cli --rdb, or the like."
	}
}

// program is a kind of server that is not PostgreSQL.
type program struct {
	title  string
	kind   UncoveredKind
	scheme []string // of URLs
	image  []string // words in names of images
}

var programs = []program{
	{"MySQL", OtherDatabase, []string{"mysql", "mysql2", "mariadb"}, []string{"mysql", "mariadb", "percona"}},
	{"Redis", OtherDatabase, []string{"redis", "rediss", "valkey"}, []string{"redis", "valkey", "keydb", "dragonfly"}},
	{"MongoDB", OtherDatabase, []string{"mongodb", "mongodb+srv"}, []string{"mongo"}},
	{"Elasticsearch", OtherDatabase, nil, []string{"elasticsearch", "opensearch"}},
	{"ClickHouse", OtherDatabase, []string{"clickhouse"}, []string{"clickhouse"}},
	{"CouchDB", OtherDatabase, nil, []string{"couchdb"}},
	{"Neo4j", OtherDatabase, []string{"neo4j", "bolt"}, []string{"neo4j"}},
	{"object storage", ObjectStorage, []string{"s3", "gs"}, []string{"minio", "localstack", "seaweedfs", "garage"}},
}

// fromServices finds such servers in a compose file. Tools that only look at one are none.
func (f *Found) fromServices(path string, services []envfile.Service) {
	for _, s := range services {
		if s.Is("exporter", "commander", "-express", "insight", "phpmyadmin", "/mc:", "/mc@") || strings.HasSuffix(s.Image, "/mc") {
			continue
		}
		for _, p := range programs {
			if s.Is(p.image...) {
				f.add(Uncovered{Kind: p.kind, Name: p.title + " in the service " + s.Name, Where: path})
				break
			}
		}
	}
}

var (
	bucketKey   = regexp.MustCompile(`(?i)(^|_)BUCKET(_?NAME)?$`)
	endpointKey = regexp.MustCompile(`(?i)(^|_)(S3|MINIO|R2|SPACES|STORAGE|GCS|B2|AWS)_?[A-Z0-9_]*(ENDPOINT|URL)[A-Z0-9_]*$`)
	hostKey     = regexp.MustCompile(`^([A-Z0-9]+_)*(MYSQL|MARIADB|REDIS|VALKEY|MONGO|MONGODB|ELASTICSEARCH|OPENSEARCH|CLICKHOUSE|COUCHDB|NEO4J|MINIO)_HOST(NAME)?$`)
	plainName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,100}$`)
)

// fromEnv finds them in variables. Of a value only the name of a host or a bucket is kept.
func (f *Found) fromEnv(path string, entries []envfile.Entry) {
	for _, e := range entries {
		if bucketKey.MatchString(e.Key) && plainName.MatchString(e.Value) {
			f.add(Uncovered{Kind: ObjectStorage, Name: "bucket " + e.Value, Where: path})
			continue
		}
		u, err := url.Parse(e.Value)
		if err != nil || u.Scheme == "" || u.Host == "" || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") {
			continue // also where a password with a slash would be taken for the host
		}
		if endpointKey.MatchString(e.Key) && strings.HasPrefix(u.Scheme, "http") {
			f.add(Uncovered{Kind: ObjectStorage, Name: "object storage at " + u.Host, Where: path})
			continue
		}
		for _, p := range programs {
			for _, scheme := range p.scheme {
				if u.Scheme == scheme {
					f.add(Uncovered{Kind: p.kind, Name: p.title + " at " + u.Host, Where: path})
				}
			}
		}
	}
	f.fromHosts(path, entries)
}

// fromHosts finds servers that are named by a host alone, unless an address has named them.
func (f *Found) fromHosts(path string, entries []envfile.Entry) {
	for _, e := range entries {
		match := hostKey.FindStringSubmatch(e.Key)
		if match == nil || !plainName.MatchString(e.Value) {
			continue
		}
		i := slices.IndexFunc(programs, func(p program) bool {
			return slices.ContainsFunc(p.image, func(word string) bool { return strings.Contains(strings.ToLower(match[2]), word) })
		})
		if i < 0 {
			continue
		}
		name := programs[i].title + " at " + e.Value
		if !slices.ContainsFunc(f.Uncovered, func(u Uncovered) bool { return strings.HasPrefix(u.Name, name) }) {
			f.add(Uncovered{Kind: programs[i].kind, Name: name, Where: path})
		}
	}
}
