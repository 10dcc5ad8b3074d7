package jobs

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAcceptanceWarnings: what a platform refused, and what it would have refused
// by its age when no answer was kept, is said with its counts, over all sources.
func TestAcceptanceWarnings(t *testing.T) {
	const week = 7 * 86_400_000_000
	workspace := &Workspace{Events: map[string]Event{"purchase": {}, "start_trial": {}}}
	r := run{Engine: &Engine{Workspace: workspace}}
	purchase, trial := workspace.eventNumber("purchase"), workspace.eventNumber("start_trial")
	row := func(source, platform string, event, limit int64, state string, records, beyond int64) acceptanceRow {
		return acceptanceRow{Source: source, Platform: platform, EventNo: event, AcceptUS: limit, State: state, Records: records, Aged: records, Beyond: beyond}
	}
	many := []acceptanceRow{}
	for i := range int64(8) {
		many = append(many, row("capi", fmt.Sprintf("p%d", i), purchase, week, refused, 10+i, 0))
	}
	for _, c := range []struct {
		name string
		rows []acceptanceRow
		want []string
	}{
		{name: "nothing refused", rows: []acceptanceRow{row("capi", "meta", purchase, week, accepted, 10, 4), row("capi", "roku", purchase, 0, "unknown", 10, 0)}},
		{name: "too late in two sources, one of them accepted", rows: []acceptanceRow{
			row("a", "meta", purchase, week, "unknown", 50_000, 1_200), row("b", "meta", purchase, week, "unknown", 100, 4), row("b", "meta", purchase, week, accepted, 12, 12),
		}, want: []string{"1,204 of 50,112 meta purchase events reached the archive later than the 7 days that meta accepts, so it would have refused them; this report has them."}},
		{name: "the age of few is known", rows: []acceptanceRow{
			{Source: "a", Platform: "meta", EventNo: purchase, AcceptUS: week, State: "unknown", Records: 900, Aged: 40, Beyond: 4},
		}, want: []string{"4 of 40 meta purchase events reached the archive later than the 7 days that meta accepts, so it would have refused them; this report has them."}},
		{name: "refused, with and without a limit; the most first", rows: []acceptanceRow{
			row("a", "roku", trial, 0, refused, 3, 0), row("a", "meta", 0, week, refused, 5, 5), row("a", "meta", 0, week, "unknown", 5, 1),
		}, want: []string{
			"1 of 10 meta events without a place in the dictionary reached the archive later than the 7 days that meta accepts, so it would have refused them; this report has them.",
			"5 of 10 meta events without a place in the dictionary were refused by meta, as the archive says; this report has them.",
			"3 of 3 roku start trial events were refused by roku, as the archive says; this report has them.",
		}},
		{name: "many", rows: many, want: []string{
			"17 of 17 p7 purchase events were refused by p7, as the archive says; this report has them.",
			"16 of 16 p6 purchase events were refused by p6, as the archive says; this report has them.",
			"15 of 15 p5 purchase events were refused by p5, as the archive says; this report has them.",
			"14 of 14 p4 purchase events were refused by p4, as the archive says; this report has them.",
			"13 of 13 p3 purchase events were refused by p3, as the archive says; this report has them.",
			"Another 33 event records were refused by their platform or came too late for it; the table of what the platforms accept has them all.",
		}},
	} {
		var got []string
		for _, w := range r.acceptanceWarnings(c.rows) {
			got = append(got, w.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
