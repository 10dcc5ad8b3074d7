package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// validate finds what is wrong with a pack, all of it.
func (p *Pack) validate() *validation {
	v := &validation{}
	if p.Name == "" {
		v.add("name", "name is missing", "write that of the file without .yaml")
	} else if !identifier.MatchString(p.Name) {
		v.add("name", "not an identifier", "lower-case letters, digits and _, beginning with a letter")
	}
	if p.Version < 1 {
		v.add("version", "there is no version from 1", "write version: 1")
	}
	if p.Title == "" {
		v.add("title", "title is missing", "say what the files are")
	}
	if p.Table == "" {
		v.add("table", "table is missing", "one of: "+strings.Join(Tables(), ", "))
		return v
	}
	if !v.oneOf("table", "table", p.Table, Tables()) {
		return v
	}
	if p.Table == "event" {
		v.oneOf("surface", "surface", p.Surface, Surfaces())
	}
	if p.Platform != "" && !identifier.MatchString(p.Platform) {
		v.add("platform", "not an identifier", "")
	}
	if len(p.Layouts) == 0 {
		v.add("layouts", "layouts are missing", "csv, jsonl, parquet")
	}
	for i, layout := range p.Layouts {
		v.oneOf(fmt.Sprintf("layouts[%d]", i), "layout", layout, plainFormats)
	}
	for i, a := range p.Accepts {
		at := fmt.Sprintf("accepts[%d]", i)
		if _, err := a.micros(); err != nil {
			v.add(at+".oldest", "no duration", "such as 7d or 72h")
		}
		if a.ActionSource != "" {
			v.oneOf(at+".action_source", "action source", a.ActionSource, ActionSources())
		}
	}
	if p.Rows != nil {
		p.Rows.check(v)
	}
	for _, name := range sortedKeys(p.Events) {
		v.oneOf("events."+name, "canonical event", p.Events[name], CanonicalEvents())
	}
	for _, spec := range TableColumns(p.Table) {
		if _, mapped := p.Columns[spec.Name]; spec.Required && !mapped && spec.Name != "platform" {
			v.add("columns."+spec.Name, "not mapped", "a row without it cannot be used")
		}
	}
	v.columns("", Source{Table: p.Table, Columns: p.Columns})
	p.Detect.check(v)
	p.checkFacts(v)
	return v
}

// checkFacts asks where each column, event name and limit comes from.
func (p *Pack) checkFacts(v *validation) {
	for i, f := range p.Facts {
		at := fmt.Sprintf("facts[%d]", i)
		if f.About == "" || f.Source == "" {
			v.add(at, "a fact needs about and source", "")
		}
		v.oneOf(at+".evidence", "evidence", f.Evidence, evidences)
	}
	parts := []string{}
	for _, name := range sortedKeys(p.Columns) {
		parts = append(parts, "columns."+name)
	}
	if len(p.Events) > 0 {
		parts = append(parts, "events")
	}
	if len(p.Accepts) > 0 {
		parts = append(parts, "accepts")
	}
	for _, part := range parts {
		if p.factOf(part) == nil {
			v.add("facts", "no fact says where "+part+" comes from", "about: "+part+", or about: columns")
		}
	}
}

// factOf is the fact that covers a part most closely, nil for none.
func (p *Pack) factOf(part string) *Fact {
	var best *Fact
	for i := range p.Facts {
		f := &p.Facts[i]
		covers := f.About == part || strings.HasPrefix(part, f.About+".")
		if covers && (best == nil || len(f.About) > len(best.About)) {
			best = f
		}
	}
	return best
}

// err joins the problems.
func (v *validation) err() error {
	var errs []error
	for _, p := range v.problems {
		text := p.Path + ": " + p.Message
		if p.Got != "" {
			text += " " + p.Got
			if near := nearest(p.Got, p.Known); near != "" {
				text += " (did you mean " + near + "?)"
			}
		}
		if p.Hint != "" {
			text += " (" + p.Hint + ")"
		}
		errs = append(errs, errors.New(strings.TrimPrefix(text, ".")))
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("the mapping pack has faults: %w", errors.Join(errs...))
}

// CanonicalEvents are the event types of IAB ECAPI 1.0 that packs map to, and a few
// that platforms have besides.
func CanonicalEvents() []string {
	return slices.Clone(canonicalEvents)
}

var canonicalEvents = []string{
	"add_payment_info", "add_to_cart", "add_to_wishlist", "begin_checkout", "close_convert_lead", "close_unconvert_lead", "contact", "customize_product", "disqualify_lead", "donate",
	"find_location", "generate_lead", "install", "page_view", "purchase", "qualify_lead", "refund", "remove_from_cart", "schedule", "search",
	"sign_up", "start_trial", "submit_application", "subscribe", "view_cart", "view_item_list", "viewed_item", "view_promotion", "working_lead",
}
