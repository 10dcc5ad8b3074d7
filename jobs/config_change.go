package jobs

import (
	"fmt"
	"slices"
	"strings"
)

// Change is a change of how conversions are measured, recorded by hand.
type Change struct {
	// At is when it took effect.
	At Time `yaml:"at" jsonschema:"required"`
	// Kind of the change.
	Kind string `yaml:"kind" jsonschema:"required,enum=tag_release,enum=window_edit,enum=dictionary_version,enum=graph_refresh,enum=dedup_rule,enum=other"`
	// What was changed, in words.
	What string `yaml:"what" jsonschema:"required"`
	// Source that it concerns.
	Source string `yaml:"source,omitempty"`
}

// Kinds of changes.
const (
	tagRelease        = "tag_release"
	windowEdit        = "window_edit"
	dictionaryVersion = "dictionary_version"
	graphRefresh      = "graph_refresh"
	dedupRule         = "dedup_rule"
	stepChange        = "step_change" // found only
	otherChange       = "other"
)

func changeKinds() []string {
	return []string{tagRelease, windowEdit, dictionaryVersion, graphRefresh, dedupRule, otherChange}
}

// changes checks what is recorded of the measurement.
func (v studyValidation) changes() {
	for i, c := range v.study.Changes {
		at := fmt.Sprintf("changes[%d]", i)
		if c.At.IsZero() {
			v.add(at+".at", "at is missing", "when it took effect, as in 2026-09-12")
		}
		v.required(at, "kind", c.Kind)
		if c.Kind != "" {
			v.oneOf(at+".kind", "kind", c.Kind, changeKinds())
		}
		if strings.TrimSpace(c.What) == "" {
			v.add(at+".what", "what is missing", "what was changed, in words")
		}
		v.text(at+".what", c.What)
		if c.Source != "" && v.sources != nil {
			if _, ok := v.sources[c.Source]; !ok {
				v.oneOf(at+".source", "source", c.Source, v.sources.Names())
			}
		}
		if slices.Contains(v.study.Changes[:i], c) {
			v.add(at, "the change is recorded twice", "")
		}
	}
}
