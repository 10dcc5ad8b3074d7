package sql

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The portable subset: what DuckDB, PostgreSQL and the distributed engines read
// alike. Everything that is not named here is refused in model and result.
var (
	// portableFunctions may stand before a bracket.
	portableFunctions = words("ABS CAST COALESCE COUNT EXISTS FIRST_VALUE GREATEST LEAD LEAST LOWER MAX MIN MOD NULLIF ROW_NUMBER SUBSTRING SUM")

	// bracketWords are no functions and may stand before a bracket too.
	bracketWords = words("ALL AND AS BETWEEN BY CASE CROSS DECIMAL DISTINCT ELSE FROM HAVING IN JOIN NOT ON OR OVER SELECT THEN UNION USING VALUES WHEN WHERE")

	// portableOperators is every operator and mark. No / (it rounds on one engine
	// and not on the other), no % (MOD), no :: (CAST), no shifts (* 65536), no
	// brackets, braces and arrows of lists, structs and lambdas.
	portableOperators = words("( ) , . ; = <> < > <= >= + - * ||")

	// refusedWords have another meaning or none elsewhere, or an order or a
	// precision that differs.
	refusedWords = map[string]string{
		"ASOF": "use the packed join", "QUALIFY": "filter a subquery", "FILTER": "use CASE inside the aggregate",
		"IGNORE": "IGNORE NULLS is not portable", "INTERVAL": "times are BIGINT microseconds",
		"TIMESTAMP": "times are BIGINT microseconds", "TIMESTAMPTZ": "times are BIGINT microseconds", "TIME": "times are BIGINT microseconds",
		"DOUBLE": "floating point happens in Go", "REAL": "floating point happens in Go", "FLOAT": "floating point happens in Go",
		"LIMIT": "rows have no order", "OFFSET": "rows have no order", "SAMPLE": "rows have no order",
		"HUGEINT": "use DECIMAL(38, 0)", "TINYINT": "use BIGINT", "UBIGINT": "use BIGINT", "UINTEGER": "use BIGINT",
		"STRUCT": "no nested types", "MAP": "no nested types", "LIST": "no nested types", "ARRAY": "no nested types", "JSON": "no nested types",
		"BLOB": "no bytes", "LAMBDA": "no lambdas", "LATERAL": "write a join", "POSITIONAL": "write a join", "SEMI": "use EXISTS", "ANTI": "use NOT EXISTS",
		"EXCLUDE": "name the columns", "REPLACE": "name the columns", "PIVOT": "use CASE", "UNPIVOT": "use UNION ALL",
		"ILIKE": "not portable", "GLOB": "not portable", "SIMILAR": "not portable", "RECURSIVE": "not portable", "MATERIALIZED": "not portable",
	}
)

func words(list string) []string { return strings.Fields(list) }

var token = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"[^"]*"|\$?[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?|<>|<=|>=|!=|==|\|\||::|:=|<<|>>|->|=>|//|\*\*|\S`)

// lint lists what in a file of model or result is not portable.
func lint(text string) []string {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	var tokens []string
	for _, tok := range token.FindAllString(text, -1) {
		switch {
		case strings.HasPrefix(tok, "--"):
		case strings.HasPrefix(tok, "/*"):
			say("comments open with --")
		case strings.HasPrefix(tok, "'"):
			tokens = append(tokens, "''")
		default:
			tokens = append(tokens, tok)
		}
	}
	filledByGo := isFilledByGo(tokens)
	for i, tok := range tokens {
		next, before := at(tokens, i+1), at(tokens, i-1)
		upper := strings.ToUpper(tok)
		switch {
		case tok[0] == '$' && (isArithmetic(next) && isNumber(at(tokens, i+2)) || isArithmetic(before) && isNumber(at(tokens, i-2))):
			say("%s beside a number is 32 bits wide on some engines: CAST it", tok)
		case tok == "''" || tok[0] == '$' || tok[0] >= '0' && tok[0] <= '9':
			if strings.ContainsAny(tok, ".eE") && tok[0] != '$' {
				say("%s: only whole numbers", tok)
			}
		case tok[0] == '"':
			say("%s: names are lower case and not quoted", tok)
		case !isName(tok):
			if !slices.Contains(portableOperators, tok) {
				say("operator %s", tok)
			}
		case before == ".": // a column, whatever its name
		case next == "(" && !slices.Contains(portableFunctions, upper) && !slices.Contains(bracketWords, upper):
			say("function %s", tok)
		case upper == "ALL" && strings.EqualFold(before, "BY"):
			say("%s ALL: name the columns", strings.ToUpper(at(tokens, i-2)+" BY"))
		case refusedWords[upper] != "" && !(upper == "DOUBLE" && filledByGo):
			say("%s: %s", tok, refusedWords[upper])
		}
	}
	return problems
}

// isFilledByGo: the file is a typed empty SELECT, which computes nothing.
func isFilledByGo(tokens []string) bool {
	joined := strings.ToUpper(strings.Join(tokens, " "))
	return strings.HasSuffix(joined, " WHERE FALSE") && !slices.Contains(tokens, "FROM")
}

func at(tokens []string, i int) string {
	if i < 0 || i >= len(tokens) {
		return ""
	}
	return tokens[i]
}

func isArithmetic(tok string) bool { return tok == "+" || tok == "-" || tok == "*" }

func isNumber(tok string) bool { return tok != "" && tok[0] >= '0' && tok[0] <= '9' }

func isName(tok string) bool {
	c := tok[0]
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func TestModelAndResultArePortable(t *testing.T) {
	files := 0
	for _, schema := range []string{"model", "result"} {
		paths, err := fs.Glob(Files, schema+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := fs.ReadFile(Files, path)
			if err != nil {
				t.Fatal(err)
			}
			files++
			for _, problem := range lint(string(text)) {
				t.Errorf("sql/%s is not portable: %s", path, problem)
			}
		}
	}
	if files == 0 {
		t.Fatal("no files were read")
	}
}

func TestLintRefuses(t *testing.T) {
	for _, text := range []string{
		"SELECT a FROM x ASOF JOIN y ON x.t >= y.t",
		"SELECT a FROM x QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1",
		"SELECT COUNT(*) FILTER (WHERE a > 1) FROM x",
		"SELECT a / 2 FROM x",
		"SELECT SUM(a) / COUNT(*) FROM x",
		"SELECT a // 2 FROM x",
		"SELECT a % 2 FROM x",
		"SELECT a::BIGINT FROM x",
		"SELECT a << 16 FROM x",
		"SELECT a >> 16 FROM x",
		"SELECT a & 1 FROM x",
		"SELECT [1, 2]",
		"SELECT {'a': 1}",
		"SELECT a[1] FROM x",
		"SELECT a ** 2 FROM x",
		"SELECT a ^ 2 FROM x",
		"SELECT a == b FROM x",
		"SELECT list_filter(a, v -> v > 1) FROM x",
		"SELECT LAST_VALUE(a IGNORE NULLS) OVER (ORDER BY b) FROM x",
		"SELECT hash(a) FROM x",
		"SELECT approx_count_distinct(a) FROM x",
		"SELECT approx_quantile(a, 0) FROM x",
		"SELECT any_value(a) FROM x",
		"SELECT arg_max(a, b) FROM x",
		"SELECT string_agg(a, ',') FROM x",
		"SELECT AVG(a) FROM x",
		"SELECT STDDEV_SAMP(a) FROM x",
		"SELECT quantile_cont(a, 1) FROM x",
		"SELECT t + INTERVAL 1 DAY FROM x",
		"SELECT epoch_us(t) FROM x",
		"SELECT make_timestamp(t) FROM x",
		"SELECT date_trunc('day', t) FROM x",
		"SELECT CAST(a AS DOUBLE) FROM x",
		"SELECT CAST(a AS DOUBLE PRECISION) FROM x WHERE FALSE",
		"SELECT CAST(a AS REAL) FROM x",
		"SELECT CAST(a AS FLOAT) FROM x",
		"SELECT CAST(a AS TIMESTAMP) FROM x",
		"SELECT CAST(a AS HUGEINT) FROM x",
		"SELECT a * 0.5 FROM x",
		"SELECT a * 1e6 FROM x",
		"SELECT a FROM x GROUP BY ALL",
		"SELECT a FROM x ORDER BY ALL",
		"SELECT a FROM x ORDER BY a LIMIT 1",
		"SELECT * EXCLUDE (a) FROM x",
		"SELECT COLUMNS('a') FROM x",
		"SELECT unnest(a) FROM x",
		"SELECT a FROM read_csv('x.csv')",
		"SELECT a FROM range(3) AS r(a)",
		"SELECT a FROM x SEMI JOIN y USING (a)",
		`SELECT "a" FROM x`,
		"SELECT a /* why */ FROM x",
		"SELECT TRY_CAST(a AS BIGINT) FROM x",
		"SELECT IF(a, 1, 2) FROM x",
		"SELECT a FROM x WHERE b ILIKE 'c'",
		"SELECT a FROM x USING SAMPLE 10",
		"SELECT a FROM x WHERE b < ($primary_us + 1) * 65536",
		"SELECT a FROM x WHERE b < 2 * $primary_us",
	} {
		if len(lint(text)) == 0 {
			t.Errorf("passed: %s", text)
		}
	}
}

func TestLintPasses(t *testing.T) {
	for _, text := range []string{
		"-- Sentence with INTERVAL / hash(x) and [brackets].\nSELECT a FROM x",
		"SELECT 'INTERVAL / hash(x) :: [1] it''s' AS a FROM x",
		"SELECT a FROM x WHERE b <= $from_us AND c <> 'd' OR NOT (e = 1)",
		"WITH z AS (SELECT DISTINCT a FROM x) SELECT z.a, COUNT(*) FROM z CROSS JOIN y GROUP BY z.a HAVING COUNT(*) > 1",
		"SELECT a FROM x UNION ALL SELECT a FROM y",
		"SELECT CASE WHEN a IN (1, 2) THEN 1 ELSE 0 END, MOD(a, 2), ABS(a), NULLIF(a, 0), COALESCE(a, 0) FROM x",
		"SELECT GREATEST(a, b), LEAST(a, b), MIN(a) OVER (PARTITION BY b) FROM x",
		"SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b, c DESC) AS n FROM x",
		"SELECT a FROM x WHERE EXISTS (SELECT 1 FROM y WHERE y.a = x.a)",
		"SELECT SUM(CAST(a AS DECIMAL(38, 0)) * b) FROM x",
		"SELECT a || b FROM x",
		"SELECT a FROM x WHERE b < (CAST($primary_us AS BIGINT) + 1) * 65536 AND c * $use > 0",
		"SELECT x.interval, x.list FROM x",
		"SELECT CAST(NULL AS DOUBLE PRECISION) AS lo WHERE FALSE",
		"SELECT a FROM x WHERE day >= CAST($from_day AS DATE)",
	} {
		if problems := lint(text); len(problems) > 0 {
			t.Errorf("refused: %s: %s", text, strings.Join(problems, "; "))
		}
	}
}
