package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
)

// Tx is one transaction on one connection. Temporary tables and views live as
// long as it does.
type Tx struct {
	db     *DB
	conn   *sql.Conn
	spools []*os.File      // removed when it ends
	tables map[string]bool // that exist, once asked for
}

// Conn is the connection of the transaction, for appenders and temporary tables.
// It must not begin, commit or outlive the transaction.
func (tx *Tx) Conn() *sql.Conn { return tx.conn }

// Transact runs do inside one transaction: all that it wrote is there when
// Transact returns nil, and nothing of it otherwise, also when do panics or ctx
// ends.
func (db *DB) Transact(ctx context.Context, do func(*Tx) error) (err error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return failed("connect", "", err)
	}
	defer func() {
		if closeErr := conn.Close(); err == nil {
			err = failed("end transaction", "", closeErr)
		}
	}()
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return failed("begin transaction", "", err)
	}
	open := true
	defer func() {
		if open {
			rollback(ctx, conn)
		}
	}()
	tx := &Tx{db: db, conn: conn}
	defer tx.removeSpools()
	if err := do(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return failed("commit", "", err)
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return failed("commit", "", err)
	}
	open = false
	return nil
}

// rollback ends the transaction also when ctx is done. Its own failure is not
// reported: the connection is closed next, which discards the transaction.
func rollback(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	_, _ = conn.ExecContext(ctx, "ROLLBACK")
}

// Exec runs one statement and returns the rows it changed (0 for CREATE).
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := tx.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, failed("execute", "", fmt.Errorf("%s: %w", firstLine(query), err))
	}
	n, err := result.RowsAffected()
	return n, failed("execute", "", err)
}

// Empty deletes every row of every table of a schema and returns how many tables
// had some. It is for what can be made again, model.*.
func (tx *Tx) Empty(ctx context.Context, schema string) (emptied int64, err error) {
	_, tables, err := tx.texts(ctx, `SELECT table_name FROM duckdb_tables()
		WHERE database_name = current_database() AND schema_name = ? ORDER BY table_name`, []any{schema})
	if err != nil {
		return 0, failed("empty", schema, err)
	}
	for _, row := range tables {
		n, err := tx.Exec(ctx, "DELETE FROM "+schema+"."+row[0])
		if err != nil {
			return 0, failed("empty", schema+"."+row[0], err)
		}
		emptied += min(n, 1)
	}
	return emptied, nil
}

func firstLine(query string) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(query), "\n")
	if len(line) > 120 {
		line, rest = line[:120], "…"
	}
	if rest != "" {
		line += " …"
	}
	return line
}

// Params are the values of a file's named parameters. A value is an int64 or int,
// string, bool, float64, []byte, *big.Int, nil, or a time.Time, which is passed as
// BIGINT epoch microseconds.
type Params map[string]any

// args picks those parameters that the file names.
func (p Params) args(f *File) ([]any, error) {
	args := make([]any, 0, len(f.Params))
	for _, name := range f.Params {
		value, ok := p[name]
		if !ok {
			return nil, fmt.Errorf("sql/%s needs parameter $%s, which was not given", f.Path, name)
		}
		switch v := value.(type) {
		case time.Time:
			value = v.UnixMicro()
		case int:
			value = int64(v)
		case nil, int64, string, bool, float64, []byte, *big.Int:
		default:
			return nil, fmt.Errorf("parameter $%s of sql/%s: type %T cannot be passed", name, f.Path, value)
		}
		args = append(args, sql.Named(name, value))
	}
	return args, nil
}

// with returns the parameters plus one.
func (p Params) with(name string, value any) Params {
	out := Params{name: value}
	for k, v := range p {
		out[k] = v
	}
	out[name] = value
	return out
}
