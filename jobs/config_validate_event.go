package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ghostlight/jobs/source"
)

// maxFixed bounds a fixed value, so that sums of many stay within 64 bits.
const maxFixed = 10_000_000

func (d *document) validateEvents(events map[string]Event) {
	if len(events) == 0 {
		d.add("events", "there are no events", "name at least one")
	}
	taken := aliasUses{}
	crm := ""
	for _, name := range slices.Sorted(maps.Keys(events)) {
		event, at := events[name], "events."+name
		d.nameKey(at, "an event", name)
		d.text(at+".owner", event.Owner)
		if d.has(at+".version") && event.Version < 1 {
			d.add(at+".version", "a version is 1 or more", "")
		}
		if event.Stage == "" {
			d.add(at+".stage", "stage is missing", "one of: "+strings.Join(funnelStages(), ", "))
		} else {
			d.oneOf(at+".stage", "stage", event.Stage, funnelStages())
		}
		if len(event.CRM) > 0 {
			if crm != "" {
				d.add(at+".crm", "event "+crm+" has crm already", "one event can come from the CRM")
			} else {
				crm = name
			}
		}
		d.set(at+".crm", "order state", event.CRM, source.OrderStates())
		d.set(at+".required", "parameter", event.Required, parameters())
		d.set(at+".optional", "parameter", event.Optional, parameters())
		for i, parameter := range event.Optional {
			if slices.Contains(event.Required, parameter) {
				d.add(fmt.Sprintf("%s.optional[%d]", at, i), "parameter "+parameter+" is required already", "keep one of them")
			}
		}
		d.ranges(at+".ranges", event.Ranges)
		d.valueRule(at, event)
		if d.has(at + ".counting") {
			d.oneOf(at+".counting", "counting rule", event.Counting, countings())
		}
		d.aliases(name, event, taken)
	}
}

func (d *document) ranges(at string, ranges map[string]Range) {
	for _, parameter := range slices.Sorted(maps.Keys(ranges)) {
		path, r := at+"."+parameter, ranges[parameter]
		switch {
		case parameter != "value":
			d.addKey(path, "parameter "+quoted(parameter)+" has no range", "value has one")
		case !d.has(path + ".max"):
			d.add(path, "max is missing", "write {min: 0, max: 5000}, in units of the currency")
		case r.Max < r.Min:
			d.add(path+".max", "max is less than min", "")
		}
	}
}

func (d *document) valueRule(at string, event Event) {
	if d.has(at + ".value_rule") {
		d.oneOf(at+".value_rule", "value rule", event.ValueRule, valueRules())
	}
	given := d.has(at + ".fixed_value")
	switch {
	case event.ValueRule == valueFixed && !given:
		d.add(at+".value_rule", "fixed_value is missing", "say what every record is worth")
	case event.ValueRule != valueFixed && given:
		d.add(at+".fixed_value", "fixed_value needs value_rule: fixed", "")
	case event.FixedValue < 0 || event.FixedValue > maxFixed:
		d.add(at+".fixed_value", fmt.Sprintf("must be 0 to %d", maxFixed), "")
	default:
		_, decimals, _ := strings.Cut(strconv.FormatFloat(event.FixedValue, 'f', -1, 64), ".")
		if len(decimals) > 6 {
			d.add(at+".fixed_value", "more than six decimals", "money is kept in millionths")
		}
	}
}

// aliasUses is where each name of a platform and surface stands first.
type aliasUses map[aliasUse]aliasPlace

type aliasUse struct{ platform, surface, name string }

type aliasPlace struct {
	event string
	at    position
}

// aliases checks the names of one event against those of the events before it: two
// events that claim a name on the same surface would both be right.
func (d *document) aliases(event string, e Event, taken aliasUses) {
	for _, key := range slices.Sorted(maps.Keys(e.Aliases)) {
		list := "events." + event + ".aliases." + key
		platform, surfaces := aliasSurfaces(key)
		d.nameKey(list, "a platform", platform)
		if surfaces == nil {
			_, surface, _ := strings.Cut(key, "/")
			d.addKey(list, "unknown surface "+quoted(surface), didYouMean(surface, source.Surfaces()))
		}
		for i, alias := range e.Aliases[key] {
			path := fmt.Sprintf("%s[%d]", list, i)
			if alias == "" {
				d.add(path, "an alias must not be empty", "")
			}
			d.text(path, alias)
			told := false
			for _, surface := range surfaces {
				use := aliasUse{platform, surface, alias}
				first, twice := taken[use]
				switch {
				case !twice:
					taken[use] = aliasPlace{event, d.position(path)}
				case !told:
					told = true
					d.add(path, fmt.Sprintf("alias %s on %s is given to event %s already, at %s:%d:%d",
						quoted(alias), quoted(key), first.event, d.file, first.at.line, first.at.col), "keep one of them")
				}
			}
		}
	}
}

func funnelStages() []string {
	return []string{"view", "visit", "lead", "cart", "checkout", "purchase", "other"}
}

func parameters() []string { return []string{"value", "currency", "order_id", "event_id"} }
