package analysis

import "testing"

func TestIntervalContains(t *testing.T) {
	tests := []struct {
		name string
		in   Interval
		x    float64
		want bool
	}{
		{"inside", Interval{Lo: -1, Hi: 2}, 0, true},
		{"on the lower end", Interval{Lo: -1, Hi: 2}, -1, true},
		{"on the upper end", Interval{Lo: -1, Hi: 2}, 2, true},
		{"below", Interval{Lo: -1, Hi: 2}, -1.5, false},
		{"above", Interval{Lo: -1, Hi: 2}, 2.5, false},
		{"no lower end", Interval{LoUnbounded: true, Hi: 2}, -1e300, true},
		{"above, no lower end", Interval{LoUnbounded: true, Hi: 2}, 3, false},
		{"no upper end", Interval{Lo: -1, HiUnbounded: true}, 1e300, true},
		{"below, no upper end", Interval{Lo: 1, HiUnbounded: true}, 0, false},
		{"whole line", Interval{LoUnbounded: true, HiUnbounded: true}, 7, true},
	}
	for _, tt := range tests {
		if got := tt.in.Contains(tt.x); got != tt.want {
			t.Errorf("%s: Contains(%v) = %v, want %v", tt.name, tt.x, got, tt.want)
		}
	}
}

func TestIntervalIsBounded(t *testing.T) {
	for in, want := range map[Interval]bool{
		{Lo: 1, Hi: 2}:                         true,
		{LoUnbounded: true, Hi: 2}:             false,
		{Lo: 1, HiUnbounded: true}:             false,
		{LoUnbounded: true, HiUnbounded: true}: false,
	} {
		if got := in.IsBounded(); got != want {
			t.Errorf("%+v: IsBounded = %v, want %v", in, got, want)
		}
	}
}

func TestScale(t *testing.T) {
	e := Estimate{
		Value: 0.5, HasValue: true,
		Interval: Interval{Lo: 0.25, Hi: 1, Level: 0.95}, HasInterval: true,
		P: 0.01, HasP: true, NTreatment: 10, NControl: 20,
	}
	got := e.Scale(4)
	if got.Value != 2 || got.Interval != (Interval{Lo: 1, Hi: 4, Level: 0.95}) || got.P != 0.01 || got.NTreatment != 10 {
		t.Errorf("Scale(4) = %+v", got)
	}
	e.Interval = Interval{Lo: 0.25, HiUnbounded: true, Level: 0.95}
	got = e.Scale(-4)
	if got.Value != -2 || !got.Interval.LoUnbounded || got.Interval.HiUnbounded || got.Interval.Hi != -1 {
		t.Errorf("Scale(-4) = %+v", got)
	}
}

func TestShift(t *testing.T) {
	e := Estimate{Value: 1.5, HasValue: true, Interval: Interval{Lo: 1.25, HiUnbounded: true}, HasInterval: true}
	got := e.Shift(-1)
	if got.Value != 0.5 || got.Interval.Lo != 0.25 || got.Interval.Hi != 0 || !got.Interval.HiUnbounded {
		t.Errorf("Shift(-1) = %+v", got)
	}
	none := Estimate{NotEstimable: "no units"}
	if got := none.Shift(-1); got.Value != 0 || got.Interval != (Interval{}) {
		t.Errorf("Shift of no estimate = %+v, want no value and no interval", got)
	}
}
