package analysis

// Grade says how well a comparison supports a causal reading.
type Grade string

// The grades, best first.
const (
	// Randomized is a comparison of groups that chance alone made.
	Randomized Grade = "randomized"
	// QuasiExperimental is a comparison that rests on a stated design and its
	// assumptions instead of on randomization.
	QuasiExperimental Grade = "quasi-experimental"
	// Descriptive is a count or a rate that says nothing about cause.
	Descriptive Grade = "descriptive"
)

// Severity says what a reader must do about a [Warning].
type Severity string

// The severities, mildest first.
const (
	// Info is worth knowing and changes nothing.
	Info Severity = "info"
	// Caution asks the reader to lean less on the number.
	Caution Severity = "caution"
	// Stop says that the number must not be used.
	Stop Severity = "stop"
)

// Warning is a doubt that must reach the reader of a number.
type Warning struct {
	Code     string // stable name for machines, such as "sample_ratio_mismatch"
	Severity Severity
	Text     string // one sentence for people
}

// Interval is the set of values that a test does not reject at 1 - Level, from
// Lo to Hi, both included.
//
// An end that does not exist is flagged as unbounded, and its value is then 0
// and means nothing. With both flags set the interval is the whole line.
type Interval struct {
	Lo, Hi      float64
	LoUnbounded bool
	HiUnbounded bool
	Level       float64 // such as 0.95
}

// Contains reports whether x lies in the interval, ends included.
func (i Interval) Contains(x float64) bool {
	return (i.LoUnbounded || i.Lo <= x) && (i.HiUnbounded || x <= i.Hi)
}

// IsBounded reports whether both ends exist.
func (i Interval) IsBounded() bool { return !i.LoUnbounded && !i.HiUnbounded }

// Estimate is one number with everything that must stand beside it.
//
// Value, Interval and P are there when their Has flag is set and are zero
// otherwise. NotEstimable is empty when there is a value and an interval, and
// otherwise says in a sentence which of them is missing and why.
type Estimate struct {
	Value       float64
	HasValue    bool
	Interval    Interval
	HasInterval bool
	P           float64 // two-sided, of the test that Interval inverts
	HasP        bool
	NTreatment  int64 // units behind the estimate; of a single group, all of them
	NControl    int64
	Method      string
	Grade       Grade
	Warnings    []Warning

	NotEstimable string
}

// Scale returns the estimate of factor times the quantity, for example a total
// from a value per unit. The p-value stays: a test of no effect does not depend
// on the scale. A factor of 0 makes every value 0 and is meant for an arm
// without units; a negative factor turns the interval round.
func (e Estimate) Scale(factor float64) Estimate {
	e.Value *= factor
	i := e.Interval
	i.Lo, i.Hi = i.Lo*factor, i.Hi*factor
	if factor < 0 {
		i.Lo, i.Hi = i.Hi, i.Lo
		i.LoUnbounded, i.HiUnbounded = i.HiUnbounded, i.LoUnbounded
	}
	e.Interval = i
	return e
}

// Shift returns the estimate of the quantity plus by, for example a lift from a
// ratio with by = -1. The p-value stays: the value of no effect is shifted too.
func (e Estimate) Shift(by float64) Estimate {
	if e.HasValue {
		e.Value += by
	}
	if e.HasInterval {
		if !e.Interval.LoUnbounded {
			e.Interval.Lo += by
		}
		if !e.Interval.HiUnbounded {
			e.Interval.Hi += by
		}
	}
	return e
}
