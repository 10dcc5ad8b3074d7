package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// keyProven reports whether the file's SELECT makes its key unique. The answer belongs to the text, so it is found once.
func (tx *Tx) keyProven(ctx context.Context, f *File) (bool, error) {
	tx.db.mu.Lock()
	defer tx.db.mu.Unlock()
	if proven, known := tx.db.proven[f.Table]; known {
		return proven, nil
	}
	root, err := parseTree(ctx, tx.conn, f.Text)
	if err != nil {
		return false, fmt.Errorf("sql/%s: %w", f.Path, err)
	}
	proven := selectProves(root, f.Key)
	tx.db.proven[f.Table] = proven
	return proven, nil
}

// node is a JSON object of DuckDB's parse tree.
type node = map[string]any

// parseTree returns the root of the only statement of text, by DuckDB's own
// parser. It fails when text is not exactly one SELECT.
func parseTree(ctx context.Context, conn queryer, text string) (node, error) {
	var raw string
	err := conn.QueryRowContext(ctx, "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", text).Scan(&raw)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	var tree struct {
		Error      bool   `json:"error"`
		Message    string `json:"error_message"`
		Statements []struct {
			Node node `json:"node"`
		} `json:"statements"`
	}
	if err := json.Unmarshal([]byte(raw), &tree); err != nil {
		return nil, fmt.Errorf("decode parse tree: %w", err)
	}
	if tree.Error {
		return nil, fmt.Errorf("parse: %s", tree.Message)
	}
	if len(tree.Statements) != 1 {
		return nil, fmt.Errorf("parse: %d statements, want 1", len(tree.Statements))
	}
	return tree.Statements[0].Node, nil
}

// selectProves reports whether the SELECT itself makes its key unique. It answers
// false whenever it is not sure, which costs a count and nothing else.
func selectProves(root node, key []string) bool {
	selected, _ := root["select_list"].([]any)
	if root["type"] != "SELECT_NODE" || root["aggregate_handling"] != "STANDARD_HANDLING" || multipliesRows(selected) {
		return false
	}
	return groupingProves(root, selected, key) || numberingProves(root, selected, key) || lineProves(root, selected, key)
}

// groupingProves: every expression of the outermost GROUP BY is an output column
// of the key.
func groupingProves(root node, selected []any, key []string) bool {
	groups, _ := root["group_expressions"].([]any)
	sets, _ := root["group_sets"].([]any)
	if len(groups) == 0 || len(sets) != 1 {
		return false
	}
	if set, _ := sets[0].([]any); len(set) != len(groups) {
		return false
	}
	for _, g := range groups {
		if !slices.ContainsFunc(key, func(name string) bool { return isColumn(g, selected, name) }) {
			return false
		}
	}
	return true
}

// numberingProves: a column of the key numbers all rows, by ROW_NUMBER without
// PARTITION BY.
func numberingProves(root node, selected []any, key []string) bool {
	for _, s := range selected {
		item, _ := s.(node)
		partitions, _ := item["partitions"].([]any)
		if item["type"] == "WINDOW_ROW_NUMBER" && len(partitions) == 0 && slices.Contains(key, outputName(item)) {
			return true
		}
	}
	return false
}

// lineProves: rows of one stage table pass through as they are, and the key has
// their line_no, which the reader counts up.
func lineProves(root node, selected []any, key []string) bool {
	from, _ := root["from_table"].(node)
	table, _ := from["table_name"].(string)
	groups, _ := root["group_expressions"].([]any)
	if from["type"] != "BASE_TABLE" || stages[table] == "" || len(groups) > 0 || !slices.Contains(key, "line_no") {
		return false
	}
	for _, s := range selected {
		item, _ := s.(node)
		names, _ := item["column_names"].([]any)
		if outputName(item) == "line_no" && item["class"] == "COLUMN_REF" && len(names) > 0 && names[len(names)-1] == "line_no" {
			return true
		}
	}
	return false
}

// isColumn reports whether the output column of that name is the group expression.
func isColumn(group any, selected []any, name string) bool {
	for i, s := range selected {
		item, _ := s.(node)
		if outputName(item) != name {
			continue
		}
		if position(group) == i+1 {
			return true
		}
		return reflect.DeepEqual(bare(group), bare(item))
	}
	return false
}

// outputName is the alias of a select item or the last part of its column name.
func outputName(item node) string {
	if alias, _ := item["alias"].(string); alias != "" {
		return alias
	}
	names, _ := item["column_names"].([]any)
	if len(names) == 0 {
		return ""
	}
	name, _ := names[len(names)-1].(string)
	return name
}

// position is n for GROUP BY n, and 0 for any other expression.
func position(group any) int {
	g, _ := group.(node)
	value, _ := g["value"].(node)
	if g["class"] != "CONSTANT" || value == nil {
		return 0
	}
	n, _ := value["value"].(float64)
	return int(n)
}

// bare is an expression without its place in the text and its outer alias.
func bare(expression any) any {
	out := stripLocations(expression)
	if n, ok := out.(node); ok {
		delete(n, "alias")
	}
	return out
}

func stripLocations(v any) any {
	switch v := v.(type) {
	case node:
		out := maps.Clone(v)
		delete(out, "query_location")
		for k, child := range out {
			out[k] = stripLocations(child)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, child := range v {
			out[i] = stripLocations(child)
		}
		return out
	}
	return v
}

// multipliesRows reports whether a select list holds unnest, which makes several
// rows of one group.
func multipliesRows(v any) bool {
	switch v := v.(type) {
	case node:
		if name, _ := v["function_name"].(string); name == "unnest" || name == "unlist" {
			return true
		}
		for _, child := range v {
			if multipliesRows(child) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, multipliesRows)
	}
	return false
}
