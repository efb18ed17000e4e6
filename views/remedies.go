package views

import (
	"strings"

	"fyne.io/fyne/v2/lang"
)

// remedy is what the window says where the engine names a command or a flag of one.
type remedy struct {
	said  phrase // the engine
	shown phrase
}

// remedies are hints that would send a person to a terminal, each with what does the same in the
// window. What only a command can do says so.
var remedies = []remedy{
	{"See: holdfast backup list", "Choose one from the list of backups"},
	{"See: holdfast backup list {{.Name}}", "Choose one from the list of backups"},
	{"`holdfast backup list` shows what there is", "The list of backups shows what there is"},
	{"Choose a completed one: holdfast backup list", "Choose a completed one"},
	{"Choose another one: holdfast backup list", "Choose another one"},
	{"See what it holds: holdfast backup show {{.ID}}", "Its details show what it holds"},
	{"and {{.N}} more, see: holdfast backup show", "and {{.N}} more"},
	{"Unpin it first: holdfast backup unpin {{.ID}}", "Unpin it first"},
	{"Take it again: holdfast backup create {{.Name}}", "Take it again with “Back up now”"},
	{"Make one: holdfast backup create {{.Name}}", "Take one with “Back up now”"},
	{"Take one: holdfast backup create {{.Name}}", "Take one with “Back up now”"},
	{"Verify it instead: holdfast backup verify {{.ID}}", "“Verify” reads every byte of it instead"},
	{"Its backups are verified byte by byte: holdfast backup verify {{.ID}}", "“Verify” reads every byte of its backups"},
	{"Compare the tables with the backup: holdfast backup compare {{.ID}}", "“Restore…” compares the tables with the backup before anything is done"},
	{"Name a file: --out FILE", "Name a file"},
	{"Name it: --out FILE", "Name a file"},
	{"Name a file or a folder: --out FILE", "Name a file or a folder"},
	{"Choose another name, or replace it with --yes", "Choose another name"},
	{"Name one: --downloads-to DIR", "Name the folder to write into"},
	{"Give it again: holdfast sandbox edit {{.Name}} --downloads-seal-file FILE", "Type it again under Downloads"},
	{"Approve of it: holdfast sandbox edit {{.Name}} --downloads-to DIR", "Save it again under Downloads, which asks for your approval"},
	{"Change the policy, or end it: holdfast sandbox edit {{.Name}} --no-downloads", "Change that under Permissions, or end it under Downloads"},
	{"Restore the backup into a new database instead (holdfast restore ID --to-database NAME), and run pg_dump there", "Restore the backup into a new database instead, and run pg_dump there"},

	{"See: holdfast undo", "The page Activity shows what was restored"},
	{"Look at what it did: holdfast undo", "The page Activity shows what it did"},
	{"Look at what it did, then try again: holdfast undo", "Look on the page Activity at what it did, then try again"},
	{"Wait until it has ended, and look at what it did: holdfast undo", "Wait until it has ended, and look on the page Activity at what it did"},
	{"Undo the undo by its own ID, see: holdfast undo", "The undo is a restore of its own, which can be undone in turn"},
	{"See which can be undone: holdfast undo", "A restore that can be undone has its button above the backups"},
	{"Restore one of the older backups: holdfast backup list {{.Name}}", "Restore one of the older backups"},
	{"Restore one of the backups: holdfast backup list {{.Name}}", "Restore one of the backups"},
	{"Free some space there, such as by dropping a replaced database: holdfast undo", "Free some space there, such as with “Give the space back…” after a restore"},
	{"Then restore the folders: holdfast restore {{.ID}} --what media", "Then restore the folders by themselves"},
	{"Or take the database back: holdfast undo {{.ID}}", "Or take the database back with “Undo”"},
	{"Or go on without it, because the replaced database itself is kept: --unsaved", "Or go on without it, because the replaced database itself is kept"},
	{"Switch it on first: holdfast sandbox edit {{.Name}} --allow-restore", "Switch them on first, under Permissions"},
	{"Restore only folders into it, --what media, or choose another --target", "Restore only folders into it, or choose another sandbox"},
	{"Choose another --target: a file holds a database", "Choose another sandbox: a file holds a database"},
	{"Restore into another one with --target, or add this one again: holdfast sandbox add {{.Name}} --dsn URL", "Restore into another one, or add this one again"},
	{"Restore the folders apart: --what media", "Restore the folders by themselves"},
	{"Restore the database apart: --what database", "Restore the database by itself"},
	{"single tables, a new database and --in-place are about the database only", "single tables and a new database are about the database only"},
	{"chosen files and --beside are about the folders only", "chosen files, and folders beside the present ones, are about the folders only"},
	{"Patterns are about names, or with a slash about whole paths from the folder on: {{.Command}}", "Choose files that the backup has"},
	{"Name it first: holdfast sandbox edit {{.Name}} --media DIR", "Name it first, under Media"},
	{"Or restore beside it: --beside", "Or restore it beside the present folders"},
	{"Restore beside it: --beside", "Restore it beside the present folders"},
	{"Mend that, or restore beside it: --beside", "Mend that, or restore it beside the present folders"},
	{"Move it away, or restore beside it: --beside", "Move it away, or restore the folder beside it"},
	{"Restore beside it (--beside), and copy what you need", "Restore it beside the present folders, and copy what you need"},
	{"Make room, or restore only some files: --media-path PATTERN", "Make room, or restore only some files"},
	{"Choose single files: --media-path PATTERN", "Restore only some files"},
	{"Restore single files (--media-path), or to a disk that tells upper from lower case", "Restore only some files, or to a disk that tells upper from lower case"},
	{"Make it, or choose another place: holdfast sandbox edit NAME --media DIR", "Make it, or choose another place under Media"},
	{"Name them first: holdfast sandbox edit {{.Name}} --media DIR", "Name them first, under Media"},
	{"Else change the sandbox: holdfast sandbox edit NAME --media DIR", "Else change its folders under Media"},
	{"Take it out of the sandbox: holdfast sandbox edit NAME --media DIR", "Take it out of the sandbox, under Media"},
	{"Choose another place, or take the folder out of the sandbox first: holdfast sandbox edit {{.Name}} --media ''", "Choose another place, or take the folder out of the sandbox first, under Media"},
	{"Name one with --media DIR", "Name a folder"},
	{"Restore all of it: leave --table out", "Restore all of it"},
	{"Restore the table that refers to it too, with one more --table, or remove those rows first", "Restore the table that refers to it too, or remove those rows first"},
	{"Restore the backup into a new database (--to-database NAME), and copy what you need", "Restore the backup into a new database, and copy what you need"},
	{"Have them made, without password and login (--create-roles), or give what is theirs to {{.Role}} (--map-roles)", "Have them made, without password and login, or give what is theirs to {{.Role}}"},
	{"Let a superuser make them, or give what is theirs to the role that restores: --map-roles", "Let a superuser make them, or give what is theirs to the role that restores"},
	{"Make them first, or put everything where the server puts it by itself (--any-tablespace)", "Let a superuser make them first"},
	{"Let a superuser run: {{.Command}} Or replace what is in the database itself, in one transaction: --in-place", "Let a superuser run: {{.Command}}"},

	{"Give the right one with --password-file, or put it into ~/.pgpass (mode 0600)", "Type the right one under Connection, or put it into ~/.pgpass (mode 0600)"},
	{"Check the role's name, its password (--password-file or ~/.pgpass) and the server's pg_hba.conf", "Check the role's name, its password (under Connection, or in ~/.pgpass) and the server's pg_hba.conf"},
	{"Give it again: holdfast sandbox edit {{.Name}} --password-file FILE", "Type it again under Connection"},
	{"Remove {{.Path}} and give the passwords again: holdfast sandbox edit NAME --password-file FILE", "Remove {{.Path}} and type the passwords again under Connection"},
	{"Without it, remove it, give the databases' passwords again (holdfast sandbox edit NAME --password-file FILE), and look at the gate: holdfast gate reset", "Without it, remove it, type the databases' passwords again under Connection, and reset the gate under Permissions"},
	{"Say which: --container-engine docker or --container-engine podman", "Give one of the two another name"},
	{"Choose another name, or change it: holdfast sandbox edit {{.Name}}", "Choose another name, or change that sandbox under Connection"},
	{"Add it first: holdfast sandbox add NAME --dsn URL", "Add it first"},
	{"Leave that out, or choose media", "Back up its folders alone"},
	{"A database is a sandbox of its own: holdfast sandbox add NAME --dsn URL", "A database is a sandbox of its own: add one"},
	{"Remove it with its server: holdfast sandbox sample remove", "Remove it with its server: “Remove the sample…” on the Overview"},
	{"Start one: holdfast sandbox sample start", "Start one on the Overview"},
	{"Make it again afterwards: holdfast sandbox sample start", "Make it again afterwards"},
	{"Name its code folders or its secret files: holdfast sandbox edit {{.Name}} --code DIR --secret FILE", "Name its secret files under “Secret files…”"},
	{"See: holdfast secrets list {{.Name}}", "Choose from those that are listed"},
	{"Or choose others with --file", "Or choose others"},
	{"Give it with --seal-file FILE", "Type one"},
	{"Name a file with its passphrase: --seal-file FILE", "Type the passphrase that it is sealed with"},

	{"Change the policy of the sandbox if this should be possible: holdfast gate policy {{.Name}}", "Change that under Permissions if this should be possible"},
	{"Approve it at the terminal, or give --approve-file FILE", "Approve it when the window asks"},
	{"Confirm it at a terminal, or with --yes", "Confirm it when the window asks"},
	{"Set one: holdfast gate set-passphrase", "Set one in a terminal: holdfast gate set-passphrase"},
	{"Try again with the passphrase that was set with: holdfast gate set-passphrase", "Try again with the passphrase that was set at the first start"},
	{"Remove {{.Path}} and set the passphrase anew: holdfast gate set-passphrase", "Remove {{.Path}} and set the passphrase anew in a terminal: holdfast gate set-passphrase"},
	{"Then give all sandboxes the default policy again: holdfast gate reset", "Then give all sandboxes the default policy again: “Reset the gate…” under Permissions"},
	{"See: holdfast sentinel list", "The Overview shows the alarms that there are"},
	{"See: holdfast remind", "Look at the Reminders again"},

	{"Try again later, or wait for it with --wait", "Try again later"},
	{"Wait for it with --wait", "Wait until it has ended"},
	{"Make it: holdfast vault init", "Start Holdfast again, which makes it"},
	{"Or attach one: holdfast vault open --path DIR", "Or open the vault that you have"},
	{"Remove it; then attach the vault again: holdfast vault open", "Remove it; then open the vault again under Preferences"},
	{"If that one is no longer used, take the vault over: holdfast vault open", "If that one is no longer used, take the vault over: open it under Preferences"},
	{"If that home is no longer used, take the vault over: holdfast vault open", "If that one is no longer used, take the vault over: open it under Preferences"},
	{"Give the recovery key: put it into a file (mode 0600) and set {{.Variable}} to it, or run: holdfast vault open", "Give the recovery key from the kit"},
	{"Or: Give the recovery key: put it into a file (mode 0600) and set {{.Variable}} to it, or run: holdfast vault open", "Or give the recovery key from the kit"},
	{"Write it with an approval: holdfast vault kit --out FILE", "Save it under Preferences, “Show it, and save a kit…”"},
	{"Make one: holdfast vault kit --out FILE", "Save one under Preferences, “Show it, and save a kit…”"},
	{"`holdfast vault verify --full` says which ones are whole", "“Verify” says of each whether it is whole"},
	{"See which backups are damaged: `holdfast vault verify --full`", "“Verify” shows which backups are damaged"},
	{"Find the damaged ones and delete them: holdfast vault verify --full", "“Verify” finds the damaged ones: delete them"},
	{"Verify the whole vault first: `holdfast vault verify --full`", "Verify the whole vault first, in a terminal: holdfast vault verify --full"},
	{"Verify the vault: `holdfast vault verify --full`", "Verify the vault, in a terminal: holdfast vault verify --full"},
	{"Verify the vault: holdfast vault verify --full", "Verify the vault, in a terminal: holdfast vault verify --full"},
	{"An off-site copy may have the file: `holdfast vault open --offsite`", "An off-site copy may have the file: open that under Preferences"},
	{"Repair it, which deletes nothing: holdfast vault repair", "Repair it in a terminal, which deletes nothing: holdfast vault repair"},
	{"With an off-site copy, which may have what is damaged: holdfast vault repair --from {{.Name}}", "With an off-site copy, which may have what is damaged, in a terminal: holdfast vault repair --from {{.Name}}"},
	{"Mend the vault from its copy: holdfast vault repair --from {{.Name}}", "Mend the vault from its copy, in a terminal: holdfast vault repair --from {{.Name}}"},
	{"Put the damaged file back from an off-site copy: holdfast vault repair --from {{.Name}}", "Put the damaged file back from an off-site copy, in a terminal: holdfast vault repair --from {{.Name}}"},
	{"If there is none, list the backups anew from what can still be read: holdfast vault repair", "If there is none, list the backups anew from what can still be read, in a terminal: holdfast vault repair"},

	{"Give it again: holdfast offsite remove {{.Name}}, then holdfast offsite add {{.Copy}}", "Remove the place and add it again"},
	{"Remove {{.Path}} and give the passwords again: holdfast offsite remove {{.Name}}, then holdfast offsite add {{.Copy}}", "Remove {{.Path}}, then remove the places and add them again"},
	{"Add the place again: holdfast offsite add", "Remove the place and add it again"},
	{"Add one: holdfast offsite add NAME folder --path DIR", "Add one under Off-site copies"},
	{"Choose another name, or remove it first: holdfast offsite remove {{.Name}}", "Choose another name, or remove it first"},
	{"Bring the copy up to date: holdfast offsite sync", "Bring the copy up to date"},
	{"Run: holdfast offsite sync", "Bring the copy up to date"},
	{"Write it anew from the vault: holdfast offsite sync", "Write it anew from the vault: bring the copy up to date"},
	{"If it is right, use another copy, or run, where the vault is: holdfast offsite sync", "If it is right, use another copy, or bring this one up to date where the vault is"},
	{"Use another copy, or run, where the vault is: holdfast offsite sync", "Use another copy, or bring this one up to date where the vault is"},
	{"Remove that file at the place and run: holdfast offsite sync", "Remove that file at the place, and bring the copy up to date"},
	{"If it is whole, remove that file at the place and run: holdfast offsite sync", "If it is whole, remove that file at the place, and bring the copy up to date"},
	{"Verify both: holdfast vault verify --full, holdfast offsite test NAME --full", "Verify both: the copy with “Check every byte”, the vault in a terminal: holdfast vault verify --full"},
	{"Read every byte instead: holdfast offsite test {{.Name}} --full", "“Check every byte” reads it instead"},
	{"Find what is damaged: holdfast offsite test {{.Name}} --full", "“Check every byte” finds what is damaged"},
	{"If not, get the backups back: holdfast vault open --offsite", "If not, get the backups back: open the copy under Preferences"},
	{"If this home is to go on with it, remove the place and add it again with --take-over", "If this home is to go on with it, remove the place and add it again in a terminal: holdfast offsite add, with --take-over"},
	{"Mend --region, or leave it out", "Mend the region, or leave it out"},
	{"Give the bucket's name alone; a folder in it goes with --prefix", "Give the bucket's name alone; a folder in it has a field of its own"},
	{"Choose an empty folder with --into DIR", "Choose an empty folder"},
	{"A vault that is there already needs no copy: holdfast vault open --path DIR", "A vault that is there already needs no copy: choose “The folder of the vault”"},
	{"Make room, or choose another disk with --into DIR", "Make room, or choose a folder on another disk"},
	{"Name the private key's file with --identity-file FILE, or start an SSH agent", "Name the private key's file, or start an SSH agent"},
	{"Name the private key's file: --identity-file FILE", "Name the private key's file"},
	{"Give it to your SSH agent (ssh-add {{.Path}}) and leave --identity-file out", "Give it to your SSH agent (ssh-add {{.Path}}) and leave the key's file empty"},
	{"Use --identity-file, or set TMPDIR to a path without spaces", "Name a private key's file, or set TMPDIR to a path without spaces"},
	{"If it is the same: --host-key-fingerprint {{.Print}}", "If it is the same, type it into the form: {{.Print}}"},
	{"Give it with --secret-file FILE", "Fill in the secret access key"},
	{"Make a bucket with object lock, which most stores allow only when a bucket is made, or leave --lock out", "Make a bucket with object lock, which most stores allow only when a bucket is made"},
	{"Give the name with --user and the password with --password-file FILE", "Type the name and the password into fields of their own"},
	{"Mend --region, or leave it out", "Mend the region, or leave it out"},
	{"Give the bucket's name alone; a folder in it goes with --prefix", "Give the bucket’s name alone; a folder in it has a field of its own"},
	{"Give {{.Flag}}", "Fill it in"},
	{"{{.Flag}} is missing", "{{.Flag}} is missing"},
}

// remedyInForm is a hint as the page for a new sandbox has it, which has no section Connection yet: its own
// fields are there.
func remedyInForm(hint string) string {
	for said, shown := range map[string]string{
		"Give the right one with --password-file, or put it into ~/.pgpass (mode 0600)":                   lang.L("Type the right one into the form, or put it into ~/.pgpass (mode 0600)"),
		"Check the role's name, its password (--password-file or ~/.pgpass) and the server's pg_hba.conf": lang.L("Check the role's name, its password (in the form, or in ~/.pgpass) and the server's pg_hba.conf"),
	} {
		if before, after, found := strings.Cut(hint, said); found {
			return translated(before) + shown + translated(after)
		}
	}
	return translated(hint)
}

// flagField is the field of a form that stands for a flag of a command.
func flagField(flag string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), " ")
	switch name {
	case "access-key-id":
		return fieldLabel(CopyToS3, fieldAccessKey)
	case "path", "host", "user", "endpoint", "bucket", "url":
		return fieldLabel("", name)
	}
	return lang.L("Name")
}
