package jobs

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ghostlight/jobs/source"
)

// Event is one canonical event of the dictionary in events.yaml.
type Event struct {
	// Owner is who answers for the definition.
	Owner string `yaml:"owner,omitempty" json:"owner,omitempty"`
	// Version of the definition, to be raised when its meaning changes; 1 when left out.
	Version int `yaml:"version,omitempty" json:"version" jsonschema:"minimum=1"`
	// Stage of the funnel.
	Stage string `yaml:"stage" json:"stage" jsonschema:"required,enum=view,enum=visit,enum=lead,enum=cart,enum=checkout,enum=purchase,enum=other"`
	// CRM order states that are this event; at most one event has them.
	CRM []string `yaml:"crm,omitempty" json:"crm,omitempty" jsonschema:"enum=verified,enum=authorized,enum=pending,enum=refunded,enum=void,enum=unknown"`
	// Required parameters: records without them are counted as incomplete.
	Required []string `yaml:"required,omitempty" json:"required,omitempty" jsonschema:"enum=value,enum=currency,enum=order_id,enum=event_id"`
	// Optional parameters: those that records may carry. Nothing is asked of them.
	Optional []string `yaml:"optional,omitempty" json:"optional,omitempty" jsonschema:"enum=value,enum=currency,enum=order_id,enum=event_id"`
	// Ranges that are plausible, by parameter. Records outside one are counted in the report; none is dropped for it.
	Ranges map[string]Range `yaml:"ranges,omitempty" json:"ranges,omitempty"`
	// ValueRule says what a record counts: net, its value less what was refunded, the default; gross, its value; fixed, the fixed_value.
	ValueRule string `yaml:"value_rule,omitempty" json:"value_rule" jsonschema:"enum=net,enum=gross,enum=fixed"`
	// FixedValue of every record, in units of the report's currency, whatever value and currency the record states.
	FixedValue float64 `yaml:"fixed_value,omitempty" json:"fixed_value,omitempty" jsonschema:"minimum=0"`
	// Counting says which conversions of a unit count in metrics and attribution: every one, the default; per_unit_per_day, the first of a day in the report's time zone (after the outcome window, in UTC); per_unit, the first after assignment, for attribution the first since the study's start.
	Counting string `yaml:"counting,omitempty" json:"counting" jsonschema:"enum=every,enum=per_unit_per_day,enum=per_unit"`
	// Aliases are the names that each platform sends for this event: on all surfaces, or on one, as meta/app has it.
	Aliases map[string][]string `yaml:"aliases,omitempty" json:"aliases,omitempty"`
}

// Range is what a parameter plausibly lies in, ends included.
type Range struct {
	// Min is the least, 0 when left out. A value is in units of its currency.
	Min float64 `yaml:"min" json:"min"`
	// Max is the most.
	Max float64 `yaml:"max" json:"max" jsonschema:"required"`
}

// Rules of what a record of an event is worth.
const (
	valueNet   = "net"
	valueGross = "gross"
	valueFixed = "fixed"
)

func valueRules() []string { return []string{valueNet, valueGross, valueFixed} }

// countings are the counting rules, each at its number in ops.event_rule.
func countings() []string { return []string{"every", "per_unit_per_day", "per_unit"} }

// fixedMicros is the fixed value, nil under another rule.
func (e Event) fixedMicros() *int64 {
	if e.ValueRule != valueFixed {
		return nil
	}
	micros := int64(math.Round(e.FixedValue * 1e6))
	return &micros
}

// aliasSurfaces takes the key of a list of aliases apart: the platform, and the
// surfaces on which it has these names. An unknown surface is none.
func aliasSurfaces(key string) (platform string, surfaces []string) {
	platform, surface, one := strings.Cut(key, "/")
	switch {
	case !one:
		return platform, source.Surfaces()
	case slices.Contains(source.Surfaces(), surface):
		return platform, []string{surface}
	}
	return platform, nil
}

// normalise writes out the defaults and puts what is a set in order, so that equal
// definitions are equal. It assumes a valid event.
func (e Event) normalise() Event {
	if e.Version == 0 {
		e.Version = 1
	}
	if e.ValueRule == "" {
		e.ValueRule = valueNet
	}
	e.Counting = cmp.Or(e.Counting, countings()[0])
	e.CRM, e.Required, e.Optional = sorted(e.CRM), sorted(e.Required), sorted(e.Optional)
	aliases := map[string][]string{}
	for key, names := range e.Aliases {
		if len(names) > 0 {
			aliases[key] = sorted(names)
		}
	}
	e.Aliases = aliases
	return e
}

// sorted is a copy in order, nil when there is nothing in it.
func sorted(set []string) []string {
	if len(set) == 0 {
		return nil
	}
	return slices.Sorted(slices.Values(set))
}
