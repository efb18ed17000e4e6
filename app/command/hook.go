package command

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/backup"
)

// recipes show how to back up before a migration. Each goes where its first lines say.
var recipes = map[string]string{
	"git": `#!/bin/sh
# Save the sandbox when a merge or pull brings migrations, before you run them. Put this into
# .git/hooks/post-merge, and for git pull --rebase into .git/hooks/post-rewrite too, and make it
# executable: chmod +x .git/hooks/post-merge
if git diff --name-only ORIG_HEAD HEAD | grep -qi migrat; then
	holdfast backup create SANDBOX --note "before the migrations of $(git rev-parse --short HEAD)"
fi
`,
	"rails": `# Save the sandbox before each migration. Put this into lib/tasks/holdfast.rake
Rake::Task["db:migrate"].enhance(["holdfast:save"])

namespace :holdfast do
  task :save do
    next unless Rails.env.development?

    system("holdfast", "backup", "create", "SANDBOX", "--note", "before db:migrate", exception: true)
  end
end
`,
	"django": `# Save the sandbox before each migration. Put this into the signals of one of your apps, such as
# myapp/apps.py, in the method ready() of its AppConfig.
import subprocess

from django.conf import settings
from django.db.models.signals import pre_migrate


def save_sandbox(sender, **kwargs):
    if settings.DEBUG and not getattr(save_sandbox, "done", False):
        save_sandbox.done = True
        subprocess.run(["holdfast", "backup", "create", "SANDBOX", "--note", "before migrate"], check=True)


pre_migrate.connect(save_sandbox)
`,
	"prisma": `{
  "//": "Save the sandbox before each migration, and see what it changed. Put this into the scripts of package.json.",
  "scripts": {
    "migrate": "holdfast guard SANDBOX -- prisma migrate dev"
  }
}
`,
}

func (sh *shell) hookCommand() *cobra.Command {
	names := slices.Sorted(maps.Keys(recipes))
	var sandbox string
	c := &cobra.Command{
		Use: "hook " + strings.Join(names, "|"), Short: "Print a recipe that backs up before a migration", Args: exactly(1), ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			text, ok := recipes[args[0]]
			if !ok {
				return backup.Errorf(backup.Usage, backup.Meant(args[0], names, "These are there: "+strings.Join(names, ", ")), "there is no recipe for %q", args[0])
			}
			return sh.show(recipe{strings.ReplaceAll(text, "SANDBOX", sandbox)}, nil)
		},
	}
	c.Flags().StringVar(&sandbox, "sandbox", "SANDBOX", "name to put into the recipe")
	return c
}

// recipe is a recipe as --json shows it.
type recipe struct {
	Text string `json:"recipe"`
}

func (r recipe) text(w io.Writer) { fmt.Fprint(w, r.Text) }
