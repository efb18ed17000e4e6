package vault

import (
	"fmt"
	"strings"

	"holdfast/backup"
)

// restoreText makes RESTORE.txt: how to get everything back without Holdfast. Its indented lines
// are commands, to be run in their order; SNAPSHOT is the one word in them to be filled in.
func restoreText(m *backup.Manifest, vaultPath string) string {
	tools, _, _ := strings.Cut(m.ToolsVersion, ".")
	template := restoreTemplate
	if m.What == backup.ScopeMedia {
		template = mediaTemplate
	}
	return strings.NewReplacer(
		"{{folders}}", foldersText(m),
		"{{filled}}", filledText(m),
		"{{path}}", shellQuote(vaultPath),
		"{{id}}", string(m.ID),
		"{{sandbox}}", m.Sandbox,
		"{{database}}", m.Database.Name,
		"{{create}}", shellQuote(createText(&m.Database, tools)),
		"{{server}}", m.ServerVersion,
		"{{tools}}", tools,
		"{{taken}}", m.Captured.UTC().Format("2006-01-02 15:04:05 UTC"),
	).Replace(strings.Replace(template, "{{open}}", openSteps, 1))
}

// foldersText says where the sandbox's folders were; "" when the backup has none.
func foldersText(m *backup.Manifest) string {
	if len(m.Media) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("The sandbox's folders are in media/, with their modes, times and links. They were here:\n\n")
	for i := range m.Media {
		fmt.Fprintf(&b, "  %-20s %s (%d files, %d bytes)\n", "media/"+m.Media[i].Name, m.Media[i].Path, m.Media[i].Files, m.Media[i].Bytes)
	}
	return b.String() + "\nCopy one to its place with: cp -a media/NAME PLACE\n\n"
}

// filledText says in restore.sh's list of files what there is of folders.
func filledText(m *backup.Manifest) string {
	if len(m.Media) == 0 {
		return ""
	}
	return "media/            the sandbox's folders\nmedia-lists/      what is in them: name, size, mode and time, one file on a line\n"
}

// createText writes the CREATE DATABASE that gives the new database the old one's owner,
// encoding and locale, for a server of the tools' version or newer.
func createText(d *backup.Database, tools string) string {
	text := `CREATE DATABASE "restored" TEMPLATE template0`
	add := func(word, value string) {
		if value != "" {
			text += " " + word + " = " + sqlQuote(value)
		}
	}
	if d.Owner != "" {
		text += " OWNER = " + identQuote(d.Owner)
	}
	add("ENCODING", d.Encoding)
	add("LC_COLLATE", d.Collate)
	add("LC_CTYPE", d.Ctype)
	switch d.Provider {
	case "i":
		add("LOCALE_PROVIDER", "icu")
		add("ICU_LOCALE", d.Locale)
		add("ICU_RULES", d.LocaleRules)
	case "b":
		add("LOCALE_PROVIDER", "builtin")
		add("BUILTIN_LOCALE", d.Locale)
	default:
		if tools != "13" && tools != "14" { // whose servers know no other
			add("LOCALE_PROVIDER", "libc")
		}
	}
	return text
}

// restoreScript makes restore.sh, which fills a database from the parts with stock tools and
// checks the number of rows of each table.
func restoreScript(m *backup.Manifest) string {
	var rows, objects strings.Builder
	for i := range m.Tables {
		if t := &m.Tables[i]; t.Part != "" {
			fmt.Fprintf(&rows, "\ttable %s %s %d %s\n", shellQuote(copyText(t, m.Database.Encoding)), shellQuote(t.Part), t.Rows, shellQuote(sqlQuote("rows are missing in "+identQuote(t.Schema)+"."+identQuote(t.Name))))
		}
	}
	for _, part := range m.LargeObjects.Parts {
		objects.WriteString(" " + shellQuote(part))
	}
	return strings.NewReplacer("{{tables}}", rows.String(), "{{objects}}", objects.String()).Replace(scriptTemplate)
}

// copyText writes the COPY that takes one table's rows. What must be routed to its partition
// again goes through the root.
func copyText(t *backup.Table, encoding string) string {
	target := identQuote(t.Schema) + "." + identQuote(t.Name)
	if t.Root != nil {
		target = identQuote(t.Root.Schema) + "." + identQuote(t.Root.Name)
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = identQuote(c.Name)
	}
	if len(names) > 0 {
		target += " (" + strings.Join(names, ", ") + ")"
	}
	return "COPY " + target + " FROM STDIN (ENCODING " + sqlQuote(encoding) + ");"
}

// shellQuote makes one word of s for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// sqlQuote makes a text of s for PostgreSQL.
func sqlQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identQuote makes a name of s for PostgreSQL.
func identQuote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// openSteps are the first ones in every template: they end in the backup's folder.
const openSteps = `Run the lines that are indented by four spaces, in their order, in an empty folder.


1. Open the vault. kopia asks for the password: that is the recovery key. Nothing in the vault
   can be changed this way, and a kopia repository of your own stays as it is.

    export KOPIA_CONFIG_PATH="$PWD/kopia.config"
    kopia repository connect filesystem --readonly --path {{path}}
    kopia snapshot list --all --tags holdfast-id:{{id}}

2. Take the files out. The list shows the ID of the snapshot, a k and 32 digits and letters:
   type it in place of SNAPSHOT.

    kopia restore SNAPSHOT backup
    kopia repository disconnect
    cd backup`

const restoreTemplate = `HOW TO GET THIS BACKUP BACK WITHOUT HOLDFAST

Sandbox {{sandbox}}, database {{database}} of PostgreSQL {{server}}.
Backup {{id}}, taken {{taken}}.

You need:
- the recovery key of the vault;
- the kopia command, version 0.23 or newer (https://kopia.io);
- a PostgreSQL server of version {{tools}} or newer where you are superuser, and the psql and
  pg_restore of its own version, which find it as always: PGHOST, PGPORT, PGUSER.

{{open}}

3. Make the roles and an empty database. Roles that are there already stay as they are; the
   others have no password yet.

    psql -X -d postgres -f globals.sql
    psql -X -d postgres -c {{create}}

4. Fill it: tables, rows, sequences, large objects, then indexes, constraints and triggers. It
   stops at the first error; then drop the database, mend the cause, and go on from step 3.

    sh restore.sh restored

5. Look at what you got; then give it the name you want:

    ALTER DATABASE restored RENAME TO …

{{folders}}
WHAT IS IN THE FOLDER

manifest.json     what the backup holds: tables, columns, rows; also the old database's own
                  settings and rights, which the steps above do not set
database.toc      an archive of pg_dump without rows and large objects: pg_restore -l database.toc
data/             the rows of one table each, as COPY text
large-objects/    the contents of large objects
globals.sql       the roles; run once more with -v database=NAME it sets in that database what was
                  set in the old one, for all roles and for single ones
restore.sh        step 4, to be read and changed: it is plain shell
{{filled}}`

const mediaTemplate = `HOW TO GET THIS BACKUP BACK WITHOUT HOLDFAST

Sandbox {{sandbox}}, its folders; the database is in other backups.
Backup {{id}}, taken {{taken}}.

You need:
- the recovery key of the vault;
- the kopia command, version 0.23 or newer (https://kopia.io).

{{open}}

3. {{folders}}
WHAT IS IN THE FOLDER

manifest.json     what the backup holds
{{filled}}`

const scriptTemplate = `#!/bin/sh
# Fills an empty database from the files beside this one. RESTORE.txt says what comes before.
#
#	sh restore.sh DATABASE
set -eu
cd "$(dirname "$0")"

# table COPY FILE ROWS COMPLAINT: what psql needs to fill one table and to count its rows.
table() {
	printf '%s\n' "$1"
	cat "$2" || printf '\\.\nThe file %s cannot be read;\n' "$2"
	printf '\\.\nSELECT CASE WHEN :ROW_COUNT <> %s THEN CAST(text %s AS integer) END \\g /dev/null\n' "$3" "$4"
}

rows() {
	cat <<-'END'
		SET client_encoding = 'UTF8';
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
	END
{{tables}}}

pg_restore --exit-on-error --section=pre-data --dbname="$1" database.toc
rows | psql -X -q -v ON_ERROR_STOP=1 --single-transaction -d "$1" -f -
cat database.toc{{objects}} | pg_restore --exit-on-error --section=data --dbname="$1"
pg_restore --exit-on-error --section=post-data --dbname="$1" database.toc
psql -X -q -d "$1" -c ANALYZE
echo "The database $1 is complete."
`
