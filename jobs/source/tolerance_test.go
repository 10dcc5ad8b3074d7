package source

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTolerance(t *testing.T) {
	const header = "id,at,state,total,cur,mail\n"
	good := "g%d,2026-09-07 10:00:00,verified,1,USD,\n"
	w := newWorld(t)
	src := crm("*.csv")
	src.MaxQuarantine = "1%"
	var a strings.Builder
	for i := range 99 {
		fmt.Fprintf(&a, good, i)
	}
	w.write("a.csv", header+a.String()+"bad,x,verified,1,USD,\n")
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatalf("1 of 100 at 1%%: %v", err)
	}
	w.write("b.csv", header+"bad,x,verified,1,USD,\n")
	_, err := w.load(Config{"crm": src})
	var over *ToleranceError
	if !errors.As(err, &over) || over.Quarantined != 2 || over.Records != 101 {
		t.Fatalf("2 of 101 at 1%%: %v", err)
	}
	if want := "source crm: 2 of 101 records were refused, 1% are tolerated (max_quarantine); first: data/a.csv: line 101: ordered_at: not an ISO 8601 time"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	w.remove("a.csv")
	src.MaxQuarantine = "100%"
	if _, err = w.load(Config{"crm": src}); !errors.As(err, &over) || !strings.Contains(err.Error(), "every one of its 1 records") {
		t.Errorf("all refused: %v", err)
	}
}
