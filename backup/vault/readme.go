package vault

import (
	"strings"

	"holdfast/backup"
)

// restoreText makes RESTORE.txt: how to get everything back without Holdfast.
func restoreText(m *backup.Manifest, vaultPath string) string {
	return strings.NewReplacer(
		"{{path}}", shellQuote(vaultPath),
		"{{id}}", string(m.ID),
		"{{sandbox}}", m.Sandbox,
		"{{database}}", shellQuote(m.Database.Name),
		"{{encoding}}", shellQuote(m.Database.Encoding),
		"{{collate}}", shellQuote(m.Database.Collate),
		"{{ctype}}", shellQuote(m.Database.Ctype),
		"{{provider}}", m.Database.Provider,
		"{{locale}}", m.Database.Locale,
		"{{server}}", m.ServerVersion,
		"{{tools}}", m.ToolsVersion,
		"{{taken}}", m.Captured.UTC().Format("2006-01-02 15:04:05 UTC"),
	).Replace(restoreTemplate)
}

// shellQuote makes one word of s for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

const restoreTemplate = `HOW TO GET THIS BACKUP BACK WITHOUT HOLDFAST

Sandbox {{sandbox}}, backup {{id}}, taken {{taken}}
from PostgreSQL {{server}} with pg_dump {{tools}}.

You need: the recovery key of the vault; the kopia command (0.23 or newer, https://kopia.io);
psql and pg_restore of PostgreSQL {{tools}} or newer; jq.


1. Take the files out of the vault

    kopia repository connect filesystem --path {{path}}
        (it asks for the password: that is the recovery key)
    kopia snapshot list --all --tags holdfast-id:{{id}}
        (shows the ID of the snapshot, k followed by hexadecimal digits)
    kopia restore ID-OF-THE-SNAPSHOT backup
    kopia repository disconnect
    cd backup

Do not run "kopia maintenance" or "kopia snapshot delete" on this vault while Holdfast uses it.

What there is now:

    manifest.json     what the backup holds: tables, columns, rows, roles, extensions
    database.toc      pg_dump's archive without table rows and large objects
    data/             the rows of one table each, as COPY text; manifest.json says which is which
    large-objects/    the contents of large objects; may be missing
    globals.sql       roles that the database refers to, without passwords; may be missing


2. Make the roles and an empty database

    psql -d postgres -f globals.sql
        (roles that are there already are reported and left as they are)
    createdb --template=template0 --encoding={{encoding}} --lc-collate={{collate}} --lc-ctype={{ctype}} restored

The database was called {{database}}; its locale provider was "{{provider}}" (c: libc, i: ICU,
b: builtin) with the locale "{{locale}}". For i and b add --locale-provider and --icu-locale or
--builtin-locale.


3. Put the archive together and make the tables

    { cat database.toc; jq -j '.large_objects.parts[]? | ., "\u0000"' manifest.json | xargs -0 -r cat; } > database.dump
    pg_restore --exit-on-error --section=pre-data -d restored database.toc


4. Load the rows

cat > load.jq <<'END'
def name: "\"" + gsub("\""; "\"\"") + "\"";
.tables[] | select(.part != "")
  | (.root // .) as $target
  | (.columns // [] | map(.name | name) | join(", ")) as $columns
  | "\\copy " + ($target.schema | name) + "." + ($target.name | name)
    + (if $columns == "" then "" else " (" + $columns + ")" end)
    + " FROM '" + .part + "'"
END
cat > settings.sql <<'END'
SET client_encoding = {{encoding}};
SET search_path = '';
SET DateStyle = 'ISO';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SET extra_float_digits = 3;
SET bytea_output = 'hex';
SET xmloption = 'content';
SET lc_monetary = 'C';
SET row_security = off;
SET statement_timeout = 0;
SET lock_timeout = 0;
SET default_transaction_read_only = off;
END
{ cat settings.sql; jq -r -f load.jq manifest.json; } > load.sql
psql -X -v ON_ERROR_STOP=1 --single-transaction -d restored -f load.sql

psql prints COPY and the number of rows for each table; .tables[].rows in manifest.json has the
numbers it must be. A table with an "extension" is one of that extension's own: its rows come on
top of those which CREATE EXTENSION made. A table name with a line break in it must be loaded by
hand with COPY … FROM STDIN.


5. Sequences, large objects, then indexes, constraints and triggers

    pg_restore --exit-on-error --section=data -d restored database.dump
    pg_restore --exit-on-error --section=post-data -d restored database.dump
    psql -d restored -c ANALYZE

Check what you got, then give the database its name:

    psql -d postgres -c 'ALTER DATABASE restored RENAME TO …'
`
