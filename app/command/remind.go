package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) remindCommand() *cobra.Command {
	c := group("remind", "What needs doing: git, secrets, exports, recovery kit, off-site copy, age")
	c.Long = "Lists what no backup here can do for you, most pressing first, each with the command that solves it. Looks\n" +
		"through the code folders of the sandboxes, and changes nothing there."
	show := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return show(cmd, args)
		}
		return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
			scan, err := e.Scan(cmd.Context())
			if err != nil {
				return nil, err
			}
			for _, s := range e.Sandboxes() {
				for _, text := range scan.Sandboxes[s.Name].Partial {
					sh.warn(text)
				}
			}
			list, err := e.Reminders(cmd.Context())
			return reminderList(list), err
		})
	}
	c.AddCommand(
		&cobra.Command{
			Use: "snooze ID DURATION", Short: "Keep a reminder away for a time, such as 4h or 7d", Args: exactly(2),
			RunE: func(cmd *cobra.Command, args []string) error {
				length, err := parseDays(args[1])
				if err != nil {
					return err
				}
				return sh.answer(cmd, "is snoozed", func(e *engine.Engine) (backup.Reminder, error) { return e.Snooze(cmd.Context(), args[0], length) })
			},
		},
		&cobra.Command{
			Use: "dismiss ID", Short: "Keep a reminder away until what it says changes", Args: exactly(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return sh.answer(cmd, "is dismissed until it changes", func(e *engine.Engine) (backup.Reminder, error) { return e.Dismiss(cmd.Context(), args[0]) })
			},
		})
	return c
}

func (sh *shell) answer(cmd *cobra.Command, done string, do func(*engine.Engine) (backup.Reminder, error)) error {
	return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
		r, err := do(e)
		if err != nil {
			return nil, err
		}
		return message{Text: "The reminder " + printable(r.ID) + " " + done + ".", fields: map[string]any{"reminder": r}}, nil
	})
}

// reminderIDs gives the reminders, as they were last looked for.
func (sh *shell) reminderIDs(ctx context.Context) (ids []string) {
	quietly(ctx, func(e *engine.Engine) {
		list, err := e.Reminders(ctx)
		if err != nil {
			return
		}
		for _, r := range list {
			ids = append(ids, cobra.CompletionWithDesc(r.ID, paragraph(r.Text)))
		}
	})
	return ids
}

type reminderList []backup.Reminder

func (l reminderList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "Nothing needs doing.")
		return
	}
	for i, r := range l {
		since := ""
		if !r.Since.IsZero() {
			since = ", since " + r.Since.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%d. %s%s.\n   %s\n   (%s)\n", i+1, capital(paragraph(r.Text)), since, printable(r.Command), printable(r.ID))
	}
	fmt.Fprintln(w, "\nNot now: holdfast remind snooze ID 7d. Not again until it changes: holdfast remind dismiss ID")
}

// capital begins a sentence, unless it begins with a path or a name.
func capital(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if !slices.Contains([]string{"the", "every", "no", "secrets", "your"}, first) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
