package jobs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ghostlight/jobs/source"
)

// UndefinedName counts the records of one platform under one name that the event
// dictionary does not know. A run does not use them.
type UndefinedName struct {
	Platform string `json:"platform"`
	Event    string `json:"event"` // as the platform calls it, cut to 80 characters; "": the others
	Names    int64  `json:"names"` // how many these are; 1 with a name
	Records  int64  `json:"records"`
}

// maxUndefined is how many unknown names of a source and platform are told; a
// report tells as many.
const maxUndefined = 10

// undefinedNames are the names that the dictionary knows neither as an alias of their
// platform and surface nor by what the mapping pack calls them, the most frequent of each platform
// first and the rest of it last.
func (w *Workspace) undefinedNames(events map[source.EventName]int64) []UndefinedName {
	records := map[UndefinedName]int64{}
	for e, n := range events {
		_, isCanonical := w.Events[e.Canonical]
		if !isCanonical && !w.isAlias(e) {
			records[UndefinedName{Platform: e.Platform, Event: cutName(e.Name), Names: 1}] += n
		}
	}
	all := []UndefinedName{}
	for u, n := range records {
		u.Records = n
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b UndefinedName) int {
		return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(b.Records, a.Records), cmp.Compare(a.Event, b.Event))
	})
	told := []UndefinedName{}
	of := 0
	for i, u := range all {
		if of++; i == 0 || all[i-1].Platform != u.Platform {
			of = 1
		}
		switch last := len(told) - 1; {
		case of <= maxUndefined:
			told = append(told, u)
		case of == maxUndefined+1:
			told = append(told, UndefinedName{Platform: u.Platform, Names: 1, Records: u.Records})
		default:
			told[last].Names++
			told[last].Records += u.Records
		}
	}
	return told
}

func (w *Workspace) isAlias(e source.EventName) bool {
	for _, event := range w.Events {
		if slices.Contains(event.Aliases[e.Platform], e.Name) || slices.Contains(event.Aliases[e.Platform+"/"+e.Surface], e.Name) {
			return true
		}
	}
	return false
}

// cutName cuts a name to 80 characters, as a report does.
func cutName(name string) string {
	if characters := []rune(name); len(characters) > 80 {
		return string(characters[:80])
	}
	return name
}

// unusedNames are the ids in names: of a source that no record had, in order.
func unusedNames(src source.Source, named map[string]bool) []string {
	unused := []string{}
	for id := range src.Names {
		if !named[id] {
			unused = append(unused, id)
		}
	}
	slices.Sort(unused)
	return unused
}

// notes of one source, one a line.
func (s CheckedSource) notes() []string {
	var notes []string
	if len(s.Undefined) > 0 {
		var names []string
		for _, u := range s.Undefined {
			name := fmt.Sprintf("%s %q", u.Platform, u.Event)
			if u.Event == "" {
				name = fmt.Sprintf("%d others of %s", u.Names, u.Platform)
			}
			names = append(names, fmt.Sprintf("%s (%d)", name, u.Records))
		}
		notes = append(notes, fmt.Sprintf("source %s: the dictionary does not know the events %s: add to aliases in events.yaml, or to names: of the source",
			s.Source, strings.Join(names, ", ")))
	}
	if len(s.UnusedNames) > 0 {
		notes = append(notes, fmt.Sprintf("source %s: no record has the ids in names: %s", s.Source, strings.Join(s.UnusedNames, ", ")))
	}
	return notes
}
