package source

import (
	"maps"
	"slices"
	"strings"
)

// ColumnType is what a column of a table holds, and so which options its
// mapping may have.
type ColumnType int

// The column types. A TimeColumn x_at becomes x_us, a MoneyColumn x becomes
// x_micros in the warehouse; the others keep their name.
const (
	TextColumn    ColumnType = iota // text as it is
	EnumColumn                      // one of TableColumn.Enum
	KeyColumn                       // identifier, keyed before it is stored
	TimeColumn                      // point in time, stored as epoch microseconds
	DayColumn                       // calendar day
	MoneyColumn                     // amount, stored in micros
	FlagColumn                      // true or false
	CountColumn                     // whole number, not negative
	ConsentColumn                   // granted, denied or unknown: of several places the strictest counts
	AgentColumn                     // user agent, of which only the families are stored
)

// TableColumn is one column that a source can map.
type TableColumn struct {
	Name     string
	Type     ColumnType
	Required bool     // a row without it is quarantined
	Enum     []string // the values of an EnumColumn
}

// isWord tells whether the column's values are words whose capitals do not matter.
func (t TableColumn) isWord() bool {
	return t.Type == EnumColumn || t.Type == ConsentColumn || t.Type == FlagColumn
}

// hasNames tells whether few of the column's values differ, however many rows it has.
func (t TableColumn) hasNames() bool {
	return t.Type == EnumColumn || t.Type == FlagColumn || t.Type == TextColumn && !strings.HasSuffix(t.Name, "_id")
}

// rule is the identifier rule of a key column that names none.
func (t TableColumn) rule() IDRule {
	switch t.Name {
	case "email_key":
		return Email
	case "phone_key":
		return Phone
	case "ip_key":
		return IP
	case "device_key":
		return Device
	case "id_key":
		return ByType
	}
	return Opaque
}

// Surfaces are the places that an event can be seen on.
func Surfaces() []string { return []string{"pixel", "server", "app", "analytics"} }

// ActionSources are the places where an event took place, in the words of IAB
// ECAPI 1.0 and of Meta's action_source.
func ActionSources() []string {
	return []string{"app", "business_messaging", "chat", "email", "other", "phone_call", "physical_store", "system_generated", "website"}
}

// ConsentStates are what a person said of one purpose of their data.
func ConsentStates() []string { return []string{"granted", "denied", "unknown"} }

// OrderStates are the payment states of a CRM order.
func OrderStates() []string {
	return []string{"verified", "authorized", "pending", "refunded", "void", "unknown"}
}

// LinkTypes are the kinds of identifier that can lead to a household.
func LinkTypes() []string { return []string{"email", "phone", "ip", "device", "customer"} }

// Tables are the names of the tables that sources can fill, in order.
func Tables() []string {
	return []string{"exposure", "event", "crm_order", "assignment", "identity_link", "spend", "platform_report"}
}

// TableColumns returns the columns that a source of the table can map, in
// the table's order; nil for an unknown table.
func TableColumns(table string) []TableColumn {
	switch table {
	case "exposure":
		return []TableColumn{
			{Name: "exposure_id"},
			{Name: "household_key", Type: KeyColumn},
			{Name: "exposed_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
			{Name: "campaign"},
			{Name: "creative"},
			{Name: "line_item"},
			{Name: "kind", Type: EnumColumn, Enum: []string{"delivered", "ghost", "progress"}},
			{Name: "quartile", Type: CountColumn},
			{Name: "cost", Type: MoneyColumn},
			{Name: "currency"},
			{Name: "is_invalid", Type: FlagColumn},
			{Name: "device_key", Type: KeyColumn},
			{Name: "ip_key", Type: KeyColumn},
			{Name: "customer_key", Type: KeyColumn},
		}
	case "event":
		return []TableColumn{
			{Name: "surface", Type: EnumColumn, Enum: Surfaces()},
			{Name: "platform"},
			{Name: "event_name", Required: true},
			{Name: "kind", Type: EnumColumn, Enum: []string{"conversion", "enhancement", "restatement", "retraction"}},
			{Name: "event_id"},
			{Name: "dataset_id"},
			{Name: "order_id"},
			{Name: "occurred_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
			{Name: "platform_state", Type: EnumColumn, Enum: []string{"accepted", "refused", "unknown"}},
			{Name: "value", Type: MoneyColumn},
			{Name: "currency"},
			{Name: "action_source", Type: EnumColumn, Enum: ActionSources()},
			{Name: "app_version"},
			{Name: "device_family", Type: EnumColumn, Enum: DeviceFamilies()},
			{Name: "browser_family"},
			{Name: "user_agent", Type: AgentColumn}, // of what the two do not say
			{Name: "is_test", Type: FlagColumn},
			{Name: "consent_measurement", Type: ConsentColumn, Enum: ConsentStates()},
			{Name: "consent_personalisation", Type: ConsentColumn, Enum: ConsentStates()},
			{Name: "household_key", Type: KeyColumn},
			{Name: "email_key", Type: KeyColumn},
			{Name: "phone_key", Type: KeyColumn},
			{Name: "device_key", Type: KeyColumn},
			{Name: "ip_key", Type: KeyColumn},
			{Name: "customer_key", Type: KeyColumn},
			{Name: "click_key", Type: KeyColumn},
			{Name: "cookie_key", Type: KeyColumn},
		}
	case "crm_order":
		return []TableColumn{
			{Name: "order_id", Required: true},
			{Name: "alt_order_id"},
			{Name: "ordered_at", Type: TimeColumn, Required: true},
			{Name: "paid_at", Type: TimeColumn},
			{Name: "received_at", Type: TimeColumn},
			{Name: "status", Type: EnumColumn, Required: true, Enum: OrderStates()},
			{Name: "stated_status"},
			{Name: "value", Type: MoneyColumn},
			{Name: "refunded", Type: MoneyColumn},
			{Name: "currency"},
			{Name: "consent_measurement", Type: ConsentColumn, Enum: ConsentStates()},
			{Name: "consent_personalisation", Type: ConsentColumn, Enum: ConsentStates()},
			{Name: "household_key", Type: KeyColumn},
			{Name: "email_key", Type: KeyColumn},
			{Name: "phone_key", Type: KeyColumn},
			{Name: "customer_key", Type: KeyColumn},
		}
	case "assignment":
		return []TableColumn{
			{Name: "household_key", Type: KeyColumn, Required: true},
			{Name: "arm", Required: true},
			{Name: "stratum"},
			{Name: "assigned_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
		}
	case "identity_link":
		return []TableColumn{
			{Name: "id_type", Type: EnumColumn, Required: true, Enum: LinkTypes()},
			{Name: "id_key", Type: KeyColumn, Required: true},
			{Name: "household_key", Type: KeyColumn, Required: true},
			{Name: "first_seen_at", Type: TimeColumn},
			{Name: "last_seen_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
		}
	case "spend":
		return []TableColumn{
			{Name: "day", Type: DayColumn, Required: true},
			{Name: "campaign"},
			{Name: "creative"},
			{Name: "line_item"},
			{Name: "spend", Type: MoneyColumn, Required: true},
			{Name: "currency", Required: true},
			{Name: "received_at", Type: TimeColumn},
		}
	case "platform_report":
		return []TableColumn{
			{Name: "day", Type: DayColumn, Required: true},
			{Name: "platform", Required: true},
			{Name: "campaign"},
			{Name: "creative"},
			{Name: "event_name"},
			{Name: "attribution_window"},
			{Name: "conversions", Type: MoneyColumn, Required: true},
			{Name: "value", Type: MoneyColumn},
			{Name: "currency"},
			{Name: "received_at", Type: TimeColumn},
		}
	}
	return nil
}

func columnNamed(table, name string) (TableColumn, bool) {
	for _, c := range TableColumns(table) {
		if c.Name == name {
			return c, true
		}
	}
	return TableColumn{}, false
}

// plainFormats are the formats whose columns the workspace maps.
var plainFormats = []string{"csv", "jsonl", "parquet"}

// AutoFormat finds the pack of each file by what is in it.
const AutoFormat = "auto"

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
