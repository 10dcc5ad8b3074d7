package source

import (
	"context"
	"regexp"
	"strings"
)

// rawID is an exposure id as the file has it, "" when the file has none.
func (v *parquetView) rawID() string {
	f := v.fields["exposure_id"]
	if f == nil || f.slot() < 0 {
		return ""
	}
	return "CAST(p." + quoteName(f.col().Column) + " AS VARCHAR)"
}

// oddIDs holds for every exposure id that mapping may change, drop or refuse; of the
// many others, plain words of ASCII, none is looked at in Go. Most are let pass by one
// pattern, which all of these match; a CASE, because the engine tries the parts of an AND
// in an order of its own.
func oddIDs(raw string) string {
	var words []string
	for _, w := range placeholders {
		words = append(words, quoteText(w))
	}
	odd := []string{
		"strlen(%s) <> length(%s)", "left(%s, 1) <= ' '", "right(%s, 1) <= ' '", "right(%s, 1) = chr(127)", "left(%s, 1) = chr(127)",
		"contains(%s, chr(0))", "contains(%s, '@')", "contains(%s, '+') AND regexp_matches(%s, " + quoteText(internationalNumber) + ")",
		"left(%s, 1) IN ('<', '{', '$')", "length(%s) <= 17 AND lower(%s) IN (" + strings.Join(words, ", ") + ")",
		"left(%s, 1) IN ('0', '-') AND ltrim(%s, '0-') = ''",
	}
	pattern := "^$|[^!-~]|[@+]|^[" + regexp.QuoteMeta(placeholderStarts) + "]"
	return strings.ReplaceAll("CASE WHEN regexp_matches(%s, "+quoteText(pattern)+") THEN ("+strings.Join(odd, ") OR (")+") ELSE false END", "%s", raw)
}

// fillIDs maps the distinct odd exposure ids.
func (s *staging) fillIDs(ctx context.Context, v *parquetView) error {
	raw := v.rawID()
	if raw == "" {
		return nil
	}
	f := v.fields["exposure_id"]
	query := "SELECT row_number() OVER () AS line_no, raw FROM (SELECT DISTINCT " + raw + " AS raw FROM " + v.from + " AS p WHERE " + oddIDs(raw) + ")"
	odd, err := s.distinct(ctx, query, parquetIDs, "raw VARCHAR, id VARCHAR, problem VARCHAR, excerpt VARCHAR", 1, s.cleaned(f))
	v.odd = odd > 0
	return err
}
