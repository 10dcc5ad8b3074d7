package simulate

import "time"

// The calendar of the simulated campaign, UTC. Assignment happens in the first
// AssignDays, so that the outcome window of every household has closed when
// the period ends, and every record has been received before AsOf.
var (
	PeriodStart = time.Date(2026, time.September, 7, 0, 0, 0, 0, time.UTC)
	PeriodEnd   = time.Date(2026, time.October, 19, 0, 0, 0, 0, time.UTC) // exclusive
	AsOf        = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)
)

const (
	PeriodDays  = 42
	AssignDays  = 14
	OutcomeDays = 28 // 0 < converted - assigned <= 28 days
	LateDays    = 7  // received more than this after it happened: late
)

const (
	minute = int64(60)
	hour   = 60 * minute
	day    = 24 * hour
)

// Creative is one ad of the simulated campaign.
type Creative struct {
	Campaign  string
	Name      string
	Share     float64 // of all exposures; the shares sum to 1
	CPMMicros int64   // price of a thousand delivered impressions, in micros of USD
}

// Creatives lists the ads, in the order of Exposure.Creative.
func Creatives() []Creative {
	return []Creative{
		{"autumn_brand", "family_dinner_30s", 0.30, 28_000_000},
		{"autumn_brand", "long_table_30s", 0.18, 28_000_000},
		{"autumn_brand", "first_frost_15s", 0.12, 24_000_000},
		{"autumn_offer", "free_delivery_15s", 0.25, 21_000_000},
		{"autumn_offer", "last_weekend_15s", 0.15, 21_000_000},
	}
}
