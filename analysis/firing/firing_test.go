package firing

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The points of 5% of Fisher's g for m periods (Fisher 1929, table 1), which are those of
// the longest of the m spacings that m-1 points leave.
func TestLongestSpacingFisher(t *testing.T) {
	for m, g := range map[int64]float64{5: 0.68377, 10: 0.44495, 15: 0.33462, 20: 0.27040, 25: 0.22805, 30: 0.19784, 40: 0.15738, 50: 0.13135} {
		if p := LongestSpacing(m-1, g); math.Abs(p-0.05) > 2e-4 {
			t.Errorf("%d spacings longer than %v: %v, want 0.05", m, g, p)
		}
	}
}

func TestLongestSpacingEdges(t *testing.T) {
	for _, c := range []struct {
		n    int64
		x    float64
		want float64
	}{{0, 0.9, 1}, {0, 1, 1}, {5, 1, 0}, {5, 0, 1}, {1, 0.75, 0.5}, {1e9, 1e-3, 0}, {10_000, 1e-6, 1}} {
		if p := LongestSpacing(c.n, c.x); math.Abs(p-c.want) > 1e-12 {
			t.Errorf("%d points, %v: %v, want %v", c.n, c.x, p, c.want)
		}
	}
}

func TestNoneOf(t *testing.T) { // of 2 and 3 two are drawn: 3/10
	for _, c := range []struct {
		own, others, m int64
		want           float64
	}{{2, 3, 2, 0.3}, {2, 3, 0, 1}, {0, 3, 2, 1}, {2, 3, 4, 0}, {1, 1, 1, 0.5}} {
		if p := NoneOf(c.own, c.others, c.m); math.Abs(p-c.want) > 1e-12 {
			t.Errorf("%+v: %v", c, p)
		}
	}
}

// A Poisson tail by its sum, and a negative binomial one: of mean 4 and variance 8 (r = 4,
// p = 1/2) at most 1 has the probability 1/16 + 4/32.
func TestLowerTail(t *testing.T) {
	if p := lowerTail(1, 2, 1); math.Abs(p-3*math.Exp(-2)) > 1e-12 {
		t.Errorf("Poisson: %v", p)
	}
	if p := lowerTail(1, 4, 2); math.Abs(p-0.1875) > 1e-12 {
		t.Errorf("negative binomial: %v", p)
	}
}

// world is a stream that sleeps at night and is busier on weekdays; spread is what its
// days differ by, as the variance of a gamma with mean 1.
type world struct {
	days   int
	perDay float64
	flat   bool
	spread float64
}

func (w world) hours(src *rand.PCG) []Hour {
	hours := make([]Hour, 0, w.days*24)
	rng := rand.New(src)
	for day := range w.days {
		level := w.perDay / 24
		if w.spread > 0 {
			level *= distuv.Gamma{Alpha: 1 / w.spread, Beta: 1 / w.spread, Src: rng}.Rand()
		}
		for clock := range 24 {
			rate := level
			if !w.flat {
				rate *= 1 + 0.98*math.Sin(2*math.Pi*float64(clock-9)/24)
				if day%7 > 4 {
					rate *= 0.5
				}
			}
			n := int64(0)
			if rate > 0 {
				n = int64(distuv.Poisson{Lambda: rate, Src: rng}.Rand())
			}
			hours = append(hours, Hour{Day: int64(day), Weekday: day % 7, Clock: clock, Records: n})
		}
	}
	return hours
}

// TestCalibrateFiring: streams in which nothing happened raise an alarm at most as often as
// stated, and where hours are short beside the silences about as often.
func TestCalibrateFiring(t *testing.T) {
	const alpha, draws = 0.05, 800
	for _, c := range []struct {
		name  string
		of    world
		least float64
	}{
		{"even, twice a day", world{days: 60, perDay: 2, flat: true}, 0.025},
		{"even, once in two days", world{days: 90, perDay: 0.5, flat: true}, 0.02},
		{"nights and weekends, few", world{days: 60, perDay: 5}, 0},
		{"nights and weekends, many", world{days: 42, perDay: 400}, 0},
		{"two weeks", world{days: 14, perDay: 20}, 0},
		{"days that differ", world{days: 60, perDay: 20, spread: 0.3}, 0},
	} {
		silences, low := 0, 0
		for i := range draws {
			j, err := Judge(c.of.hours(rand.NewPCG(1729, uint64(i))), alpha)
			if err != nil {
				t.Fatal(err)
			}
			if len(j.Silences) > 0 {
				silences++
			}
			for _, d := range j.Days {
				if d.IsLow {
					low++
					break
				}
			}
		}
		most := alpha + 4*math.Sqrt(alpha*(1-alpha)/draws)
		for what, hits := range map[string]int{"silences": silences, "low days": low} {
			share := float64(hits) / draws
			t.Logf("%s: false %s in %.4f of streams", c.name, what, share)
			if share > most || what == "silences" && share < c.least {
				t.Errorf("%s: false %s in %.4f of streams, want %v to %.4f", c.name, what, share, c.least, most)
			}
		}
	}
}

// TestPlantedSilences: an outage is found with its hours, and nothing else is.
func TestPlantedSilences(t *testing.T) {
	for _, c := range []struct {
		name        string
		of          world
		from, until int // hours of the outage
	}{
		{"two days of a busy stream", world{days: 42, perDay: 400}, 20*24 + 9, 22*24 + 9},
		{"three hours by day", world{days: 42, perDay: 400}, 20*24 + 12, 20*24 + 15},
		{"the first week", world{days: 60, perDay: 20}, 0, 7 * 24},
		{"the last ten days of a slow stream", world{days: 60, perDay: 4}, 50 * 24, 60 * 24},
	} {
		hours := c.of.hours(rand.NewPCG(4, 2))
		var lost int64
		for i := c.from; i < c.until; i++ {
			lost += hours[i].Records
			hours[i].Records = 0
		}
		j, err := Judge(hours, 0.001)
		if err != nil || len(j.Silences) != 1 {
			t.Errorf("%s: %+v, %v", c.name, j.Silences, err)
			continue
		}
		s := j.Silences[0]
		if s.From > c.from || s.Until < c.until || c.from-s.From > 24 || s.Until-c.until > 24 {
			t.Errorf("%s: hours %d to %d, planted %d to %d", c.name, s.From, s.Until, c.from, c.until)
		}
		if off := math.Abs(s.Expected - float64(lost)); off > 5*math.Sqrt(float64(lost))+0.1*float64(lost) {
			t.Errorf("%s: %v expected, %d lost", c.name, s.Expected, lost)
		}
	}
}

// TestQuietIsNotDead: what is quiet by nature is no silence.
func TestQuietIsNotDead(t *testing.T) {
	night := make([]Hour, 0, 60*24)
	for day := range 60 {
		for clock := range 24 {
			h := Hour{Day: int64(day), Weekday: day % 7, Clock: clock}
			if clock >= 9 && clock < 17 {
				h.Records = 10
			}
			night = append(night, h)
		}
	}
	rare := make([]Hour, 60*24)
	for i := range rare {
		rare[i] = Hour{Day: int64(i / 24), Weekday: i / 24 % 7, Clock: i % 24}
	}
	for _, i := range []int{40, 41, 300, 700} {
		rare[i].Records = 1
	}
	burst := make([]Hour, 60*24)
	for i := range burst {
		burst[i] = Hour{Day: int64(i / 24), Weekday: i / 24 % 7, Clock: i % 24, Records: max(0, int64(6*24-i))}
	}
	for name, hours := range map[string][]Hour{"six days of sixty": burst, "closed at night": night, "four records in sixty days": rare, "none": rare[:0]} {
		if j, err := Judge(hours, 0.001); err != nil || len(j.Silences) > 0 {
			t.Errorf("%s: %+v, %v", name, j.Silences, err)
		}
	}
}

func TestLowDay(t *testing.T) {
	hours := world{days: 42, perDay: 400}.hours(rand.NewPCG(7, 7))
	for i := 30 * 24; i < 31*24; i++ {
		hours[i].Records = hours[i].Records / 3
	}
	j, err := Judge(hours, 0.001)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range j.Days {
		if d.IsLow != (d.Day == 30) {
			t.Errorf("day %d with %d of %.0f: low is %v", d.Day, d.Records, d.Expected, d.IsLow)
		}
	}
}

func TestJudgeRefuses(t *testing.T) {
	for name, do := range map[string]func() error{
		"alpha":      func() error { _, err := Judge(nil, 0); return err },
		"fewer than": func() error { _, err := Judge([]Hour{{Records: -1}}, 0.05); return err },
		"no hour":    func() error { _, err := Judge([]Hour{{Clock: 24}}, 0.05); return err },
		"no order":   func() error { _, err := Judge([]Hour{{Day: 2}, {Day: 1}}, 0.05); return err },
	} {
		if do() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
