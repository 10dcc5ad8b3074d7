package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
)

// queryer is what *sql.DB and *sql.Conn share.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Read returns all rows of a query. T is a struct whose fields carry `db:"column"`
// tags; every column must have its field and every tagged field its column. A
// column that may be NULL needs a pointer or a sql.Null type. A sum that may pass
// 64 bits is CAST AS VARCHAR in the query and read as a string. The query must be
// small and end in a total ORDER BY; a result without rows is an empty, non-nil
// slice.
func Read[T any](ctx context.Context, tx *Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed("read", "", fmt.Errorf("%s: %w", firstLine(query), err))
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, failed("read", "", err)
	}
	fields, err := matchFields(reflect.TypeFor[T](), columns)
	if err != nil {
		return nil, failed("read", "", fmt.Errorf("%s: %w", firstLine(query), err))
	}
	out := []T{}
	targets := make([]any, len(columns))
	for rows.Next() {
		var row T
		value := reflect.ValueOf(&row).Elem()
		for i, field := range fields {
			targets[i] = value.Field(field).Addr().Interface()
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, failed("read", "", fmt.Errorf("%s: row %d: %w", firstLine(query), len(out)+1, err))
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		return nil, failed("read", "", fmt.Errorf("%s: %w", firstLine(query), err))
	}
	return out, nil
}

// matchFields returns, for each column, the index of the field tagged with it.
func matchFields(t reflect.Type, columns []string) ([]int, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct with db tags", t)
	}
	tagged := map[string]int{}
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("db")
		if tag == "" || tag == "-" {
			continue
		}
		if !t.Field(i).IsExported() {
			return nil, fmt.Errorf("%s.%s has a db tag but is not exported", t, t.Field(i).Name)
		}
		if _, twice := tagged[tag]; twice {
			return nil, fmt.Errorf("%s has two fields for column %s", t, tag)
		}
		tagged[tag] = i
	}
	fields := make([]int, len(columns))
	for i, column := range columns {
		field, ok := tagged[column]
		if !ok {
			return nil, fmt.Errorf("%s has no field for column %s", t, column)
		}
		fields[i] = field
		delete(tagged, column)
	}
	for column := range tagged {
		return nil, fmt.Errorf("%s wants column %s, which is not there", t, column)
	}
	return fields, nil
}
