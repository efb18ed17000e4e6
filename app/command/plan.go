package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/app/schedule"
	"holdfast/backup"
	"holdfast/backup/plan"
	"holdfast/platform"
)

func (sh *shell) scheduleSet() *cobra.Command {
	return &cobra.Command{
		Use: "set SANDBOX SCHEDULE…", Short: "Change when a sandbox is backed up by itself",
		Long: "Changes a schedule: daily 02:00, every 6h, weekly mon 03:00, monthly 1 03:00, or cron with five fields,\n" +
			"such as: holdfast schedule set shop cron 30 1 * * 1-5. Times are local, unless a zone follows: Europe/Berlin.",
		Args: between(2, maxWords),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := plan.Parse(strings.Join(args[1:], " "))
			if err != nil {
				return err
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.SetSchedule(cmd.Context(), args[0], s); err != nil {
					return nil, err
				}
				slots, err := e.NextSlots(args[0], 5)
				words := s.In(time.Local).Words()
				return message{
					Text:   fmt.Sprintf("%s is backed up %s; next: %s.", printable(args[0]), words, first(slots)),
					fields: map[string]any{"sandbox": args[0], "schedule": s.String(), "words": words, "next": slots},
				}, err
			})
		},
	}
}

func first(slots []time.Time) string {
	if len(slots) == 0 {
		return "never"
	}
	return slots[0].Local().Format("Mon 2006-01-02 15:04 MST")
}

func (sh *shell) schedulePause() *cobra.Command {
	return &cobra.Command{
		Use: "pause [DURATION]", Short: "Run nothing by itself for a while: an hour, or as long as said", Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			length := time.Hour
			if len(args) == 1 {
				var err error
				if length, err = parseDays(args[0]); err != nil || length <= 0 || length > 31*24*time.Hour {
					return backup.Errorf(backup.Usage, "Such as 90m, 24h or 7d; at most 31d.", "%q is no length of a pause", args[0])
				}
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				until := time.Now().Add(length)
				return message{
					Text:   "Nothing runs by itself until " + until.Format("Mon 2006-01-02 15:04") + ".",
					fields: map[string]any{"paused_until": until.UTC()},
				}, e.Pause(cmd.Context(), until)
			})
		},
	}
}

func (sh *shell) scheduleResume() *cobra.Command {
	return &cobra.Command{
		Use: "resume", Short: "End a pause", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				return message{Text: "Schedules run again; what was missed is caught up."}, e.Resume(cmd.Context())
			})
		},
	}
}

func (sh *shell) scheduleRun() *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Stay in the foreground and run what is due, as the tray does", Args: exactly(0),
		Long: "Does what the tray does, for machines without a desktop: looks each minute at what is due, and runs it;\n" +
			"looks every six hours through the code folders, and tells once a day what needs doing (see remind).\n" +
			"It ends with Ctrl-C or SIGTERM. For a systemd unit of the user, or a terminal.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			last := ""
			err := schedule.Run(cmd.Context(), func(ctx context.Context) {
				err := sh.runDueOnce(ctx)
				if text := failure(err); text != last && ctx.Err() == nil { // a lasting cause is said once
					if last = text; text != "" {
						sh.complain(err)
					}
				}
			})
			if cmd.Context().Err() == nil {
				return err
			}
			if sh.json { // asked to end: that is how it ends
				return sh.encode(message{Text: "Asked to end."})
			}
			return nil
		},
	}
}

func failure(err error) string {
	if err == nil {
		return ""
	}
	return backup.AsError(err).Error()
}

// runDueOnce opens the home anew each time: its configuration may have changed.
func (sh *shell) runDueOnce(ctx context.Context) (err error) {
	e, err := sh.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close(context.WithoutCancel(ctx))) }()
	if !e.HasVault() {
		return backup.Errorf(backup.Unreachable, "Make it: holdfast vault init", "there is no vault yet at %s", e.VaultPath())
	}
	if _, err := e.Recover(ctx); err != nil {
		return err
	}
	ran, err := e.RunDue(ctx, true, 0)
	sh.progress.end()
	for _, r := range ran {
		err = errors.Join(err, r.Err)
		if r.Err == nil && !sh.quiet {
			fmt.Fprintf(sh.err, "holdfast: backed up %s (%s)\n", printable(r.Sandbox), r.Backup.ID)
		}
	}
	return errors.Join(err, sh.remindOnce(ctx, e))
}

// remindOnce looks through the code folders when that is due, and tells what needs doing, at most
// once a day: by a notification, and where there is no desktop to show one, by the log and the
// webhook.
func (sh *shell) remindOnce(ctx context.Context, e *engine.Engine) error {
	list, err := e.Attend(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	title := counted(len(list), "thing to do", "things to do")
	text := capital(list[0].Text)
	if notify(ctx, title, text+". See: holdfast remind") == nil {
		return nil
	}
	fmt.Fprintf(sh.err, "holdfast: %s: %s. See: holdfast remind\n", title, printable(text))
	e.TellReminders(list)
	e.SendTold(ctx)
	return nil
}

// notify shows a notification on the desktop of this session.
func notify(ctx context.Context, title, text string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	n, err := platform.OpenNotifier(ctx, "Holdfast")
	if err != nil {
		return err
	}
	return n.Show(ctx, title, text, "", nil)
}
