package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"holdfast/backup"
)

// AppendAudit appends an entry: its number and its place in the chain are given here, in one
// transaction with the look at the entry before.
func (c *Catalog) AppendAudit(ctx context.Context, e backup.AuditEntry) error {
	var key []byte
	if c.sealer != nil {
		key = c.sealer(ctx) // asked before the transaction: the keyring may take its time
	}
	e, err := asStored(e)
	if err != nil {
		return explain("write the audit log", err)
	}
	err = c.inTx(ctx, func(tx *sql.Tx) error {
		last, prev, err := auditTail(ctx, tx)
		if err != nil {
			return err
		}
		e.Seq = last + 1
		if err := backup.ChainAudit(key, prev, &e); err != nil {
			return err
		}
		doc, err := json.Marshal(&e)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO audit (seq, doc, mac) VALUES (?, ?, ?)", e.Seq, string(doc), e.MAC)
		return err
	})
	return explain("write the audit log", err)
}

// asStored gives e as it will be read back: JSON keeps no bytes that are not UTF-8, as file names
// and the output of commands may have, and a MAC over them would never fit again.
func asStored(e backup.AuditEntry) (backup.AuditEntry, error) {
	text, err := json.Marshal(&e)
	if err != nil {
		return e, err
	}
	e = backup.AuditEntry{}
	return e, json.Unmarshal(text, &e)
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func auditTail(ctx context.Context, q querier) (seq int64, mac string, err error) {
	err = q.QueryRowContext(ctx, "SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1").Scan(&seq, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return seq, mac, err
}

// Audit gives the whole log, oldest first.
func (c *Catalog) Audit(ctx context.Context) ([]backup.AuditEntry, error) {
	return decoded[backup.AuditEntry](c.docs(ctx, "SELECT doc FROM audit ORDER BY seq"))
}

// AuditHead gives the MAC of the newest entry; "" when there is none.
func (c *Catalog) AuditHead(ctx context.Context) (string, error) {
	_, mac, err := auditTail(ctx, c.db)
	return mac, explain("read the audit log", err)
}

// Audited says whether the log has an entry for an action that was done.
func (c *Catalog) Audited(ctx context.Context, a backup.Action) (is bool, err error) {
	err = c.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM audit
		WHERE json_extract(doc, '$.action') = ? AND json_extract(doc, '$.outcome') = 'done')`, string(a)).Scan(&is)
	return is, explain("read the audit log", err)
}
