package engine

import (
	"context"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/platform"
)

// loginKey is a setting that the operating system keeps, not the configuration.
const loginKey = "login.start"

// Setting is one thing that can be set, and its value.
type Setting struct {
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Means   string   `json:"means"`
	Choices []string `json:"choices,omitempty"`
}

// Settings gives everything that SetSetting can set, as it is.
func (e *Engine) Settings() ([]Setting, error) {
	login, err := platform.Autostart()
	if err != nil {
		return nil, loginError(err)
	}
	list := []Setting{{Key: loginKey, Value: yesNo(login), Means: "start in the tray when you log in", Choices: []string{"true", "false"}}}
	for _, s := range config.Settings() {
		list = append(list, Setting{Key: s.Key, Value: s.Get(e.config), Means: s.Means, Choices: s.Choices})
	}
	return list, nil
}

// Desktop gives how the window looks and what it says.
func (e *Engine) Desktop() config.Desktop { return e.config.Desktop }

// SetSetting changes one, by its key.
func (e *Engine) SetSetting(ctx context.Context, key, value string) error {
	op := "set " + key
	if key == loginKey {
		return e.setLogin(ctx, op, value)
	}
	s, ok := config.SettingOf(key)
	if !ok {
		return backup.WithOp(op, backup.Errorf(backup.Usage, backup.Meant(key, settingKeys(), "See: holdfast config list"), "there is no setting %q", key))
	}
	if err := s.Set(&config.Config{}, value); err != nil {
		return backup.WithOp(op, badValue(value, err.Error()))
	}
	return e.change(ctx, op, "", func() error {
		return e.update(ctx, func(c *config.Config) error { return s.Set(c, value) })
	})
}

func settingKeys() []string {
	keys := []string{loginKey}
	for _, s := range config.Settings() {
		keys = append(keys, s.Key)
	}
	return keys
}

func badValue(value, hint string) error {
	return backup.Errorf(backup.Usage, hint, "%q is no value for it", value)
}

func (e *Engine) setLogin(ctx context.Context, op, value string) error {
	if value != "true" && value != "false" {
		return backup.WithOp(op, badValue(value, "it is one of: true, false"))
	}
	return e.change(ctx, op, "", func() error {
		if err := platform.SetAutostart(value == "true", "--background"); err != nil {
			return loginError(err)
		}
		return nil
	})
}

func loginError(err error) error {
	return &backup.Error{Kind: backup.Failed, Text: "what starts at login cannot be read or changed", Hint: "Is the folder writable? " + err.Error(), Err: err}
}

func yesNo(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
