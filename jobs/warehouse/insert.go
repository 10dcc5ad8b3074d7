package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"
)

// Insert appends rows, a slice of struct with `db:"column"` tags, to a table,
// which is made when it is missing, and returns how many there were. Every column
// of the table must have its field and the other way round. Nil pointers and
// invalid sql.Null values become NULL.
func (tx *Tx) Insert(ctx context.Context, table string, rows any) (int64, error) {
	n, err := tx.insert(ctx, table, rows)
	if err != nil {
		return 0, failed("insert", table, err)
	}
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return 0, failed("insert", table, err)
	}
	return n, tx.check(ctx, f, nil, fileScope(f, reflect.ValueOf(rows)), false)
}

// fileScope is the scope of file_id when it is part of the key and all rows have
// the same, else the whole table.
func fileScope(f *File, list reflect.Value) scope {
	element := list.Type().Elem()
	for i := range element.NumField() {
		if element.Field(i).Tag.Get("db") != "file_id" || list.Len() == 0 {
			continue
		}
		id := list.Index(0).Field(i).Interface()
		for j := range list.Len() {
			if list.Index(j).Field(i).Interface() != id {
				return scope{}
			}
		}
		if written := scopeOf(f, "file_id", id); written.column != "" {
			return written.of(int64(list.Len()))
		}
		return scope{}
	}
	return scope{}
}

// Fill replaces all rows of a table by these and checks it.
func (tx *Tx) Fill(ctx context.Context, table string, rows any) (int64, error) {
	if err := tx.Ensure(ctx, table); err != nil {
		return 0, failed("fill", table, err)
	}
	if err := tx.run(ctx, "DELETE FROM "+table); err != nil {
		return 0, failed("fill", table, err)
	}
	n, err := tx.insert(ctx, table, rows)
	if err != nil {
		return 0, failed("fill", table, err)
	}
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return 0, failed("fill", table, err)
	}
	return n, tx.check(ctx, f, nil, scope{}.of(n), false)
}

// InsertRun replaces the rows of one run by these and checks them. A row of
// another run is an error.
func (tx *Tx) InsertRun(ctx context.Context, table, runID string, rows any) (int64, error) {
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return 0, failed("insert run", table, err)
	}
	if err := tx.Ensure(ctx, table); err != nil {
		return 0, failed("insert run", table, err)
	}
	if err := tx.deleteRun(ctx, table, runID); err != nil {
		return 0, failed("insert run", table, err)
	}
	n, err := tx.insert(ctx, table, rows)
	if err != nil {
		return 0, failed("insert run", table, err)
	}
	var stored int64
	err = tx.conn.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE run_id = ?", runID).Scan(&stored)
	if err != nil {
		return 0, failed("insert run", table, err)
	}
	if stored != n {
		return 0, failed("insert run", table, fmt.Errorf("%d of %d rows are not of run %s", n-stored, n, runID))
	}
	return n, tx.check(ctx, f, Params{"run_id": runID}, runScope(f, runID, n), false)
}

func (tx *Tx) insert(ctx context.Context, table string, rows any) (int64, error) {
	if err := tx.Ensure(ctx, table); err != nil {
		return 0, err
	}
	list := reflect.ValueOf(rows)
	if list.Kind() != reflect.Slice {
		return 0, fmt.Errorf("rows are %T, want a slice of struct", rows)
	}
	columns, err := tx.columns(ctx, table)
	if err != nil {
		return 0, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	fields, err := matchFields(list.Type().Elem(), names)
	if err != nil {
		return 0, err
	}
	schema, name, _ := strings.Cut(table, ".")
	err = tx.conn.Raw(func(raw any) error {
		appender, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), schema, name)
		if err != nil {
			return err
		}
		return errors.Join(appendRows(ctx, appender, list, fields, columns), appender.CloseWithCancel(ctx))
	})
	return int64(list.Len()), err
}

// columns of a table in their order.
func (tx *Tx) columns(ctx context.Context, table string) ([]Column, error) {
	_, rows, err := tx.texts(ctx, "SELECT name, type FROM pragma_table_info(?) ORDER BY cid", []any{table})
	columns := make([]Column, len(rows))
	for i, row := range rows {
		columns[i] = Column{Name: row[0], Type: row[1]}
	}
	return columns, err
}

func appendRows(ctx context.Context, a *duckdb.Appender, list reflect.Value, fields []int, columns []Column) error {
	values := make([]driver.Value, len(fields))
	for i := range list.Len() {
		if i%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		row := list.Index(i)
		for j, field := range fields {
			value, err := cell(row.Field(field), columns[j].Type)
			if err != nil {
				return fmt.Errorf("row %d, column %s: %w", i+1, columns[j].Name, err)
			}
			values[j] = value
		}
		if err := a.AppendRow(values...); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return nil
}

// cell turns a field into what the appender takes for a column of that type.
func cell(v reflect.Value, kind string) (driver.Value, error) {
	if valuer, ok := v.Interface().(driver.Valuer); ok {
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, nil
		}
		value, err := valuer.Value()
		if err != nil || value == nil {
			return nil, err
		}
		return cell(reflect.ValueOf(value), kind)
	}
	if n, ok := v.Interface().(*big.Int); ok && n != nil {
		return n, nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return cell(v.Elem(), kind)
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			return nil, fmt.Errorf("text is not valid UTF-8")
		}
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if kind == "HUGEINT" {
			return big.NewInt(v.Int()), nil
		}
		return v.Int(), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return value.UTC(), nil
	case []byte:
		return value, nil
	}
	return nil, fmt.Errorf("type %s cannot be stored", v.Type())
}
