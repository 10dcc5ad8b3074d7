package jobs

import (
	"cmp"
	_ "embed"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Dedup is the rule for records of the same conversion.
//
// First, records of two lists are one when the rule of that pair of lists says so. Then
// records of one event with one order id are one, however far apart and whoever sent them:
// so orders of the CRM meet what was sent. Two events are never one conversion.
type Dedup struct {
	// Span of time in which records with the same key are one conversion, where no rule has its own.
	Span Duration `yaml:"span"`
	// Rules of pairs of lists that differ from the default: one event id within the span, the first received wins, the other fills its gaps.
	Rules []DedupRule `yaml:"rules,omitempty"`
	// Authority says which list each field of a conversion is taken from.
	Authority Authority `yaml:"authority"`
}

// DedupRule says when a record of one list and one of another, or two of one list, are the
// same conversion, and which of them tells its fields. What it leaves out its preset says,
// else the default.
type DedupRule struct {
	// First surface of the pair.
	First string `yaml:"first" jsonschema:"required,enum=pixel,enum=server,enum=app,enum=analytics"`
	// Second surface; it may be the first again, for records that one list repeats.
	Second string `yaml:"second" jsonschema:"required,enum=pixel,enum=server,enum=app,enum=analytics"`
	// Platform of one of the two records; every one when left out.
	Platform string `yaml:"platform,omitempty"`
	// Preset of a platform, as ghostlight dedup lists them.
	Preset string `yaml:"preset,omitempty"`
	// Keys of which one must be equal, tried in this order: event_id, then identifiers. Equal order ids join records in any case; order_id alone says that nothing else does.
	Keys []string `yaml:"keys,omitempty" jsonschema:"enum=event_id,enum=order_id,enum=cookie,enum=customer,enum=email,enum=device"`
	// SameDataset: records of two datasets are never one. Left out, a list tells its own datasets apart where a rule of it and another list does.
	SameDataset *bool `yaml:"same_dataset,omitempty"`
	// Span between the two records; that of all when left out.
	Span Duration `yaml:"span,omitempty"`
	// Winner: first or latest received, or a surface.
	Winner string `yaml:"winner,omitempty" jsonschema:"enum=first,enum=latest,enum=pixel,enum=server,enum=app,enum=analytics"`
	// WinnerWithin is how far from each other two records may be received for a surface to win; otherwise the first does. Without it the surface always wins.
	WinnerWithin Duration `yaml:"winner_within,omitempty"`
	// OnMatch: merge, the other record fills the gaps of the winner; drop, it tells no field.
	OnMatch string `yaml:"on_match,omitempty" jsonschema:"enum=merge,enum=drop"`
	// MergeWithin is how far from each other two records may be received to be merged although the rule drops.
	MergeWithin Duration `yaml:"merge_within,omitempty"`
}

// Authority lists for each field of a conversion who is believed, the first before the others.
type Authority struct {
	// Existence: a conversion counts when one of these has a record of it.
	Existence []string `yaml:"existence" jsonschema:"minItems=1,enum=crm,enum=server,enum=pixel,enum=app,enum=analytics"`
	// Value: winner is the record that the rule of dedup prefers.
	Value []string `yaml:"value" jsonschema:"minItems=1,enum=crm,enum=server,enum=pixel,enum=app,enum=analytics,enum=winner"`
	// Time: earliest is the earliest of all records.
	Time []string `yaml:"time" jsonschema:"minItems=1,enum=crm,enum=server,enum=pixel,enum=app,enum=analytics,enum=winner,enum=earliest"`
	// Identifiers of all of these together.
	Identifiers []string `yaml:"identifiers" jsonschema:"minItems=1,enum=crm,enum=server,enum=pixel,enum=app,enum=analytics"`
	// Consent: strictest, a record that denied measurement withholds all records of its conversion; own, it withholds itself.
	Consent string `yaml:"consent" jsonschema:"enum=strictest,enum=own"`
}

// Words of the rules of dedup.
const (
	firstWins, latestWins     = "first", "latest"
	mergeMatched, dropMatched = "merge", "drop"
	byWinner, byEarliest      = "winner", "earliest"
	strictest, ownConsent     = "strictest", "own"
	eventIDKey                = "event_id"
)

// dedupKeys are the keys that a rule may name.
func dedupKeys() []string {
	return []string{eventIDKey, "order_id", "cookie", "customer", "email", "device"}
}

// authorities are all who can have a record of a conversion, in the order in which their
// values are believed.
func authorities() []string { return []string{"crm", "server", "pixel", "app", "analytics"} }

func defaultDedup() Dedup {
	return Dedup{Span: 2 * Day, Authority: Authority{
		Existence: authorities(), Value: authorities(), Time: []string{byEarliest}, Identifiers: authorities(), Consent: strictest,
	}}
}

// DedupPreset is what is published of how a platform finds repeated events.
type DedupPreset struct {
	Date     string `yaml:"date" json:"date"`         // when the sources were read
	Evidence string `yaml:"evidence" json:"evidence"` // documentation, second-hand or assumed
	Source   string `yaml:"source" json:"source"`
	Note     string `yaml:"note" json:"note"`

	Keys         []string `yaml:"keys" json:"keys"`
	SameDataset  bool     `yaml:"same_dataset" json:"same_dataset"`
	Span         Duration `yaml:"span" json:"span"`
	Winner       string   `yaml:"winner" json:"winner"`
	WinnerWithin Duration `yaml:"winner_within" json:"winner_within,omitempty"`
	OnMatch      string   `yaml:"on_match" json:"on_match"`
	MergeWithin  Duration `yaml:"merge_within" json:"merge_within,omitempty"`
}

//go:embed dedup_presets.yaml
var dedupPresetsYAML []byte

// DedupPresets are the presets by name. The error is of the embedded file, which a test reads.
func DedupPresets() (map[string]DedupPreset, error) {
	presets := map[string]DedupPreset{}
	if err := yaml.UnmarshalWithOptions(dedupPresetsYAML, &presets, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read presets of dedup: %w", err)
	}
	return presets, nil
}

// complete writes out what a rule leaves out: what its preset says, else the default.
func (r DedupRule) complete(p DedupPreset, span Duration) DedupRule {
	if len(r.Keys) == 0 {
		r.Keys = p.Keys
	}
	if len(r.Keys) == 0 {
		r.Keys = []string{eventIDKey}
	}
	if r.SameDataset == nil {
		r.SameDataset = &p.SameDataset
	}
	r.Span = cmp.Or(r.Span, p.Span, span)
	r.WinnerWithin = cmp.Or(r.WinnerWithin, p.WinnerWithin)
	r.Winner = cmp.Or(r.Winner, p.Winner, firstWins)
	r.OnMatch = cmp.Or(r.OnMatch, p.OnMatch, mergeMatched)
	r.MergeWithin = cmp.Or(r.MergeWithin, p.MergeWithin)
	return r
}

// widestSpan is the longest span of any rule.
func (d Dedup) widestSpan() Duration {
	widest := d.Span
	presets, err := DedupPresets()
	if err != nil {
		return maxDuration // nothing may be taken for too old then
	}
	for _, r := range d.Rules {
		widest = max(widest, r.complete(presets[r.Preset], d.Span).Span)
	}
	return widest
}
