package jobs

import (
	"cmp"
	"context"
	"slices"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// dedupList is one row of ops.list.
type dedupList struct {
	ListNo    int64   `db:"list_no"`
	SurfaceNo int64   `db:"surface_no"`
	Surface   string  `db:"surface"`
	Platform  *string `db:"platform"`
}

// dedupRuleRow is one row of ops.dedup_rule.
type dedupRuleRow struct {
	First          int64 `db:"first_list_no"`
	Second         int64 `db:"second_list_no"`
	UseEventID     int64 `db:"use_event_id"`
	SameDataset    int64 `db:"same_dataset"`
	SpanUS         int64 `db:"span_us"`
	Latest         int64 `db:"latest_wins"`
	WinnerListNo   int64 `db:"winner_list_no"`
	WinnerWithinUS int64 `db:"winner_within_us"`
	Drops          int64 `db:"drops"`
	MergeWithinUS  int64 `db:"merge_within_us"`
}

// dedupKeyRow is one row of ops.dedup_key.
type dedupKeyRow struct {
	First  int64  `db:"first_list_no"`
	Second int64  `db:"second_list_no"`
	KeyNo  int64  `db:"key_no"`
	Key    string `db:"key"`
}

// authorityRow is one row of ops.authority.
type authorityRow struct {
	SurfaceNo     int64  `db:"surface_no"`
	ValueRank     *int64 `db:"value_rank"`
	TimeRank      *int64 `db:"time_rank"`
	IsProof       int64  `db:"is_proof"`
	IsIdentifying int64  `db:"is_identifying"`
}

// unlimited is a span that no two records are apart.
const unlimited = int64(maxDuration) * 10 / 1000

// fillDedup writes which lists there are, the rule of every pair of them, and who is
// believed.
func (r *run) fillDedup(ctx context.Context, tx *warehouse.Tx) error {
	lists, err := readLists(ctx, tx)
	if err != nil {
		return err
	}
	rules, keys, err := r.study.Dedup.pairs(lists)
	if err != nil {
		return err
	}
	for _, table := range []struct {
		name string
		rows any
	}{
		{"ops.list", lists},
		{"ops.dedup_rule", rules},
		{"ops.dedup_key", keys},
		{"ops.authority", r.study.Dedup.Authority.rows()},
	} {
		if _, err := tx.Fill(ctx, table.name, table.rows); err != nil {
			return err
		}
	}
	return nil
}

// readLists numbers the lists of records: one a surface and platform, and the CRM's.
func readLists(ctx context.Context, tx *warehouse.Tx) ([]dedupList, error) {
	if err := tx.Ensure(ctx, "clean.signal"); err != nil {
		return nil, err
	}
	found, err := warehouse.Read[struct {
		Surface  string `db:"surface"`
		Platform string `db:"platform"`
	}](ctx, tx, "SELECT DISTINCT surface, platform FROM clean.signal ORDER BY surface, platform")
	if err != nil {
		return nil, err
	}
	lists := []dedupList{{ListNo: 1, SurfaceNo: crmSurface, Surface: surfaceNames[crmSurface]}}
	for i := range found {
		lists = append(lists, dedupList{
			ListNo: int64(len(lists) + 1), SurfaceNo: listNumber(found[i].Surface), Surface: found[i].Surface, Platform: &found[i].Platform,
		})
	}
	return lists, nil
}

// pairs are the rules of every two lists of events, in both orders, and the identifiers
// that each pair may be joined by.
func (d Dedup) pairs(lists []dedupList) ([]dedupRuleRow, []dedupKeyRow, error) {
	presets, err := DedupPresets()
	if err != nil {
		return nil, nil, err
	}
	rules, keys := []dedupRuleRow{}, []dedupKeyRow{}
	for _, a := range lists {
		for _, b := range lists {
			if a.Platform == nil || b.Platform == nil {
				continue
			}
			rule := d.of(a, b, presets)
			if given := d.given(a, b); a.ListNo == b.ListNo && given.SameDataset == nil && given.Preset == "" {
				rule.SameDataset = d.tellsDatasetsApart(a, lists, presets)
			}
			row := dedupRuleRow{
				First: a.ListNo, Second: b.ListNo,
				UseEventID: isIn(eventIDKey, rule.Keys), SameDataset: isOne(*rule.SameDataset), SpanUS: rule.Span.Micros(),
				Latest: isOne(rule.Winner == latestWins), WinnerWithinUS: cmp.Or(rule.WinnerWithin.Micros(), unlimited),
				Drops: isOne(rule.OnMatch == dropMatched), MergeWithinUS: rule.MergeWithin.Micros(),
			}
			switch { // of two records on one surface none is the surface's
			case a.Surface == b.Surface:
			case rule.Winner == a.Surface:
				row.WinnerListNo = a.ListNo
			case rule.Winner == b.Surface:
				row.WinnerListNo = b.ListNo
			}
			rules = append(rules, row)
			for i, key := range rule.Keys {
				if key != eventIDKey && key != "order_id" && a.ListNo != b.ListNo {
					keys = append(keys, dedupKeyRow{a.ListNo, b.ListNo, int64(i + 1), key})
				}
			}
		}
	}
	return rules, keys, nil
}

// of is the rule of two lists, complete: the one that the study gives them, else the default.
func (d Dedup) of(a, b dedupList, presets map[string]DedupPreset) DedupRule {
	found := d.given(a, b)
	return found.complete(presets[found.Preset], d.Span)
}

// given is the rule that the study gives two lists: on the platform of either, else on every
// platform. It is empty when there is none.
func (d Dedup) given(a, b dedupList) (found DedupRule) {
	for _, r := range d.Rules {
		isPair := r.First == a.Surface && r.Second == b.Surface || r.First == b.Surface && r.Second == a.Surface
		isOn := r.Platform == "" || r.isOn(*a.Platform) && r.isOn(*b.Platform) && (r.Platform == *a.Platform || r.Platform == *b.Platform)
		if isPair && isOn && (found.First == "" || found.Platform == "") {
			found = r
		}
	}
	return found
}

// tellsDatasetsApart: a list whose own rule does not say tells its datasets apart where a rule
// of it and another list does. Else an id would be one conversion of two datasets in the
// one list, and of each dataset in the other.
func (d Dedup) tellsDatasetsApart(a dedupList, lists []dedupList, presets map[string]DedupPreset) *bool {
	apart := slices.ContainsFunc(lists, func(b dedupList) bool {
		return b.Platform != nil && b.ListNo != a.ListNo && *d.of(a, b, presets).SameDataset
	})
	return &apart
}

// isOn tells that records of a platform may be of the rule's: they are, or they are of none.
func (r DedupRule) isOn(platform string) bool {
	return platform == r.Platform || platform == source.NoPlatform
}

// rows give each list its place in every field.
func (a Authority) rows() []authorityRow {
	rank := func(list []string, name string) *int64 {
		i := slices.Index(list, name)
		if i < 0 {
			return nil
		}
		place := int64(i + 1)
		return &place
	}
	rows := []authorityRow{}
	for number, name := range surfaceNames {
		if name != "" {
			rows = append(rows, authorityRow{int64(number), rank(a.Value, name), rank(a.Time, name), isIn(name, a.Existence), isIn(name, a.Identifiers)})
		}
	}
	return rows
}

// place is where a word stands in a list, from 1; 99 when it is not there, as where nobody is believed.
func place(list []string, word string) int64 {
	if i := slices.Index(list, word); i >= 0 {
		return int64(i + 1)
	}
	return 99
}
