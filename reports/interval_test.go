package reports

import "testing"

func TestAxisHoldsWhatItShows(t *testing.T) {
	for _, r := range []Report{sample(), mixed()} {
		p := newPlot("", r.liftRows(), slotLift)
		if p.Axis.Min > 0 || p.Axis.Max < 0 || p.Axis.Zero == "" {
			t.Errorf("%s: zero is not on the axis %v to %v", r.Study, p.Axis.Min, p.Axis.Max)
		}
		for _, row := range p.Rows {
			if e := row.Number.Estimate; e != nil && (*e*100 < p.Axis.Min || *e*100 > p.Axis.Max) {
				t.Errorf("%s: the estimate %v is off the axis", r.Study, *e*100)
			}
			m := row.Mark
			n := row.Number
			if n.HiUnbounded && (!m.HiArrow || m.Hi != "100%") {
				t.Errorf("%s: an unbounded end is not an arrow at the edge: %+v", r.Study, m)
			}
			if n.Hi != nil && *n.Hi*100 > p.Axis.Max && !m.HiArrow {
				t.Errorf("%s: an end beyond the axis is not an arrow: %+v", r.Study, m)
			}
			if n.Estimate == nil && (m.Has || m.HasInterval) {
				t.Errorf("%s: something is drawn where nothing can be estimated", r.Study)
			}
		}
		if n := len(p.Axis.Ticks); n < 3 || n > 9 {
			t.Errorf("%s: %d ticks", r.Study, n)
		}
	}
	if p := newPlot("", nil, slotLift); p.Axis.Zero != "50%" {
		t.Errorf("an empty plot has zero at %q", p.Axis.Zero)
	}
}
