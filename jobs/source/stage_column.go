package source

import "strings"

// stageName is the name of a column in its stage table.
func stageName(c TableColumn) string {
	switch c.Type {
	case TimeColumn:
		return strings.TrimSuffix(c.Name, "_at") + "_us"
	case MoneyColumn:
		return c.Name + "_micros"
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
