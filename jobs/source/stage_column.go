package source

import (
	"slices"
	"strings"

	"ghostlight/jobs/warehouse"
)

// stageName is the name of a column in its stage table.
func stageName(c TableColumn) string {
	switch c.Type {
	case TimeColumn:
		return strings.TrimSuffix(c.Name, "_at") + "_us"
	case MoneyColumn:
		return c.Name + "_micros"
	case AgentColumn:
		return "device_family" // and browser_family
	}
	return c.Name
}

// ownTime is the column that says when what a row tells of took place.
func ownTime(table string) string {
	switch table {
	case "exposure":
		return "exposed_us"
	case "event":
		return "occurred_us"
	case "crm_order":
		return "ordered_us"
	case "assignment":
		return "assigned_us"
	case "identity_link":
		return "last_seen_us"
	}
	return "day"
}

// defaultValue is the value of a column that the source does not map.
func defaultValue(src Source, column string) string {
	switch column {
	case "surface":
		return src.Surface
	case "platform":
		return src.Platform
	case "kind":
		if src.Table == "event" {
			return "conversion"
		}
		return "delivered"
	case "platform_state", "consent_measurement", "consent_personalisation":
		return "unknown"
	case "is_test", "is_invalid":
		return "false"
	case "refunded":
		return "0"
	case "campaign", "creative":
		return noName
	}
	return ""
}

// filled marks the columns that no row of this file fills. Refused records, which have a
// problem, are not among the rows unless some person is kept out.
func (s *staging) filled(columns []warehouse.Column) []warehouse.Column {
	own := len(s.mapper.out) - s.mapper.words
	columns = slices.Clone(columns)
	for i := range columns {
		if i < own {
			columns[i].Empty = !s.mapper.fills(s.mapper.words + i)
		} else if !s.erasing {
			columns[i].Empty = slices.Contains(ofRefused, columns[i].Name)
		}
	}
	return columns
}

// ofRefused are the columns of a stage that only refused records fill.
var ofRefused = []string{"problem", "excerpt", "byte_offset"}
