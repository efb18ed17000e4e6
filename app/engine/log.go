package engine

import (
	"context"
	"log/slog"
	"path/filepath"

	"holdfast/app/logbook"
	"holdfast/backup"
	"holdfast/platform"
)

func (e *Engine) logFile() logbook.File { return logOf(e.paths) }

func logOf(paths platform.Paths) logbook.File {
	return logbook.File{Path: filepath.Join(paths.Home, "holdfast.log")}
}

// logEntry puts an entry of the audit log into the log too: that is how runs begin and end.
func (e *Engine) logEntry(entry *backup.AuditEntry) {
	level, what := slog.LevelInfo, string(entry.Decision)
	if entry.Outcome != "" {
		what = entry.Outcome
		if what != "done" {
			level = slog.LevelError
		}
	}
	attrs := []slog.Attr{slog.String("action", string(entry.Action)), slog.String("sandbox", entry.Sandbox), slog.String("object", entry.Object), slog.String("via", entry.Via)}
	e.log.LogAttrs(context.Background(), level, what, attrs...)
}

// logRun says that a run began, or how it ended.
func logRun(log *slog.Logger, what string, id backup.ID, sandbox string, status backup.Status, fault *backup.Fault) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("run", string(id)), slog.String("sandbox", sandbox)}
	if fault != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", fault.Text), slog.String("hint", fault.Hint))
	}
	log.LogAttrs(context.Background(), level, what+" "+string(status), attrs...)
}

// LogPath gives where the log of the home that the environment names is, or will be.
func LogPath() (string, error) {
	paths, err := platform.FindPaths()
	if err != nil {
		return "", err
	}
	return logOf(paths).Path, nil
}

// LogFault puts an error that a person was shown into the log of the home that the environment names:
// its text and remedy, never its cause. Wrong words and what a person cancelled are not worth it.
func LogFault(err error) {
	paths, findErr := platform.FindPaths()
	if kind := backup.KindOf(err); findErr != nil || kind == "" || kind == backup.Usage || kind == backup.Cancelled {
		return
	}
	fault := backup.FaultOf(err)
	logOf(paths).Logger().Error(fault.Text, "hint", fault.Hint, "kind", fault.Kind)
}
