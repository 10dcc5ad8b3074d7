package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQualityViews: what is not known is said to be so and is no zero; a table
// of which nothing is known is left out.
func TestQualityViews(t *testing.T) {
	zero, week := int64(0), int64(7*86_400_000_000)
	r := sample()
	r.Quality = Quality{
		Freshness: []Freshness{{Source: "a", Records: 1, P50US: &zero, P95US: &zero, P99US: &week}, {Source: "b", Records: 1}},
		Acceptance: []Acceptance{
			{Source: "a", Platform: "generic", Event: "purchase", Records: 5, Unknown: 5},
			{Source: "a", Platform: "roku", Event: "purchase", InDictionary: true, Records: 5, Refused: 5, AgeKnown: 5},
			{Source: "a", Platform: "meta", Event: "Buy", Records: 7, Unknown: 7, LimitUS: &week},
			{Source: "a", Platform: "meta", Event: "purchase", InDictionary: true, Records: 5, Unknown: 5, LimitUS: &week, AgeKnown: 5, BeyondLimit: 2, WouldBeRefused: 2},
			{Source: "b", Platform: "meta", Event: "purchase", InDictionary: true, Records: 5, Unknown: 5, LimitUS: &week, AgeKnown: 3},
		},
		Undefined: []Undefined{
			{Source: "a", Platform: "meta", Event: "<b>Buy\u202e", Names: 1, Records: 4000}, {Source: "a", Platform: "meta", Names: 1, Records: 3}, {Source: "b", Platform: "meta", Names: 1200, Records: 3},
		},
		Consent: []Consent{{Surface: "crm", Purpose: "measurement", State: "unknown", Records: 3}, {Surface: "crm", Purpose: "personalisation", State: "unknown", Records: 3}},
	}
	if diff := cmp.Diff([]freshnessView{
		{Source: "a", Records: "1", Known: true, P50: "0 s", P95: "0 s", P99: "7 days"}, {Source: "b", Records: "1"},
	}, r.freshnessViews()); diff != "" {
		t.Errorf("freshness (-want +got):\n%s", diff)
	}
	lines, hidden := r.acceptanceViews()
	if diff := cmp.Diff([]acceptanceView{
		{Platform: "meta", Event: "purchase", Source: "a", InDictionary: true, Limit: "7 days", Records: "5", Accepted: "0", Refused: "0", Unknown: "5", Late: "2", HasLimit: true, HasLate: true},
		{Platform: "meta", Event: "purchase", Source: "b", InDictionary: true, Limit: "7 days", Records: "5", Accepted: "0", Refused: "0", Unknown: "5", Late: "0", Of: "3", HasLimit: true, HasLate: true},
		{Platform: "meta", Event: "Buy", Source: "a", Limit: "7 days", Records: "7", Accepted: "0", Refused: "0", Unknown: "7", Late: "not known", HasLimit: true},
		{Platform: "roku", Event: "purchase", Source: "a", InDictionary: true, Limit: "not known", Records: "5", Accepted: "0", Refused: "5", Unknown: "0", Late: "not known"},
	}, lines); diff != "" || hidden != 0 {
		t.Errorf("acceptance, %d hidden (-want +got):\n%s", hidden, diff)
	}
	if diff := cmp.Diff([]undefinedView{
		{Platform: "meta", Event: "<b>Buy\uFFFD", Source: "a", Records: "4,000"},
		{Platform: "meta", Event: "1 other name", Source: "a", Records: "3", IsRest: true},
		{Platform: "meta", Event: "1,200 other names", Source: "b", Records: "3", IsRest: true},
	}, r.undefinedViews()); diff != "" {
		t.Errorf("unknown names (-want +got):\n%s", diff)
	}
	if views := r.consentViews(); views != nil {
		t.Errorf("no record says anything of consent, and the page shows %+v", views)
	}
	r.Quality.Consent[0].State = "denied"
	views := r.consentViews()
	if len(views) != len(r.Arms)+1 {
		t.Fatalf("%d lines for %d arms and none", len(views), len(r.Arms))
	}
	none := views[len(views)-1]
	if none.Arm != "Not in a group’s outcome" || none.Records != "3" || none.Cells[1].Count != "3" || none.Denied != "" {
		t.Errorf("of no arm: %+v", none)
	}
}

// TestQualityIsChecked: only the words of consent are taken.
func TestQualityIsChecked(t *testing.T) {
	for name, spoil := range map[string]func(*Quality){
		"purpose":    func(q *Quality) { q.Consent[0].Purpose = "marketing" },
		"state":      func(q *Quality) { q.Consent[0].State = "maybe" },
		"unit state": func(q *Quality) { q.ConsentUnits[0].State = "" },
	} {
		r := sample()
		spoil(&r.Quality)
		if Validate(r) == nil {
			t.Errorf("%s: a word that is none passed", name)
		}
	}
}
