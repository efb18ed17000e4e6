package backup

import (
	"slices"
	"strings"
)

// Operational says whether a table goes by a name that programs give to what they write for
// themselves: audit logs, logs of backups, sessions, queues of jobs.
func Operational(table Name) bool {
	name := strings.ToLower(table.Name)
	return slices.Contains(operationalNames(), name) ||
		slices.ContainsFunc(operationalBeginnings(), func(begin string) bool { return strings.HasPrefix(name, begin) }) ||
		slices.Contains(operationalSchemas(), strings.ToLower(table.Schema))
}

func operationalNames() []string {
	return []string{
		"audit_trail", "backup_runs",
		"session", "sessions", "user_session", "user_sessions", "http_session", "http_sessions", "django_session", "active_sessions", "login_sessions",
		"job", "jobs", "job_batches", "job_logs", "job_queue", "job_queues", "job_runs", "background_jobs", "cron_jobs", "delayed_job", "delayed_jobs",
		"failed_jobs", "queue_jobs", "queued_jobs", "scheduled_jobs", "worker_jobs", "good_jobs", "oban_jobs", "que_jobs",
	}
}

func operationalBeginnings() []string {
	return []string{"audit_log", "backup_log", "good_job_", "solid_queue_"}
}

// operationalSchemas are those that queues of jobs make for themselves.
func operationalSchemas() []string { return []string{"pgboss", "graphile_worker"} }
