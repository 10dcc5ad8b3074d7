package lift

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"ghostlight/analysis"
)

// ErrInput is wrapped by every error of this package: the input contradicts
// itself, such as more converters than units or a level outside (0, 1).
var ErrInput = errors.New("broken input")

// Names of the methods, as they stand in Estimate.Method.
const (
	MethodWilson             = "Wilson score"
	MethodClopperPearson     = "Clopper-Pearson exact"
	MethodNewcombe           = "Newcombe hybrid score"
	MethodMee                = "Mee score"
	MethodMiettinenNurminen  = "Miettinen-Nurminen score"
	MethodKoopman            = "Koopman score"
	MethodMiettinenNurminenR = "Miettinen-Nurminen score ratio"
	MethodWelch              = "Welch t"
	MethodFieller            = "Fieller"
)

// Options are what every estimator of this package needs beside the data.
type Options struct {
	Level float64        // of the interval, inside (0, 1)
	Grade analysis.Grade // of the comparison; copied to the estimate
}

// DefaultOptions are a 95% interval on a randomized comparison.
func DefaultOptions() Options {
	return Options{Level: 0.95, Grade: analysis.Randomized}
}

func (o Options) validate() error {
	if !(o.Level > 0 && o.Level < 1) {
		return fmt.Errorf("level %v is not between 0 and 1: %w", o.Level, ErrInput)
	}
	return nil
}

// z is the two-sided normal quantile of the level.
func (o Options) z() float64 {
	return -distuv.UnitNormal.Quantile((1 - o.Level) / 2)
}

// normalP is the two-sided p-value of a standard normal statistic.
func normalP(z float64) float64 {
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}
