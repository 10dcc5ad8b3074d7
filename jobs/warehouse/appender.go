package warehouse

import (
	"context"
	"database/sql/driver"

	"github.com/duckdb/duckdb-go/v2"
)

// Appender adds rows to a temporary table one by one, in bounded memory. Close it
// before the next statement of the transaction.
type Appender struct {
	table string
	inner *duckdb.Appender
}

// Appender opens an appender on a temporary table of this transaction.
func (tx *Tx) Appender(table string) (*Appender, error) {
	a := &Appender{table: table}
	err := tx.conn.Raw(func(raw any) (err error) {
		a.inner, err = duckdb.NewAppender(raw.(driver.Conn), "temp", "main", table)
		return err
	})
	if err != nil {
		return nil, failed("open appender", table, err)
	}
	return a, nil
}

// Append adds one row: a value for each column, in the table's order. Values are
// nil, string, int64, bool and, for a DATE, time.Time. It copies them.
func (a *Appender) Append(values ...driver.Value) error {
	return failed("append row", a.table, a.inner.AppendRow(values...))
}

// Close writes what is buffered and releases the appender.
func (a *Appender) Close(ctx context.Context) error {
	return failed("close appender", a.table, a.inner.CloseWithCancel(ctx))
}
