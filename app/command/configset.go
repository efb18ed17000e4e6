package command

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
)

func (sh *shell) configList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "What can be set, how it is, and what it means", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				list, err := e.Settings()
				return settingList(list), err
			})
		},
	}
}

func (sh *shell) configSet() *cobra.Command {
	return &cobra.Command{
		Use: "set KEY VALUE", Short: "Change a setting, such as: desktop.theme dark", Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				return message{
					Text:   printable(args[0]) + " is " + printable(args[1]) + ".",
					fields: map[string]any{"key": args[0], "value": args[1]},
				}, e.SetSetting(cmd.Context(), args[0], args[1])
			})
		},
	}
}

type settingList []engine.Setting

func (l settingList) text(w io.Writer) {
	t := newTable(w, "SETTING", "VALUE", "MEANS")
	for _, s := range l {
		means := s.Means
		if len(s.Choices) > 0 {
			means += " (" + strings.Join(s.Choices, ", ") + ")"
		}
		t.AppendRow([]any{s.Key, printable(s.Value), means})
	}
	t.Render()
}

func (sh *shell) configDiagnostics() *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use: "diagnostics --out FILE", Short: "Write a zip for who is to help: versions, configuration, check-up, runs; no secret is in it", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				return message{
					Text:   "The bundle is in " + printable(out) + ". It names your sandboxes, databases and hosts; it holds no password, key, passphrase, note or row.",
					fields: map[string]any{"out": out},
				}, e.Diagnostics(cmd.Context(), out)
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "new file for the bundle")
	_ = c.MarkFlagRequired("out") // the flag is there
	return c
}

func (sh *shell) configPlaces() *cobra.Command {
	return &cobra.Command{
		Use: "places", Short: "Where the configuration, the history, the vault and the log are", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) { return places(e.Places()), nil })
		},
	}
}

type places engine.Places

func (p places) text(w io.Writer) {
	t := newTable(w, "", "PLACE")
	t.AppendRow([]any{"home", p.Home})
	t.AppendRow([]any{"configuration", p.Config})
	t.AppendRow([]any{"vault", p.Vault})
	t.AppendRow([]any{"log", p.Log})
	t.Render()
}
