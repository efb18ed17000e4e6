package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// lendKey gives the recovery key that a person typed for this start of the program; "" for none.
func (c *Controller) lendKey() backup.RecoveryKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lent
}

// lookForKey notices that the keyring, or the key file, gives the vault key no more, and asks for it once. A
// locked keyring is not asked again until a person wants it: it would put up its own prompt each time.
func (c *Controller) lookForKey(ctx context.Context, again bool) {
	c.mu.Lock()
	known := c.asked.Cause != nil
	c.mu.Unlock()
	if known && !again {
		return
	}
	var missing error
	err := c.with(ctx, voice{}, func(e *engine.Engine) error {
		missing = e.KeyMissing(ctx)
		return nil
	})
	if err != nil || ctx.Err() != nil {
		return // reload says what is wrong
	}
	c.mu.Lock()
	c.asked.Cause = backup.FaultOf(missing)
	c.mu.Unlock()
	c.show()
	c.tell("key", lang.L("Backups wait for the vault key"), views.Place{}, missing)
}

// TryKeyring looks for the vault key where it is kept, once more.
func (c *Controller) TryKeyring() {
	c.running.Go(func() {
		c.lookForKey(c.life, true)
		c.carryOn()
	})
}

// GiveKey takes the recovery key from a person.
func (c *Controller) GiveKey(typed string) {
	c.running.Go(func() {
		var key backup.RecoveryKey
		var kept bool
		err := c.with(c.life, voice{}, func(e *engine.Engine) (err error) {
			key, kept, err = e.GiveKey(c.life, keyIn(typed))
			return err
		})
		c.mu.Lock()
		c.asked.Trouble = backup.FaultOf(err)
		if err == nil {
			c.asked = views.KeyAsked{}
			c.lent = key
			if kept {
				c.lent = ""
			}
		}
		c.mu.Unlock()
		c.show()
		c.carryOn()
	})
}

// carryOn does what waited for the key.
func (c *Controller) carryOn() {
	c.mu.Lock()
	waits := c.asked.Cause != nil
	c.mu.Unlock()
	if waits {
		return
	}
	c.tell("key", "", views.Place{}, nil)
	c.RunDue(c.life)
	c.reload()
}

// ShowKey shows the recovery key again, once a person approved.
func (c *Controller) ShowKey() {
	c.prefer(lang.L("Show the recovery key"), func(ctx context.Context, e *engine.Engine) error {
		key, err := e.RecoveryKey(ctx)
		if err == nil {
			c.showKey(key)
		}
		return err
	})
}

// ChangeKey gives the vault another recovery key, once a person approved, and shows it.
func (c *Controller) ChangeKey() {
	c.prefer(lang.L("Change the recovery key"), func(ctx context.Context, e *engine.Engine) error {
		changed, err := e.ChangeRecoveryKey(ctx, engine.ChangeKey{Shown: true})
		if err == nil {
			c.mu.Lock()
			c.lent = ""
			c.mu.Unlock()
			c.showKey(changed.Key)
		}
		return err
	})
}

func (c *Controller) showKey(key backup.RecoveryKey) {
	c.editSetup(func(s *views.Setup) { s.Key, s.Kit, s.Problem, s.Again = string(key), "", nil, true })
}

// HideKey shows the recovery key no more; whether it is kept stays open.
func (c *Controller) HideKey() {
	c.editSetup(func(s *views.Setup) { s.Key, s.Kit, s.Again = "", "", false })
	go c.reload()
}

// TestKit compares the last group of the key on the kit with the vault's.
func (c *Controller) TestKit(group string) {
	c.prefer(lang.L("Test the recovery kit"), func(ctx context.Context, e *engine.Engine) error { return e.TestKit(ctx, group) })
}
