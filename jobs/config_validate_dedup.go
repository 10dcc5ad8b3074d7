package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ghostlight/jobs/source"
)

// dedup checks the rules of pairs of lists and who is believed.
func (v studyValidation) dedup(d Dedup) {
	v.positive("dedup.span", d.Span)
	presets, err := DedupPresets()
	if err != nil {
		v.add("dedup.rules", err.Error(), "")
	}
	for i, r := range d.Rules {
		at := fmt.Sprintf("dedup.rules[%d]", i)
		v.required(at, "first", r.First)
		v.required(at, "second", r.Second)
		for field, surface := range map[string]string{"first": r.First, "second": r.Second} {
			if surface == "crm" {
				v.add(at+"."+field, "orders of the CRM are joined by their order id alone", "one of: "+strings.Join(source.Surfaces(), ", "))
			} else if surface != "" {
				v.oneOf(at+"."+field, "surface", surface, source.Surfaces())
			}
		}
		if r.Preset != "" {
			v.oneOf(at+".preset", "preset", r.Preset, slices.Collect(maps.Keys(presets)))
		}
		v.set(at+".keys", "key", r.Keys, dedupKeys())
		for _, span := range []struct {
			field string
			of    Duration
		}{{"span", r.Span}, {"winner_within", r.WinnerWithin}, {"merge_within", r.MergeWithin}} {
			if v.has(at + "." + span.field) {
				v.positive(at+"."+span.field, span.of)
			}
		}
		if r.Winner != "" {
			v.oneOf(at+".winner", "winner", r.Winner, append([]string{firstWins, latestWins}, source.Surfaces()...))
		}
		if r.OnMatch != "" {
			v.oneOf(at+".on_match", "word", r.OnMatch, []string{mergeMatched, dropMatched})
		}
		full := r.complete(presets[r.Preset], d.Span)
		if winner := full.Winner; winner != firstWins && winner != latestWins && winner != r.First && winner != r.Second && r.First != "" && r.Second != "" && v.has(at+".winner") {
			v.add(at+".winner", "surface "+winner+" is not one of the pair", "one of: first, latest, "+r.First+", "+r.Second)
		}
		if r.WinnerWithin > 0 && (full.Winner == firstWins || full.Winner == latestWins) {
			v.add(at+".winner_within", "winner_within is of a surface that wins", "give the rule winner: pixel or server, or leave it out")
		}
		if r.MergeWithin > 0 && full.OnMatch == mergeMatched {
			v.add(at+".merge_within", "merge_within is of a rule that drops", "give the rule on_match: drop, or leave it out")
		}
		if r.First == r.Second && slices.ContainsFunc(r.Keys, func(key string) bool { return key != eventIDKey && key != "order_id" }) {
			v.add(at+".keys", "one list has no identifier twice for one sale", "identifiers join two lists; keep event_id or order_id")
		}
		if slices.ContainsFunc(d.Rules[:i], func(o DedupRule) bool {
			return o.Platform == r.Platform && (o.First == r.First && o.Second == r.Second || o.First == r.Second && o.Second == r.First)
		}) {
			v.add(at, "the pair has a rule already", "keep one of them")
		}
	}
	v.authority(d.Authority)
}

func (v studyValidation) authority(a Authority) {
	const at = "dedup.authority"
	for _, f := range []struct {
		field string
		got   []string
		known []string
	}{
		{"existence", a.Existence, authorities()},
		{"value", a.Value, append(authorities(), byWinner)},
		{"time", a.Time, append(authorities(), byWinner, byEarliest)},
		{"identifiers", a.Identifiers, authorities()},
	} {
		if len(f.got) == 0 {
			v.add(at+"."+f.field, f.field+" is empty", "leave it out to take the default")
		}
		v.set(at+"."+f.field, "list", f.got, f.known)
	}
	v.oneOf(at+".consent", "word", a.Consent, []string{strictest, ownConsent})
}
