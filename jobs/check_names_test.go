package jobs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ghostlight/jobs/source"
)

// TestUndefinedNames: a name is known by an alias of its platform and surface or by the pack's
// word for it; ten of the others are told for each platform, and the rest counted.
func TestUndefinedNames(t *testing.T) {
	w := &Workspace{Events: map[string]Event{"purchase": {Aliases: map[string][]string{"meta": {"Purchase"}, "tiktok/app": {"Buy"}}}}}
	long := strings.Repeat("é", 81)
	events := map[source.EventName]int64{
		{Platform: "meta", Surface: "server", Name: "Purchase"}: 5, {Platform: "tiktok", Surface: "app", Name: "Buy"}: 2, {Platform: "tiktok", Surface: "server", Name: "Buy"}: 1, {Platform: "snap", Name: "Purchase"}: 4,
		{Platform: "snap", Name: "PURCHASE", Canonical: "purchase"}: 3, {Platform: "roku", Name: long}: 1, {Platform: "roku", Name: long + "x"}: 1,
	}
	for i := range 12 {
		events[source.EventName{Platform: "meta", Name: fmt.Sprintf("e%02d", i), Canonical: "custom"}] = int64(20 - i)
	}
	want := []UndefinedName{}
	for i := range 10 {
		want = append(want, UndefinedName{"meta", fmt.Sprintf("e%02d", i), 1, int64(20 - i)})
	}
	want = append(want, UndefinedName{"meta", "", 2, 19}, UndefinedName{"roku", long[:160], 1, 2}, UndefinedName{"snap", "Purchase", 1, 4},
		UndefinedName{"tiktok", "Buy", 1, 1})
	if diff := cmp.Diff(want, w.undefinedNames(events)); diff != "" {
		t.Errorf("unknown names (-want +got):\n%s", diff)
	}
}

// TestNamesSeen: ids that no record has are told only of a source that was read whole.
func TestNamesSeen(t *testing.T) {
	names := namesSeen{}
	names.add("a", source.Loaded{Named: map[string]bool{"1": true}})
	names.add("a", source.Loaded{Named: map[string]bool{"2": true}})
	names.add("b", source.Loaded{Named: map[string]bool{"1": true}})
	names.add("b", source.Loaded{}) // loaded already
	names.add("b", source.Loaded{Named: map[string]bool{"2": true}})
	src := source.Source{Names: map[string]string{"1": "x", "2": "y", "4": "z", "3": "z"}}
	if diff := cmp.Diff([]string{"3", "4"}, unusedNames(src, names["a"])); diff != "" || names["b"] != nil {
		t.Errorf("%v (-want +got):\n%s", names, diff)
	}
}
