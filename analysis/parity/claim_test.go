package parity

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestClaim(t *testing.T) {
	one := func(day, touch, cause int64) Sent { return Sent{day, touch, cause, 1, false} }
	later := func(touch, units int64) Sent { return Sent{9, touch, 0, units * Unit, true} }
	for _, c := range []struct {
		name     string
		sent     []Sent
		reported map[int64]int64
		unsent   bool
		want     []Share
		moved    int64
	}{
		{"the same", []Sent{one(1, 1, 0), one(1, 1, 0)}, map[int64]int64{1: 2}, false, []Share{{1, Shared, 2, 2}}, 0},
		{"twice as many", []Sent{one(1, 1, 0)}, map[int64]int64{1: 2}, false, []Share{{1, Shared, 1, 1}, {1, Phantom, 0, 1}}, 0},
		{"half", []Sent{one(1, 1, 0), one(1, 1, 0)}, map[int64]int64{1: 1}, false, []Share{{1, Shared, 1, 1}, {1, Unexplained, 1, 0}}, 0},
		{"half of what was never sent", []Sent{one(1, 1, 0), one(1, 1, 0)}, map[int64]int64{1: 1}, true, []Share{{1, Shared, 1, 1}, {1, Undelivered, 1, 0}}, 0},
		{"half, one may come", []Sent{one(1, 1, Late), one(1, 1, 0)}, map[int64]int64{1: 1}, false, []Share{{1, Shared, 1, 1}, {1, Late, 1, 0}}, 0},
		{"late and here", []Sent{one(1, 1, Late)}, map[int64]int64{1: 1}, false, []Share{{1, Shared, 1, 1}}, 0},
		{"test traffic left out", []Sent{one(1, 1, 1), one(1, 1, 0)}, map[int64]int64{1: 1}, false, []Share{{1, Shared, 1, 1}, {1, 1, 1, 0}}, 0},
		{"test traffic counted", []Sent{one(1, 1, 1), one(1, 1, 0)}, map[int64]int64{1: 2}, false, []Share{{1, Shared, 1, 1}, {1, 1, 1, 1}}, 0},
		{"the first cause takes it", []Sent{one(1, 1, 3), one(1, 1, 7), one(1, 1, 10)}, map[int64]int64{1: 2}, false, []Share{{1, 3, 1, 1}, {1, 7, 1, 1}, {1, 10, 1, 0}}, 0},
		{"on the day of the touch", []Sent{one(2, 1, 0)}, map[int64]int64{1: 1}, false, []Share{{1, Windowing, 0, 1}, {2, Windowing, 1, 0}}, 1},
		{"each on the day of its touch, in a row", []Sent{one(2, 1, 0), one(3, 2, 0)}, map[int64]int64{1: 1, 2: 1}, false,
			[]Share{{1, Windowing, 0, 1}, {2, Shared, 1, 1}, {3, Windowing, 1, 0}}, 1},
		{"one of two on the day of the touch", []Sent{one(2, 1, 0), one(2, 2, 0)}, map[int64]int64{1: 3}, false,
			[]Share{{1, Windowing, 0, 1}, {1, Phantom, 0, 2}, {2, Windowing, 1, 0}, {2, Unexplained, 1, 0}}, 1},
		{"after the last day, on that of the touch", []Sent{later(1, 2)}, map[int64]int64{1: Unit}, false, []Share{{1, Windowing, 0, Unit}, {9, Windowing, Unit, 0}}, Unit},
		{"after the last day, and not reported", []Sent{later(1, 2), one(1, 1, 0)}, map[int64]int64{1: 1}, false, []Share{{1, Shared, 1, 1}}, 0},
		{"counted by the day of the conversion", []Sent{later(1, 2), one(2, 1, 0)}, map[int64]int64{1: Unit, 2: 1}, false,
			[]Share{{1, Phantom, 0, Unit}, {2, Shared, 1, 1}}, 0},
		{"part of one after the last day", []Sent{later(1, 2)}, map[int64]int64{1: Unit / 2}, false, []Share{{1, Phantom, 0, Unit / 2}}, 0},
		{"nothing", nil, nil, false, nil, 0},
	} {
		got, moved := Claim(c.sent, c.reported, c.unsent)
		if !reflect.DeepEqual(got, c.want) || moved != c.moved {
			t.Errorf("%s: %v, %d moved; want %v, %d", c.name, got, moved, c.want, c.moved)
		}
	}
}

// TestClaimIsExact: on random worlds the shares of a day are its records and what is reported
// on it, no cause is credited with more than it has, and a platform that counts by the day of
// the touch what it should is explained by that alone.
func TestClaimIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sent []Sent
		for range rapid.IntRange(0, 30).Draw(t, "kinds") {
			s := Sent{Day: rapid.Int64Range(1, 6).Draw(t, "day"), Cause: rapid.SampledFrom([]int64{0, 0, 0, 1, 3, 5, 7, 9, 10}).Draw(t, "cause"),
				Micros: rapid.Int64Range(1, 3_000_000).Draw(t, "records")}
			s.TouchDay = s.Day - rapid.Int64Range(0, s.Day-1).Draw(t, "age")
			sent = append(sent, s)
		}
		reported := map[int64]int64{}
		for range rapid.IntRange(0, 6).Draw(t, "days") {
			reported[rapid.Int64Range(1, 7).Draw(t, "of")] += rapid.Int64Range(0, 9_000_000).Draw(t, "count")
		}
		outside := map[int64]int64{}
		for range rapid.IntRange(0, 3).Draw(t, "later kinds") {
			s := Sent{Day: rapid.Int64Range(8, 9).Draw(t, "later day"), TouchDay: rapid.Int64Range(1, 7).Draw(t, "touch"), IsOutside: true,
				Micros: rapid.Int64Range(1, 3).Draw(t, "units") * Unit}
			outside[s.Day] += s.Micros
			sent = append(sent, s)
		}
		unsent := rapid.Bool().Draw(t, "unsent")
		shares, moved := Claim(sent, reported, unsent)
		if again, _ := Claim(backward(sent), reported, unsent); !reflect.DeepEqual(shares, again) {
			t.Fatalf("in another order: %v, then %v", shares, again)
		}
		first, second, own, has := map[int64]int64{}, map[int64]int64{}, map[Share]int64{}, map[int64]int64{}
		for _, s := range sent {
			if s.IsOutside {
				continue
			}
			has[s.Day] += s.Micros
			own[Share{Day: s.Day, Cause: s.Cause}] += s.Micros
		}
		var window int64
		for _, s := range shares {
			first[s.Day] += s.First
			second[s.Day] += s.Second
			switch n := own[Share{Day: s.Day, Cause: s.Cause}]; {
			case s.Cause == Shared && s.First != s.Second:
				t.Fatalf("shared by one side alone: %v", s)
			case s.Cause == Windowing:
				window += s.First - n
			case s.Cause > Shared && s.Cause < Late && (s.First != n || s.Second > n):
				t.Fatalf("%v, but there are %d records", s, n)
			case s.Cause == Late && (s.First > n || s.Second > 0):
				t.Fatalf("%v, but %d records may come", s, n)
			}
		}
		if window != moved {
			t.Fatalf("%d moved, %d under windowing", moved, window)
		}
		for day := int64(1); day <= 7; day++ {
			if first[day] != has[day] || second[day] != reported[day] {
				t.Fatalf("day %d: shares make %d and %d of %d and %d", day, first[day], second[day], has[day], reported[day])
			}
		}
		for day, most := range outside {
			if first[day] > most || first[day]%Unit != 0 {
				t.Fatalf("day %d after the last: %d of %d", day, first[day], most)
			}
		}
		byTouch, all := map[int64]int64{}, int64(0)
		var should []Sent
		for _, s := range sent {
			if s.Cause == Shared && !s.IsOutside {
				should, all = append(should, s), all+s.Micros
				byTouch[s.TouchDay] += s.Micros
			}
		}
		shares, _ = Claim(should, byTouch, unsent)
		for _, s := range shares {
			if s.Cause != Shared && s.Cause != Windowing {
				t.Fatalf("counted by touch, but %v", s)
			}
		}
	})
}

func backward(sent []Sent) []Sent {
	sent = slices.Clone(sent)
	slices.Reverse(sent)
	return sent
}
