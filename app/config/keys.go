package config

import (
	"fmt"
	"strings"
)

// Key is one key of the file. Tables that may be there several times are written [[so]].
type Key struct {
	Name    string // with its table: "engine.workers", "sandbox.name"
	Default string // "" where it must be given, or nothing is the default
	Means   string
}

// Keys documents every key, in the order of the file.
func Keys() []Key {
	return []Key{
		{"version", "", "format of this file"},
		{"vault.path", "", "folder of the vault, absolute; empty is the default place"},
		{"engine.workers", "0", "connections that copy at the same time, at most 32; 0 chooses"},
		{"engine.tools", "", "folder of pg_dump and pg_restore; empty searches"},
		{"engine.keep_replaced", "24h", `how long a restore keeps the database it replaced, such as "24h"; "-1h" keeps it until you drop it`},
		{"tell.webhook", "", "address that gets a POST after each scheduled run and data loss alarm, and for overdue backups, failed copies and reminders"},
		{"tell.ping", "", "address of a dead-man's switch; GET at it, at it/start and at it/fail, there also for overdue backups and failed copies"},
		{"discover.folders", "", "folders with projects, whose .env and compose files are searched for databases"},
		{"discover.only_folders", "false", "true leaves sockets, ports and containers of this machine alone"},
		{"run.only_on_mains", "false", "true runs nothing by itself while the machine is on its battery; it is made up for on mains"},
		{"desktop.theme", "system", `colours of the window: "system", "light" or "dark"`},
		{"desktop.language", "system", `language of the window: "system", "en" or "de"`},
		{"desktop.scale", "0", "size of the text, such as 1.25; 0 follows the desktop"},
		{"desktop.notify", "failures", `"failures", or "all", which includes runs that went well`},
		{"sandbox.name", "", "its name in Holdfast"},
		{"sandbox.folders_only", "false", "true: it has folders (media) and no database; nothing connects"},
		{"sandbox.host", "", "server of its database, or the folder of its socket"},
		{"sandbox.port", "5432", "port of the server"},
		{"sandbox.database", "", "name of the database"},
		{"sandbox.user", "", "role to connect as; its password is in the keyring, never here"},
		{"sandbox.params", "", "libpq's other parameters (sslmode, sslrootcert, …), as a table [sandbox.params]"},
		{"sandbox.container", "", "name of the container that the server runs in; host and port are then as seen inside it"},
		{"sandbox.container_engine", "", "docker or podman"},
		{"sandbox.exclude_tables", "", "patterns (SCHEMA.NAME or NAME, with * and ?) of tables whose rows are left out"},
		{"sandbox.schemas", "", "patterns of schemas; when given, only these are backed up"},
		{"sandbox.media", "", "folders of files that belong to it, as absolute paths"},
		{"sandbox.media_exclude", "", `what of them is left out: "*.tmp", "node_modules/"`},
		{"sandbox.before", "", "command to run before a backup"},
		{"sandbox.after", "", "command to run after it, also when the backup fails"},
		{"sandbox.allow_restore", "", "false refuses every restore into this sandbox, whoever asks"},
		{"sandbox.code", "", "folders with its code: Holdfast reminds of what is nowhere else"},
		{"sandbox.secrets", "", "secret files beside the .env files there"},
		{"sandbox.export_every", "", `how often you want to export its data, such as "720h"; a reminder says when it is due`},
		{"sandbox.loss_limit", "50", "percent of a table's rows whose loss between two backups raises an alarm; -1 raises none"},
		{"sandbox.no_drill", "false", "true ends the monthly restore drill"},
		{"sandbox.schedule", "daily 02:00", `"daily 02:00", "every 6h", "weekly mon 03:00", "monthly 1 03:00" or "cron 0 2 * * *", in local time`},
		{"sandbox.scheduled_what", "", `what scheduled backups take: "database", "media" or "both"; empty takes all that it has`},
		{"sandbox.added", "", "when it was added; a slot before that was never missed"},
		{"sandbox.keep.scheduled", "7 daily", `scheduled backups that are kept: "7 daily, 4 weekly, 12 monthly", "30 days", "20 newest", "all"`},
		{"sandbox.keep.on_demand", "3 newest, 30 days", "those made on demand, written so too"},
		{"sandbox.keep.pre_restore", "3 newest, 30 days", "those made before restores, written so too"},
		{"sandbox.downloads.folder", "", "folder for files that are written after scheduled backups. Set this table with holdfast sandbox edit NAME --downloads-to DIR, which asks for approval: what is changed here by hand is not done"},
		{"sandbox.downloads.format", "dump", "dump, sql or json"},
		{"sandbox.downloads.every", "0s", "at least this far apart; 0s is after each scheduled backup"},
		{"sandbox.downloads.keep", "7", "newest files that are kept; 0 keeps all"},
		{"sandbox.downloads.sealed", "false", "sealed with age; what opens them is kept elsewhere"},
		{"sandbox.downloads.all_tables", "false", "of JSON snapshots: operational tables too"},
		{"sandbox.downloads.approved", "", "seal over the above: a person approved of it"},
		{"offsite.name", "", "its name in Holdfast; add one with holdfast offsite add"},
		{"offsite.kind", "", "folder, s3, sftp or webdav"},
		{"offsite.path", "", "of a folder: absolute; of sftp: on the server"},
		{"offsite.endpoint", "", "of s3: HOST or HOST:PORT, http:// before it where there is no TLS"},
		{"offsite.bucket", "", "of s3: the bucket"},
		{"offsite.prefix", "", "of s3: folder in the bucket"},
		{"offsite.region", "", "of s3: region, if the store wants one"},
		{"offsite.access_key_id", "", "of s3: ID of the access key; its secret is in the keyring, never here"},
		{"offsite.host", "", "of sftp: the server"},
		{"offsite.port", "22", "of sftp: its port"},
		{"offsite.user", "", "of sftp and webdav: name to log in with"},
		{"offsite.identity", "", "of sftp: file with the private key; empty asks the SSH agent"},
		{"offsite.host_key", "", "of sftp: the server's key, as in known_hosts"},
		{"offsite.url", "", "of webdav: address of the folder"},
		{"offsite.limit", "0", "bytes sent per second on average; 0 is no limit"},
		{"offsite.keep_removed", "168h", "how long the copy keeps what the vault removed"},
		{"offsite.lock", "0", "of s3: how long nobody can change or delete what is sent, where the bucket has object lock; 0 locks nothing"},
		{"offsite.added", "", "when it was added"},
	}
}

// lists are the tables that may be there several times, one for each sandbox and place.
var lists = map[string]bool{"sandbox": true, "offsite": true}

// Explain gives the documentation of every key as text, table by table, each line after prefix and
// broken at width runes.
func Explain(prefix string, width int) string {
	var out strings.Builder
	table, indent := "", 0
	for _, k := range Keys() {
		at, name := "", k.Name
		if i := strings.LastIndex(k.Name, "."); i >= 0 {
			at, name = k.Name[:i], k.Name[i+1:]
		}
		if at != table {
			table, indent = at, 2
			fmt.Fprintf(&out, "%s%s\n", prefix, heading(at))
		}
		means := k.Means
		if k.Default != "" {
			means += "; default " + k.Default
		}
		lead := fmt.Sprintf("%s%-*s%-18s ", prefix, indent, "", name)
		for i, line := range wrap(means, width-len(lead)) {
			if i > 0 {
				lead = prefix + strings.Repeat(" ", len(lead)-len(prefix))
			}
			out.WriteString(lead + line + "\n")
		}
	}
	return out.String()
}

func heading(table string) string {
	if lists[table] {
		return "[[" + table + "]]"
	}
	return "[" + table + "]"
}

// wrap breaks text into lines of at most width runes, where words allow it.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// A file that is cut off between two settings reads like one that never had more. So what Holdfast
// writes says in its head that it has a last line.
const (
	hasEnd  = "# Its last line says that it is whole: leave that line."
	endLine = "# End of the configuration."
)

// cutOff says whether a text that was whole lacks its end.
func cutOff(text string) bool {
	return strings.Contains(text, hasEnd) && !strings.Contains(text, endLine)
}

// header is the head of the file.
func header() string {
	return "# Holdfast's configuration. Holdfast writes this file anew when it changes a setting,\n" +
		"# so comments that you add here do not stay. It never holds a password.\n" + hasEnd + "\n#\n" +
		Explain("# ", 100) + "\n"
}
