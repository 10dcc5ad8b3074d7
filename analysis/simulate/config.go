package simulate

import (
	"errors"
	"fmt"
)

// Config says how large the world is and what happens in it. Every rate is a
// probability or a mean per unit named in its comment.
type Config struct {
	Households int64  `json:"households"`
	Exposures  int64  `json:"exposures"` // rows of the exposure log, ghosts included; exact
	Seed       uint64 `json:"seed"`

	HoldoutShare float64 `json:"holdout_share"` // probability that a household is held out
	BaseRate     float64 `json:"base_rate"`     // p0: probability that a holdout household buys
	Lift         float64 `json:"lift"`          // relative: p1 = p0*(1+Lift)
	RepeatMean   float64 `json:"repeat_mean"`   // mean number of further purchases of a buyer (geometric)
	ValueMedian  float64 `json:"value_median"`  // of an order, USD (log-normal)
	ValueSigma   float64 `json:"value_sigma"`   // of the logarithm of the value
	VisitMean    float64 `json:"visit_mean"`    // mean page views per household (geometric)

	Reach          float64 `json:"reach"`           // share of households that ads can reach
	FrequencySigma float64 `json:"frequency_sigma"` // skew of the frequency: sigma of its logarithm

	Seen  Seen  `json:"seen"`
	Noise Noise `json:"noise"`

	// SharedIPShare is the share of neighbourhoods (three consecutive
	// households) behind one IP; SharedIPSales the probability that a household
	// there makes a purchase which nothing but that IP identifies.
	SharedIPShare float64 `json:"shared_ip_share"`
	SharedIPSales float64 `json:"shared_ip_sales"`
	// FalseLinkShare is the share of households with an order whose e-mail is
	// also linked, by stale evidence, to somebody else's household.
	FalseLinkShare float64 `json:"false_link_share"`
}

// Seen is how a paid order inside the window shows up besides the CRM, as
// shares of those orders. What is left of 1 is the ordinary case: the pixel and
// the server both report it with one event id.
type Seen struct {
	PixelOnly   float64 `json:"pixel_only"`
	ServerOnly  float64 `json:"server_only"`
	CRMOnly     float64 `json:"crm_only"`     // neither pixel nor server saw it
	OrderPaired float64 `json:"order_paired"` // pixel and server with different event ids and one order id
	Retried     float64 `json:"retried"`      // the server sent it twice, the same event id
	Late        float64 `json:"late"`         // server only, received more than LateDays later
}

// Noise is what else happens, as means per paid order inside the window.
type Noise struct {
	Staging   float64 `json:"staging"`   // test events
	Undefined float64 `json:"undefined"` // events that the dictionary does not know
	Missing   float64 `json:"missing"`   // purchase events without value or without currency
	Outside   float64 `json:"outside"`   // paid orders before assignment or after the window
	NoOrder   float64 `json:"no_order"`  // purchase events whose order never reaches the CRM
	Unpaid    float64 `json:"unpaid"`    // orders pending, authorized, voided or refunded
	Organic   float64 `json:"organic"`   // paid orders of people outside the study
}

// Default is the small world of fixtures/ctv_known_effect: enough buyers for a
// clear effect, few enough rows to commit.
func Default() Config {
	return Config{
		Households: 8_000, Exposures: 60_000, Seed: 1,
		HoldoutShare: 0.2, BaseRate: 0.06, Lift: 0.4, RepeatMean: 0.08,
		ValueMedian: 62, ValueSigma: 0.55, VisitMean: 0.6,
		Reach: 0.85, FrequencySigma: 0.9,
		Seen: Seen{PixelOnly: 0.10, ServerOnly: 0.12, CRMOnly: 0.06, OrderPaired: 0.04, Retried: 0.05, Late: 0.04},
		Noise: Noise{Staging: 0.05, Undefined: 0.06, Missing: 0.05, Outside: 0.12,
			NoOrder: 0.06, Unpaid: 0.10, Organic: 0.15},
		SharedIPShare: 0.03, SharedIPSales: 0.10, FalseLinkShare: 0.05,
	}
}

// TreatmentRate is p1, the probability that a treated household buys.
func (c Config) TreatmentRate() float64 { return c.BaseRate * (1 + c.Lift) }

// buyersPerHousehold is the mean of p over both arms.
func (c Config) buyersPerHousehold() float64 {
	return c.BaseRate * (1 + c.Lift*(1-c.HoldoutShare))
}

// ordersPerHousehold is the mean number of paid orders inside the window.
func (c Config) ordersPerHousehold() float64 {
	return c.buyersPerHousehold() * (1 + c.RepeatMean)
}

// conversionsPerOrder is the mean number of canonical conversions of every
// kind for one paid order inside the window.
func (c Config) conversionsPerOrder() float64 {
	return 1 + c.Noise.Outside + c.Noise.NoOrder + c.Noise.Unpaid + c.Noise.Organic
}

// WithConversions returns c with its rates changed so that about n canonical
// purchases come out in all, strangers' included. It moves BaseRate first, up
// to one treated household in two; a larger n makes each buyer buy more often.
// The relative lift stays.
func (c Config) WithConversions(n int64) (Config, error) {
	if n <= 0 || c.Households <= 0 {
		return c, fmt.Errorf("spread %d conversions over %d households: both must be positive", n, c.Households)
	}
	const mostBuyers = 0.5
	orders := (float64(n)/float64(c.Households) - c.SharedIPShare*c.SharedIPSales) / c.conversionsPerOrder()
	if orders <= 0 {
		return c, fmt.Errorf("spread %d conversions over %d households: fewer than the purchases planted behind shared IPs", n, c.Households)
	}
	perBaseRate := c.buyersPerHousehold() / c.BaseRate
	highest := mostBuyers / max(1, 1+c.Lift)
	c.BaseRate = min(orders/(1+c.RepeatMean)/perBaseRate, highest)
	c.RepeatMean = orders/(c.BaseRate*perBaseRate) - 1
	return c, c.Validate()
}

// Validate lists everything that makes c impossible.
func (c Config) Validate() error {
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	want(c.Households >= 100 && c.Households < mostIndices, "households is %d: must be 100 or more, below 2^30", c.Households)
	want(c.Exposures >= 0 && c.Exposures < 1<<40, "exposures is %d: must be 0 or more, below 2^40", c.Exposures)
	want(c.HoldoutShare > 0 && c.HoldoutShare < 1, "holdout share is %g: must lie between 0 and 1", c.HoldoutShare)
	want(c.BaseRate > 0 && c.BaseRate <= 1, "base rate is %g: must be above 0, at most 1", c.BaseRate)
	want(c.Lift > -1, "lift is %g: must be above -1", c.Lift)
	want(c.TreatmentRate() <= 1, "base rate %g with lift %g gives probability %.6g: at most 1", c.BaseRate, c.Lift, c.TreatmentRate())
	want(c.RepeatMean >= 0 && c.RepeatMean <= 100, "repeat mean is %g: must lie between 0 and 100", c.RepeatMean)
	want(c.VisitMean >= 0 && c.VisitMean <= 1000, "visit mean is %g: must lie between 0 and 1000", c.VisitMean)
	want(c.ValueMedian > 0 && c.ValueMedian <= 1e6, "value median is %g: must be above 0, at most a million", c.ValueMedian)
	want(c.ValueSigma >= 0 && c.ValueSigma <= 3, "value sigma is %g: must lie between 0 and 3", c.ValueSigma)
	want(c.Reach > 0 && c.Reach <= 1, "reach is %g: must be above 0, at most 1", c.Reach)
	want(c.FrequencySigma >= 0 && c.FrequencySigma <= 3, "frequency sigma is %g: must lie between 0 and 3", c.FrequencySigma)
	for _, s := range []struct {
		name  string
		value float64
	}{
		{"seen pixel only", c.Seen.PixelOnly}, {"seen server only", c.Seen.ServerOnly}, {"seen crm only", c.Seen.CRMOnly},
		{"seen order paired", c.Seen.OrderPaired}, {"seen retried", c.Seen.Retried}, {"seen late", c.Seen.Late},
		{"noise staging", c.Noise.Staging}, {"noise undefined", c.Noise.Undefined}, {"noise missing", c.Noise.Missing},
		{"noise outside", c.Noise.Outside}, {"noise no order", c.Noise.NoOrder}, {"noise unpaid", c.Noise.Unpaid},
		{"noise organic", c.Noise.Organic}, {"shared ip share", c.SharedIPShare}, {"shared ip sales", c.SharedIPSales},
		{"false link share", c.FalseLinkShare},
	} {
		want(s.value >= 0 && s.value <= 1, "%s is %g: must lie between 0 and 1", s.name, s.value)
	}
	seen := c.Seen.PixelOnly + c.Seen.ServerOnly + c.Seen.CRMOnly + c.Seen.OrderPaired + c.Seen.Retried + c.Seen.Late
	want(seen <= 1, "the shares of seen sum to %g: at most 1", seen)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("simulation settings: %w", err)
	}
	return nil
}
