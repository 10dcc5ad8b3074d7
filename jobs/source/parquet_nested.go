package source

import (
	"context"
	"strings"
)

// topColumn is the column of a Parquet file that a path begins in.
func topColumn(path string) string {
	column, _, _ := strings.Cut(strings.TrimPrefix(path, "$."), ".")
	column, _, _ = strings.Cut(column, "[")
	return column
}

// nested are the columns that the mapping needs, when one of its paths leads inside a
// column; nil when every one is a column itself.
func (s *staging) nested(types map[string]string) []string {
	columns := map[string]bool{}
	inside := false
	for _, path := range s.mapper.wanted {
		column := topColumn(path)
		if types[path] != "" {
			column = path
		} else if types[column] == "" {
			continue
		} else {
			inside = true
		}
		columns[column] = true
	}
	if !inside {
		return nil
	}
	return sortedKeys(columns)
}

// fillNested maps a file with nested columns: each row passes as the JSON document
// that it would be in JSON lines.
func (s *staging) fillNested(ctx context.Context, from string, columns []string) error {
	var members []string
	for _, column := range columns {
		members = append(members, quoteText(column)+": "+quoteName(column))
	}
	_, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+parquetRows+" AS SELECT file_row_number + 1 AS line_no, CAST(to_json({"+
		strings.Join(members, ", ")+"}) AS VARCHAR) AS c0 FROM "+from+" ORDER BY file_row_number")
	if err != nil {
		return err
	}
	s.out.Records = 0 // counted again, row by row
	docs, err := newJSONL(strings.NewReader(""), s.mapper.wanted, nil, s.fault)
	if err != nil {
		return err
	}
	docs.sent.state = "unknown"
	return s.fillSpooled(ctx, &nestedRows{rows: textRows{ctx: ctx, tx: s.tx, table: parquetRows, columns: 1}, docs: docs,
		row: record{fields: make([]value, 1)}})
}

// nestedRows reads rows that are JSON documents.
type nestedRows struct {
	rows textRows
	docs *jsonlReader
	row  record
}

func (n *nestedRows) next(rec *record) error {
	if err := n.rows.next(&n.row); err != nil {
		return err
	}
	rec.begin(n.row.line, -1)
	if rule := n.docs.doc.parse([]byte(n.row.fields[0].text)); rule != "" {
		rec.refuse(rule, "")
		return nil
	}
	return n.docs.record(rec)
}
