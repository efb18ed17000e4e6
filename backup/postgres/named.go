package postgres

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// parseConfig lets pgx fill in libpq's defaults. The files that it would read, which pairs, the PG* variables
// or libpq's habits name, must not be pipes or devices: a pipe may never give its end, a device may have none.
func parseConfig(pairs map[string]string) (*pgx.ConnConfig, error) {
	for _, path := range namedFiles(pairs) {
		info, err := os.Stat(path) // one that is not there is pgx's to judge
		if err == nil && !info.Mode().IsRegular() && !info.IsDir() && path != os.DevNull {
			return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%s is no file", path)}
		}
	}
	return pgx.ParseConfig(joinPairs(pairs))
}

// namedFiles gives the files that pgx may read for a connection.
func namedFiles(pairs map[string]string) (paths []string) {
	for key, variable := range map[string]string{
		"passfile": "PGPASSFILE", "servicefile": "PGSERVICEFILE",
		"sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
	} {
		if path := pairs[key]; path != "" {
			paths = append(paths, path)
		} else if path := os.Getenv(variable); path != "" {
			paths = append(paths, path)
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		paths = append(paths, filepath.Join(home, ".pgpass"), filepath.Join(home, ".pg_service.conf"))
	}
	return paths
}
