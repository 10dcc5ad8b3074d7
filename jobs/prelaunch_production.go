package jobs

import (
	"maps"
	"slices"
	"strings"
)

// production: test traffic shows the dictionary that all other records show. Testers send few
// records, so that how often a parameter is there is no difference, but whether it ever is.
func (c *checklist) production(l *line) error {
	var sides [2]Observed
	for i, isTest := range []bool{true, false} {
		by := c.asOf.UnixMicro()
		observed, err := c.Workspace.Observe(c.ctx, c.tx, ObservedRecords{IsTest: &isTest, ReceivedBy: &by})
		if err != nil {
			return err
		}
		sides[i] = observed
	}
	test, other := sides[0], sides[1]
	if test.Records == 0 {
		l.miss("a test record of an event")
	}
	if other.Records == 0 {
		l.miss("a record of an event that is no test")
	}
	if len(l.Missing) > 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(test.Events)) {
		if !other.has(name) {
			l.fail("%s is in test traffic only", name)
			continue
		}
		c.sameEvent(l, name, test.Events[name], other.Events[name])
	}
	for _, name := range slices.Sorted(maps.Keys(other.Events)) {
		if !test.has(name) {
			l.fail("%s is in production only", name)
		}
	}
	return nil
}

// sameEvent holds one event of test traffic against what production has of it.
func (c *checklist) sameEvent(l *line, name string, test, other ObservedEvent) {
	failures := len(l.Failures)
	carries, never := []string{}, "never"
	ever := func(what, test, other string) {
		switch {
		case (test == never) == (other == never):
		case other == never:
			l.fail("%s has %s in test traffic and never in production", name, what)
		default:
			l.fail("%s has %s in production and never in test traffic", name, what)
		}
	}
	for _, p := range observedParameters {
		ever(p, test.Parameters[p], other.Parameters[p])
		if test.Parameters[p] != never {
			carries = append(carries, p)
		}
	}
	ever("event ids shared with another surface", test.IDs["shared"], other.IDs["shared"])
	stated := func(e ObservedEvent) string {
		if states := e.Consent["measurement"]; states != "unknown" {
			return states
		}
		return never
	}
	ever("a state of consent", stated(test), stated(other))
	for _, id := range slices.Sorted(maps.Keys(test.Forms)) {
		if a, b := test.Forms[id], other.Forms[id]; a != "" && b != "" && !overlap(a, b) {
			l.fail("%s has %s of form %s in test traffic and %s in production", name, id, a, b)
		}
	}
	if len(l.Failures) == failures {
		l.see("%s is the same in both, with %s", name, strings.Join(carries, ", "))
	}
}

// overlap tells whether two lists of words have one in common.
func overlap(a, b string) bool {
	return slices.ContainsFunc(strings.Split(a, ", "), func(word string) bool { return slices.Contains(strings.Split(b, ", "), word) })
}
