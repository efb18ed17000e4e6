package views

import "fyne.io/fyne/v2/lang"

// serverPhrases say what is wrong with a server, a connection to one, or its client tools.
var serverPhrases = []phrase{
	"Check the network, and proxies, between here and the server",
	"the server says that its snapshot is {{.Name}}",
	"On a standby, raise max_standby_streaming_delay or turn on hot_standby_feedback, or back up the primary",
	"the server, a standby, ended the backup's sessions",
	"the primary removed or changed what they were reading",
	"Try again when nobody changes tables; look for jobs that create, truncate or alter them all the time",
	"pg_dump left out table {{.Table}}",
	"the rows of table {{.Table}} were not copied",
	"cannot hand the password to {{.Client}}",
	"cannot prepare {{.Client}}",
	"cannot start {{.Client}}",
	"cannot run {{.Path}}",
	"Check that PostgreSQL's client tools are whole",
	"the connection of the sandbox is not usable",
	"Check host, port, sslmode and the certificate files",
	"Check host, port, sslmode, and the files and the service that it names",
	"Leave the host out, or name it as the container sees it",
	"Leave sslmode out",
	"nothing goes over a network",
	"sslmode={{.Name}} is not to be had",
	"a database in a container is reached through the container engine, without TLS",
	"Check what runs when a shell starts in it",
	"a shell in {{.Name}} says {{.Word}} before it does what it is told",
	"Name database and user instead",
	"a service of pg_service.conf is not in a container",
	"Correct the port",
	"the port is no number from 1 to 65535",
	"docker and podman both have a container {{.Name}}",
	"Install the one that runs the container, or put it on PATH",
	"neither docker nor podman is installed here",
	"Check that this works: {{.Command}}",
	"See the name with: {{.Command}}",
	"this is no connection string",
	"the connection string is not usable",
	"Write postgresql://USER@HOST:PORT/DATABASE; special characters in URLs as %XX",
	"it has a key that nothing knows, near to {{.Name}}",
	"it has a key that libpq does not know",
	"its beginning is not postgresql://",
	"its {{.Name}} has a % that is not followed by two hexadecimal digits",
	"there is an @ where none can be; in a user name or password write %40, and / as %2F",
	"a key without = in it",
	"a quoted value does not end",
	"pg_dump and pg_restore were not found; the backup was made by pg_dump {{.Version}}",
	"pg_dump and pg_restore were not found in {{.Path}}; the backup was made by pg_dump {{.Version}}",
	"pg_restore is version {{.Version}}, but the backup was made by pg_dump {{.Dump}}",
	"only pg_restore {{.Version}} and newer read its archive, also for this server, which is PostgreSQL {{.Server}}",
	"the server is a standby, which takes no writes",
	"Connect the sandbox to the primary server",
	"Rename it: a backup keeps names in UTF-8",
	"the name of table {{.Table}}, or of one of its columns, is not valid UTF-8",
	"no maintenance database is left to connect to",
	"Restore into another database",
	"the {{.Object}} has no name",
	"Give it a name",
	"the name of the {{.Object}} has {{.Length}} bytes; PostgreSQL keeps at most {{.Most}}",
	"Choose a shorter name",
	"the name of the {{.Object}} is not valid UTF-8",
	"Choose a name in UTF-8",
	"the name of the {{.Object}} has control characters",
	"Choose a name without line breaks, tabs and other control characters",
	"Install PostgreSQL's server (package postgresql)",
	"no PostgreSQL server is installed here",
	"initdb failed",
	"Check that the user PostgreSQL runs as can reach {{.Path}}",
	"it did not start",
	"it does not end (process {{.Process}})",
	"See its log: {{.Path}}",
	"Add a database of your own",
	"a private PostgreSQL that is kept is for Linux only",
	"Remove it and make it anew",
	"the data of the private server are torn",
	"PG_VERSION says nothing",
	"Install that server (package {{.Package}}), or remove it and make it anew",
	"the data are of PostgreSQL {{.Version}}, whose server is not installed here any more",
	"Remove it, if it is nothing of yours",
	"it is not a folder of this user alone",
	"the command to run {{.When}} the backup failed",
	"Run it by hand: {{.Command}}",
}

// objectWords says what it is that has a name.
func objectWords(value string) string {
	if value == "sandbox" {
		return lang.L("Sandbox")
	}
	return lang.L("Database")
}

// whenWords says on which side of a backup a command of the user's runs.
func whenWords(value string) string {
	if value == "before" {
		return lang.X("before a backup", "before")
	}
	return lang.X("after a backup", "after")
}
