package controller

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// aboutDownload begins the names of jobs that write downloads. No sandbox has a colon in its name.
const aboutDownload = "download:"

// download is one since the start.
type download struct {
	views.Download
	sandbox string
}

// Download writes a backup into a folder, in the background: the sandbox's other jobs go on.
func (c *Controller) Download(what views.Downloading) {
	when := c.momentOf(what.Backup)
	title := lang.L("Download of {{.Name}}, {{.When}}, as {{.Format}}", values{"Name": what.Sandbox, "When": when, "Format": what.Format})
	c.mu.Lock()
	c.downloaded++
	d := &download{sandbox: what.Sandbox, Download: views.Download{Job: fmt.Sprintf("%s%s:%d", aboutDownload, what.Sandbox, c.downloaded), Title: title}}
	c.downloads = slices.Insert(c.downloads, 0, d)
	c.mu.Unlock()
	c.job(d.Job, title, lang.L("Download it"), func(ctx context.Context, e *engine.Engine) error {
		done, err := e.Download(ctx, engine.DownloadRequest{Ref: string(what.Backup), Format: what.Format, AllTables: what.AllTables, Out: what.Folder, Passphrase: what.Passphrase})
		if err != nil {
			if backup.KindOf(err) == backup.Cancelled || ctx.Err() != nil {
				c.ForgetDownload(d.Job)
			}
			return err
		}
		c.ready(d, done)
		return nil
	})
}

// ready shows where a download is, and says so.
func (c *Controller) ready(d *download, done *engine.Downloaded) {
	c.mu.Lock()
	d.Path, d.Bytes, d.Sealed = done.Path, done.Bytes, done.Sealed
	d.Opens = done.Format.Load(backup.ShellWord(done.Path))
	if done.Sealed {
		d.Opens = "age -d -o FILE " + backup.ShellWord(done.Path)
	}
	c.mu.Unlock()
	c.ui.NotifyAt(lang.L("The download is ready"), done.Path, views.Place{Folder: done.Path})
}

// momentOf says when a backup began, as a person reads it.
func (c *Controller) momentOf(id backup.ID) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.state.Sandboxes {
		for _, k := range b.Backups {
			if k.ID == id {
				return views.Moment(k.Started.Local())
			}
		}
	}
	return string(id)
}

// ForgetDownload says no more of a download. Its file stays.
func (c *Controller) ForgetDownload(job string) {
	c.mu.Lock()
	c.downloads = slices.DeleteFunc(c.downloads, func(d *download) bool { return d.Job == job })
	delete(c.problems, job)
	c.mu.Unlock()
	c.show()
}

// overlayDownloads puts over a sandbox what is written, and was.
func (c *Controller) overlayDownloads(b *views.Sandbox) {
	b.Downloads = nil
	for _, d := range c.downloads {
		if d.sandbox != b.Name {
			continue
		}
		one := d.Download
		one.Problem = c.problems[d.Job]
		if j := c.jobs[d.Job]; j != nil {
			busy := j.busy
			busy.Writes = true
			one.Busy = &busy
		}
		if one.Busy != nil || one.Problem != nil || one.Path != "" {
			b.Downloads = append(b.Downloads, one)
		}
	}
}

// placeOf is what a notification about a job opens.
func placeOf(job string) views.Place {
	rest, is := strings.CutPrefix(job, aboutDownload)
	if !is {
		return views.Place{Sandbox: job}
	}
	sandbox, _, _ := strings.Cut(rest, ":")
	return views.Place{Sandbox: sandbox, Section: views.SectionDownloads}
}

// readDownloads reads what is written for a sandbox by itself.
func (c *Controller) readDownloads(e *engine.Engine, s backup.Sandbox, b *views.Sandbox) error {
	p, err := e.DownloadPlan(c.life, s.Name)
	b.Writes = &views.DownloadPlan{Format: "dump", Keep: 7}
	if err != nil || p == nil {
		return err
	}
	d := e.DownloadEvery(s.Name)
	b.Writes = &views.DownloadPlan{On: true, Folder: p.Folder, Format: string(p.Format), Every: d, Keep: p.Keep, Sealed: p.Sealed, AllTables: p.AllTables, Files: p.Files}
	return nil
}

// SetDownloads changes what is written for a sandbox by itself, once a person approved.
func (c *Controller) SetDownloads(sandbox string, plan views.DownloadPlan, passphrase string) {
	req := engine.SetDownloads{Folder: &plan.Folder, Format: &plan.Format, Every: &plan.Every, Keep: &plan.Keep, AllTables: &plan.AllTables}
	if !plan.Sealed || passphrase != "" {
		req.Passphrase = &passphrase
	}
	if !plan.Sealed {
		none := ""
		req.Passphrase = &none
	}
	c.edit(sandbox, lang.L("Write downloads by itself"), func(ctx context.Context, e *engine.Engine) error { return e.SetDownloads(ctx, sandbox, req) })
}

// StopDownloads ends that. Files that are there stay.
func (c *Controller) StopDownloads(sandbox string) {
	c.edit(sandbox, lang.L("Write no more files"), func(ctx context.Context, e *engine.Engine) error {
		return e.SetDownloads(ctx, sandbox, engine.SetDownloads{Stop: true})
	})
}

// runDownloads writes what is due into the folders of a person's choice, one after the other.
func (c *Controller) runDownloads(ctx context.Context) {
	var due []string
	err := c.with(ctx, voice{}, func(e *engine.Engine) (err error) {
		due, err = e.DueDownloads(ctx)
		return err
	})
	if err != nil {
		return // reload says what is wrong with the history
	}
	for _, sandbox := range due {
		c.runDownload(ctx, sandbox)
	}
}

func (c *Controller) runDownload(ctx context.Context, sandbox string) {
	job := aboutDownload + sandbox + ":plan"
	title := lang.L("Scheduled download of {{.Name}}", values{"Name": sandbox})
	d := &download{sandbox: sandbox, Download: views.Download{Job: job, Title: title}}
	c.mu.Lock()
	c.downloads = slices.DeleteFunc(c.downloads, func(d *download) bool { return d.Job == job })
	c.downloads = slices.Insert(c.downloads, 0, d)
	c.mu.Unlock()
	ended := c.start(job, title, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, voice{report: report}, func(e *engine.Engine) error {
			done, err := e.RunDownload(ctx, sandbox, 0)
			if err == nil && done != nil && e.Desktop().Notify == config.NotifyAll {
				c.ui.NotifyAt(lang.L("The download is ready"), done.Path, views.Place{Folder: filepath.Dir(done.Path)})
			}
			return err
		})
	})
	if ended == nil {
		return
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
