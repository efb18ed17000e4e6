package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
)

func (sh *shell) tokenCreate() *cobra.Command {
	var actions, sandboxes []string
	life := 24 * time.Hour
	var out, note string
	c := &cobra.Command{
		Use: "create", Short: "Make a token for a script or an agent (asks for approval)",
		Long: "Makes a token and writes it into a new file. A command that is started with " + secret.TokenFileEnv + " naming that\n" +
			"file may do what the token is for, without being asked, and nothing else. No token is for db_full.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return backup.Errorf(backup.Usage, "Name a new file: --out FILE", "--out is missing")
			}
			t := backup.Token{Note: note, Sandboxes: sandboxes}
			for _, text := range actions {
				action, err := backup.ParseAction(text)
				if err != nil {
					return err
				}
				t.Actions = append(t.Actions, action)
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				made, err := e.CreateToken(cmd.Context(), t, life, out)
				if err != nil {
					return nil, err
				}
				return message{
					Text:   fmt.Sprintf("The token %s is in %s until %s. Use it so: %s=%s holdfast …", made.ID, printable(out), made.Expires.Local().Format("2006-01-02 15:04"), secret.TokenFileEnv, printable(out)),
					fields: map[string]any{"token": newTokenView(&made), "path": out},
				}, nil
			})
		},
	}
	c.Flags().StringSliceVar(&actions, "actions", nil, "what it is for, such as backups.read,backups.create")
	c.Flags().StringSliceVar(&sandboxes, "sandboxes", nil, "in which sandboxes; all when not given")
	c.Flags().Var((*lengthFlag)(&life), "expires", "how long it lives, such as 12h or 30d; at most a year")
	c.Flags().StringVar(&out, "out", "", "new file for the token (0600)")
	c.Flags().StringVar(&note, "note", "", "what it is for, in words")
	return c
}

func (sh *shell) tokenList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				all, err := e.Tokens(cmd.Context())
				return tokenList(viewsOf(all, newTokenView)), err
			})
		},
	}
}

func (sh *shell) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke TOKEN-ID", Short: "End a token at once", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				revoked, err := e.RevokeToken(cmd.Context(), args[0])
				if err != nil {
					return nil, err
				}
				return message{Text: "The token " + revoked.ID + " is revoked.", fields: map[string]any{"token": newTokenView(&revoked)}}, nil
			})
		},
	}
}

// tokenView is a token as --json shows it, never with its secret.
type tokenView struct {
	ID        string          `json:"id"`
	Note      string          `json:"note"`
	Actions   []backup.Action `json:"actions"`
	Sandboxes []string        `json:"sandboxes"`
	Created   time.Time       `json:"created"`
	Expires   time.Time       `json:"expires"`
	Who       string          `json:"who"`
	State     string          `json:"state"` // valid, expired, revoked
}

func newTokenView(t *backup.Token) tokenView {
	v := tokenView{
		ID: t.ID, Note: t.Note, Actions: t.Actions, Sandboxes: append([]string{}, t.Sandboxes...),
		Created: t.Created, Expires: t.Expires, Who: t.Who, State: "valid",
	}
	switch {
	case t.Revoked:
		v.State = "revoked"
	case !time.Now().Before(t.Expires):
		v.State = "expired"
	}
	return v
}

type tokenList []tokenView

func (l tokenList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "There are no tokens.")
		return
	}
	t := newTable(w, "ID", "FOR", "IN", "EXPIRES", "STATE", "NOTE")
	for _, v := range l {
		where, actions := "all", make([]string, len(v.Actions))
		if len(v.Sandboxes) > 0 {
			where = strings.Join(v.Sandboxes, " ")
		}
		for i, a := range v.Actions {
			actions[i] = string(a)
		}
		t.AppendRow([]any{v.ID, strings.Join(actions, " "), printable(where), v.Expires.Local().Format("2006-01-02 15:04"), v.State, printable(v.Note)})
	}
	t.Render()
}
