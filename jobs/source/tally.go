package source

import (
	"errors"
	"strings"
)

// tally sums what the workers counted, also of a file that was not read to its end. It
// refuses a file of which no record could be mapped, and some for want of a zone.
func (s *staging) tally(workers []*worker) error {
	var first, zoneless fault
	s.unusable = map[note]int64{}
	s.out.Named, s.out.Events = map[string]bool{}, map[EventName]int64{}
	for _, w := range workers {
		s.out.Records += w.records
		s.out.Blank += w.blank
		s.out.Quarantined += w.quarantined
		s.out.Unusable += w.without
		s.out.Twice += w.twice
		if w.zoneless.before(zoneless) {
			zoneless = w.zoneless
		}
		for id := range w.mapper.named {
			s.out.Named[id] = true
		}
		for e, records := range w.events {
			s.out.Events[e] += records
		}
		for n, records := range w.unusable {
			s.unusable[n] += records
		}
		if w.first.before(first) {
			first = w.first
		}
	}
	s.out.FirstError = first.text
	if zoneless.text != "" && s.out.Quarantined == s.out.Records-s.out.Blank {
		return s.noZone(zoneless)
	}
	return nil
}

// ErrNoZone says that no record of a file could be mapped, and some because its time is a
// local one of no zone that is known.
var ErrNoZone = errors.New("the times of the file name no zone, and the source declares none")

// noZone refuses the file at the first such record: it is the mapping that lacks something.
func (s *staging) noZone(first fault) error {
	column, _, _ := strings.Cut(first.text, ":")
	return &FileError{Source: s.req.Name, Path: s.req.File.Path, Line: first.line, What: "column " + column + ": " + noZone, Err: ErrNoZone,
		Hint: "add zone: UTC, or an IANA name such as America/New_York, to columns." + column + " of the source"}
}
