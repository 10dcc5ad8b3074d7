package source

import (
	"maps"
	"slices"
)

// ColumnType is what a column of a table holds, and so which options its
// mapping may have.
type ColumnType int

// The column types. A TimeColumn x_at becomes x_us, a MoneyColumn x becomes
// x_micros in the warehouse; the others keep their name.
const (
	TextColumn  ColumnType = iota // text as it is
	EnumColumn                    // one of TableColumn.Enum
	KeyColumn                     // identifier, keyed before it is stored
	TimeColumn                    // point in time, stored as epoch microseconds
	DayColumn                     // calendar day
	MoneyColumn                   // amount, stored in micros
	FlagColumn                    // true or false
)

// TableColumn is one column that a source can map.
type TableColumn struct {
	Name     string
	Type     ColumnType
	Required bool     // a row without it is quarantined
	Enum     []string // the values of an EnumColumn
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

// OrderStates are the payment states of a CRM order.
func OrderStates() []string {
	return []string{"verified", "authorized", "pending", "refunded", "void", "unknown"}
}

// LinkTypes are the kinds of identifier that can lead to a household.
func LinkTypes() []string { return []string{"email", "phone", "ip", "device", "customer"} }

// Tables are the names of the tables that sources can fill, in order.
func Tables() []string {
	return []string{"exposure", "event", "crm_order", "assignment", "identity_link", "spend"}
}

// TableColumns returns the columns that a source of the table can map, in
// the table's order; nil for an unknown table.
func TableColumns(table string) []TableColumn {
	switch table {
	case "exposure":
		return []TableColumn{
			{Name: "exposure_id"},
			{Name: "household_key", Type: KeyColumn, Required: true},
			{Name: "exposed_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
			{Name: "campaign"},
			{Name: "creative"},
			{Name: "kind", Type: EnumColumn, Enum: []string{"delivered", "ghost"}},
		}
	case "event":
		return []TableColumn{
			{Name: "surface", Type: EnumColumn, Enum: Surfaces()},
			{Name: "platform"},
			{Name: "event_name", Required: true},
			{Name: "event_id"},
			{Name: "order_id"},
			{Name: "occurred_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
			{Name: "value", Type: MoneyColumn},
			{Name: "currency"},
			{Name: "is_test", Type: FlagColumn},
			{Name: "household_key", Type: KeyColumn},
			{Name: "email_key", Type: KeyColumn},
			{Name: "phone_key", Type: KeyColumn},
			{Name: "device_key", Type: KeyColumn},
			{Name: "ip_key", Type: KeyColumn},
			{Name: "customer_key", Type: KeyColumn},
		}
	case "crm_order":
		return []TableColumn{
			{Name: "order_id", Required: true},
			{Name: "ordered_at", Type: TimeColumn, Required: true},
			{Name: "received_at", Type: TimeColumn},
			{Name: "status", Type: EnumColumn, Required: true, Enum: OrderStates()},
			{Name: "value", Type: MoneyColumn},
			{Name: "refunded", Type: MoneyColumn},
			{Name: "currency"},
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

// Format is a way that files can be written.
type Format struct {
	Name     string
	Table    string // of a mapping pack: the one table that it fills; "" for a plain format
	Surface  string // of a pack for events: where they were seen
	Platform string // whose names the events have
}

// Pack tells whether the format maps its own columns.
func (f Format) Pack() bool { return f.Table != "" }

// Formats are the formats that this version reads, plain ones first.
func Formats() []Format {
	return []Format{
		{Name: "csv", Platform: "generic"},
		{Name: "jsonl", Platform: "generic"},
		{Name: "parquet", Platform: "generic"},
		{Name: "meta_capi", Table: "event", Surface: "server", Platform: "meta"},
		{Name: "shopify_orders", Table: "crm_order"},
	}
}

// FormatNamed finds a format.
func FormatNamed(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
