package command

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

func (sh *shell) retentionCommand() *cobra.Command {
	return group("retention", "Which backups are kept", sh.retentionShow(), sh.retentionSet(), sh.retentionPreview(), sh.retentionPrune())
}

func (sh *shell) retentionShow() *cobra.Command {
	return &cobra.Command{
		Use: "show SANDBOX", Short: "What a sandbox keeps", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				rules, err := e.Retention(args[0])
				if err != nil {
					return nil, err
				}
				last, err := e.LastPrune(cmd.Context(), args[0])
				v := newRulesView(args[0], rules)
				if !last.At.IsZero() {
					v.LastPrune = &last
				}
				return v, err
			})
		},
	}
}

// rulesFlags are what set and preview have in common; what is not given stays as it is.
type rulesFlags struct{ scheduled, onDemand, preRestore string }

func (f *rulesFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.scheduled, "scheduled", "", "for scheduled backups, such as: 7 daily, 4 weekly, 12 monthly")
	c.Flags().StringVar(&f.onDemand, "on-demand", "", "for those made on demand, such as: 3 newest, 30 days")
	c.Flags().StringVar(&f.preRestore, "pre-restore", "", "for those made before restores, such as: 3 newest, 30 days")
}

func (f *rulesFlags) change(rules *backup.RetentionRules) error {
	for _, one := range []struct {
		text string
		rule *backup.Retention
	}{{f.scheduled, &rules.Scheduled}, {f.onDemand, &rules.OnDemand}, {f.preRestore, &rules.PreRestore}} {
		if one.text == "" {
			continue
		}
		parsed, err := backup.ParseRetention(one.text)
		if err != nil {
			return err
		}
		*one.rule = parsed
	}
	return nil
}

// rules gives the rules of a sandbox with what the flags change.
func (f *rulesFlags) rules(e *engine.Engine, sandbox string) (backup.RetentionRules, error) {
	rules, err := e.Retention(sandbox)
	if err == nil {
		err = f.change(&rules)
	}
	return rules, err
}

func (sh *shell) retentionSet() *cobra.Command {
	var f rulesFlags
	c := &cobra.Command{
		Use: "set SANDBOX", Short: "Change what a sandbox keeps; look first with preview", Args: exactly(1),
		Long: "Changes which backups a sandbox keeps. A rule is made of numbers with a word: daily, weekly, monthly, newest,\n" +
			"days; they add up. \"all\" keeps everything. Nothing is removed now: the next completed run does that, or\n" +
			"holdfast retention prune. The newest completed backup, and pinned ones, are never removed.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				rules, err := f.rules(e, args[0])
				if err == nil {
					err = e.SetRetention(cmd.Context(), args[0], rules)
				}
				if err != nil {
					return nil, err
				}
				return newRulesView(args[0], rules), nil
			})
		},
	}
	f.bind(c)
	c.MarkFlagsOneRequired("scheduled", "on-demand", "pre-restore")
	return c
}

func (sh *shell) retentionPreview() *cobra.Command {
	var f rulesFlags
	c := &cobra.Command{
		Use: "preview SANDBOX", Short: "What would be kept and removed by the rules, or by others; changes nothing", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				rules, err := f.rules(e, args[0])
				if err != nil {
					return nil, err
				}
				fates, err := e.PreviewRetention(cmd.Context(), args[0], rules)
				return newPreviewView(args[0], rules, fates), err
			})
		},
	}
	f.bind(c)
	return c
}

func (sh *shell) retentionPrune() *cobra.Command {
	return &cobra.Command{
		Use: "prune [SANDBOX]", Short: "Remove now what the rules do not keep", Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				names := args
				if len(names) == 0 {
					for _, s := range e.Sandboxes() {
						names = append(names, s.Name)
					}
				}
				list := prunedList{}
				for _, name := range names {
					pruned, err := e.Prune(cmd.Context(), name, sh.wait)
					if err != nil {
						return nil, err
					}
					list = append(list, newPrunedView(name, pruned))
				}
				e.FollowOffsite(cmd.Context())
				return list, nil
			})
		},
	}
}

// rulesView is a sandbox's rules as --json shows them.
type rulesView struct {
	Sandbox    string             `json:"sandbox"`
	Scheduled  backup.Retention   `json:"scheduled"`
	OnDemand   backup.Retention   `json:"on_demand"`
	PreRestore backup.Retention   `json:"pre_restore"`
	LastPrune  *engine.LastPruned `json:"last_prune"`
}

func newRulesView(sandbox string, r backup.RetentionRules) rulesView {
	return rulesView{Sandbox: sandbox, Scheduled: r.Scheduled, OnDemand: r.OnDemand, PreRestore: r.PreRestore}
}

func (v rulesView) text(w io.Writer) {
	t := newTable(w, "BACKUPS", "RULE", "KEEPS")
	t.AppendRow([]any{"scheduled", v.Scheduled, v.Scheduled.Words()})
	t.AppendRow([]any{"on demand", v.OnDemand, v.OnDemand.Words()})
	t.AppendRow([]any{"pre-restore", v.PreRestore, v.PreRestore.Words()})
	t.Render()
	if v.LastPrune != nil {
		fmt.Fprintf(w, "Last prune %s: %d removed, %s freed.\n", v.LastPrune.At.Local().Format(time.DateTime), v.LastPrune.Removed, size(v.LastPrune.Freed))
	}
}

// previewView is a preview as --json shows it.
type previewView struct {
	rulesView

	Keep    int        `json:"keep"`
	Delete  int        `json:"delete"`
	Backups []fateView `json:"backups"`
}

type fateView struct {
	ID      backup.ID      `json:"id"`
	Started time.Time      `json:"started"`
	Trigger backup.Trigger `json:"trigger"`
	Keep    bool           `json:"keep"`
	Tier    backup.Tier    `json:"tier"`
	Reason  string         `json:"reason"`
	Added   int64          `json:"added_bytes"`
}

func newFateView(f backup.Fate) fateView {
	return fateView{ID: f.Backup.ID, Started: f.Backup.Started.UTC(), Trigger: f.Backup.Trigger, Keep: f.Keep, Tier: f.Tier, Reason: f.Reason, Added: f.Backup.AddedBytes}
}

func newPreviewView(sandbox string, r backup.RetentionRules, fates []backup.Fate) previewView {
	v := previewView{rulesView: newRulesView(sandbox, r), Backups: []fateView{}}
	for _, f := range fates {
		v.Backups = append(v.Backups, newFateView(f))
		if f.Keep {
			v.Keep++
		} else {
			v.Delete++
		}
	}
	return v
}

func (v previewView) text(w io.Writer) {
	v.rulesView.text(w)
	fmt.Fprintf(w, "\nKeeps %d, removes %d.\n", v.Keep, v.Delete)
	t := newTable(w, "ID", "STARTED", "TRIGGER", "FATE", "TIER", "BECAUSE")
	for _, f := range v.Backups {
		fate := "remove"
		if f.Keep {
			fate = "keep"
		}
		t.AppendRow([]any{f.ID, f.Started.Local().Format(time.DateTime), f.Trigger, fate, f.Tier, f.Reason})
	}
	t.Render()
}

// prunedView is what a prune removed, as --json shows it.
type prunedView struct {
	Sandbox string     `json:"sandbox"`
	Removed []fateView `json:"removed"`
	Freed   int64      `json:"freed_bytes"`
	Alarm   string     `json:"alarm,omitempty"` // a data loss alarm that kept everything
}

func newPrunedView(sandbox string, p backup.Pruned) prunedView {
	v := prunedView{Sandbox: sandbox, Removed: []fateView{}, Freed: p.Freed}
	for _, f := range p.Fates {
		v.Removed = append(v.Removed, newFateView(f))
	}
	if p.Alarm != nil {
		v.Alarm = p.Alarm.Text()
	}
	return v
}

type prunedList []prunedView

func (l prunedList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No sandbox yet. Add one: holdfast sandbox add NAME --dsn URL")
	}
	for _, v := range l {
		switch {
		case v.Alarm != "":
			fmt.Fprintf(w, "%s: nothing is removed while its data loss alarm stands: %s. End it: holdfast sentinel acknowledge %s\n", printable(v.Sandbox), printable(v.Alarm), printable(v.Sandbox))
		case len(v.Removed) == 0:
			fmt.Fprintf(w, "%s: nothing to remove.\n", printable(v.Sandbox))
		default:
			fmt.Fprintf(w, "%s: %d removed, %s freed.\n", printable(v.Sandbox), len(v.Removed), size(v.Freed))
		}
	}
}
