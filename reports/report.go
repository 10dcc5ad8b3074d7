package reports

import "time"

// SchemaVersion is the version of results.json. It grows when a field changes
// its meaning or goes away; a reader refuses a higher one than it knows.
const SchemaVersion = 1

// Report is everything a lift report shows, as plain data. It is what
// results.json holds, and the HTML page and the CSV tables are made of nothing
// else, so they cannot disagree with it. It carries no unit-level record and no
// wall-clock time: the same Report gives the same bytes.
type Report struct {
	SchemaVersion  int            `json:"schema_version"`
	Study          string         `json:"study"`
	Title          string         `json:"title"`
	Run            Run            `json:"run"`
	Verdict        Verdict        `json:"verdict"`
	KeyFigures     []KeyFigure    `json:"key_figures"`
	Trust          []Check        `json:"trust"`
	Arms           []Arm          `json:"arms"`
	SampleRatio    SampleRatio    `json:"sample_ratio"`
	Metrics        []Metric       `json:"metrics"`
	Creatives      []Creative     `json:"creatives"`
	Windows        WindowGrid     `json:"windows"`
	Reconciliation Reconciliation `json:"reconciliation"`
	Verification   Verification   `json:"verification"`
	Dedup          Dedup          `json:"dedup"`
	Integrity      Integrity      `json:"integrity"`
	MatchQuality   []MatchQuality `json:"match_quality"`
	Coverage       Coverage       `json:"coverage"`
	Quality        Quality        `json:"quality"`
	Changes        []Change       `json:"changes"`
	Warnings       []Warning      `json:"warnings"`
	Provenance     Provenance     `json:"provenance"`
}

// Run says which run made the report and for which cut-off.
type Run struct {
	ID            string    `json:"id"`
	AsOf          time.Time `json:"as_of"`
	PeriodStart   time.Time `json:"period_start"`
	PeriodEnd     time.Time `json:"period_end"` // exclusive
	OutcomeWindow string    `json:"outcome_window"`
	Unit          string    `json:"unit"` // what was randomized: "household"
	Level         float64   `json:"level"`
	Currency      string    `json:"currency"`
}

// Verdict is the one sentence on top, chosen by rule from the headline
// interval and the trust checks.
type Verdict struct {
	// State is clear_increase, clear_decrease, inconclusive, too_small, too_early,
	// not_trustworthy or not_estimable.
	State    string   `json:"state"`
	Sentence string   `json:"sentence"`
	Reasons  []string `json:"reasons"`
}

// Number is one estimate with everything that must stand beside it. A field
// that does not exist is null; an interval end that does not exist because the
// set is unbounded is null with its _unbounded flag set.
type Number struct {
	Estimate    *float64 `json:"estimate"`
	Lo          *float64 `json:"lo"`
	Hi          *float64 `json:"hi"`
	LoUnbounded bool     `json:"lo_unbounded"`
	HiUnbounded bool     `json:"hi_unbounded"`
	Level       float64  `json:"level"`
	P           *float64 `json:"p"`
	NTreatment  int64    `json:"n_treatment"`
	NControl    int64    `json:"n_control"`
	Method      string   `json:"method"`
	Grade       string   `json:"grade"` // randomized, quasi-experimental or descriptive
	Unit        string   `json:"unit"`  // rate, ratio, count, or an ISO currency code
	// NotEstimable says why there is no estimate, or no interval; empty when
	// both exist.
	NotEstimable string `json:"not_estimable"`
}

// KeyFigure is one of the large figures under the verdict.
type KeyFigure struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Number Number `json:"number"`
	Note   string `json:"note"`
}

// Check is one light of the trust strip.
type Check struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Status string `json:"status"` // green, amber, red, or grey when nothing was there to check
	Value  string `json:"value"`
	Detail string `json:"detail"`
}

// Arm is one randomized group.
type Arm struct {
	Name      string  `json:"name"`
	Label     string  `json:"label"`
	IsHoldout bool    `json:"is_holdout"`
	Units     int64   `json:"units"`
	Share     float64 `json:"share"`        // observed
	Design    float64 `json:"design_share"` // as the study states it
	Exposed   int64   `json:"exposed_units"`
	Ghost     int64   `json:"ghost_units"`
}

// SampleRatio is the chi-square test of the observed arm sizes against the
// design.
type SampleRatio struct {
	ChiSquare    *float64 `json:"chi_square"`
	DF           int      `json:"df"`
	P            *float64 `json:"p"`
	NotEstimable string   `json:"not_estimable"`
}

// Metric is one outcome with its arms and the contrast of every treatment arm
// with the holdout.
type Metric struct {
	Name       string     `json:"name"`
	Label      string     `json:"label"`
	Kind       string     `json:"kind"` // proportion or mean
	Event      string     `json:"event"`
	From       []string   `json:"from"`
	IsHeadline bool       `json:"is_headline"`
	Arms       []ArmValue `json:"arms"`
	Contrasts  []Contrast `json:"contrasts"`
}

// ArmValue is what one arm did on one metric.
type ArmValue struct {
	Arm         string  `json:"arm"`
	Units       int64   `json:"units"`
	Converters  int64   `json:"converters"`  // units with at least one conversion
	Conversions int64   `json:"conversions"` // conversions
	SumMicros   int64   `json:"sum_micros"`  // value, in micros of the report's currency
	Mean        float64 `json:"mean"`        // rate, or value per unit
	Variance    float64 `json:"variance"`    // sample variance per unit (n-1)
}

// Contrast is one treatment arm against the holdout.
type Contrast struct {
	Arm         string `json:"arm"`
	Absolute    Number `json:"absolute"`    // difference of rates, or of means
	Relative    Number `json:"relative"`    // lift: ratio minus one
	Incremental Number `json:"incremental"` // absolute times the arm's units
}

// Creative is one line of the creative table.
type Creative struct {
	Creative    string `json:"creative"`
	Campaign    string `json:"campaign"`
	Impressions int64  `json:"impressions"`
	Reach       int64  `json:"reach"` // households
	Attributed  int64  `json:"attributed_conversions"`
	ValueMicros int64  `json:"attributed_value_micros"`
	SpendMicros int64  `json:"spend_micros"`
	// Rate is attributed conversions per reached household: descriptive.
	Rate Number `json:"rate"`
	// IsRandomized says that the creative was a treatment arm of its own; Lift
	// is then that arm's contrast on the headline metric, and otherwise says
	// why it cannot be estimated.
	IsRandomized bool   `json:"is_randomized"`
	Arm          string `json:"arm"`
	Lift         Number `json:"lift"`
}

// WindowGrid holds attributed conversions by attribution window and match
// window. Cells are in the order of MatchWindows, then AttributionWindows.
type WindowGrid struct {
	Event              string   `json:"event"`
	Rule               string   `json:"rule"` // last touch
	AttributionWindows []string `json:"attribution_windows"`
	MatchWindows       []string `json:"match_windows"`
	Primary            string   `json:"primary_attribution_window"`
	// PrimaryMatch is the match window that the rest of the report uses; it is
	// empty when that is not one of MatchWindows.
	PrimaryMatch string       `json:"primary_match_window"`
	Conversions  int64        `json:"conversions"` // all that could have been attributed
	Cells        []WindowCell `json:"cells"`
}

// WindowCell is one cell of the window grid.
type WindowCell struct {
	AttributionWindow string `json:"attribution_window"`
	MatchWindow       string `json:"match_window"`
	Attributed        int64  `json:"attributed_conversions"`
	ValueMicros       int64  `json:"attributed_value_micros"`
}

// Reconciliation follows the records of every source to the numbers of the
// report: the steps of one flow are disjoint and add up to its records. Gaps explain the
// differences between the lists of several sources.
type Reconciliation struct {
	Flows   []Flow    `json:"flows"`
	Overlap []Overlap `json:"overlap"`
	Gaps    []Gap     `json:"gaps"`
	Claims  []Claim   `json:"claims"` // what platforms report
	Final   bool      `json:"final"`  // no two lists, and no platform's count, are further apart than the study allows
}

// Flow is one source and one event.
type Flow struct {
	Source  string `json:"source"`
	Surface string `json:"surface"` // pixel, server, app, analytics or crm
	Event   string `json:"event"`
	Records int64  `json:"records"`
	Steps   []Step `json:"steps"`
}

// Step is one category that records of a flow ended in.
type Step struct {
	Category string `json:"category"`
	Label    string `json:"label"`
	Records  int64  `json:"records"`
}

// Overlap counts the conversions of one event by the surfaces that saw them,
// for example "crm+pixel+server".
type Overlap struct {
	Event       string `json:"event"`
	Surfaces    string `json:"surfaces"`
	Conversions int64  `json:"conversions"`
}

// Warning is a doubt that a reader of the report must see.
type Warning struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // info, caution or stop
	Text     string `json:"text"`
}

// Provenance says what the report was made of and how to make it again.
type Provenance struct {
	ConfigSHA256 string `json:"config_sha256"`
	// DictionarySHA256 tells two event dictionaries apart; ghostlight events prints it.
	DictionarySHA256 string      `json:"dictionary_sha256"`
	InputsSHA256     string      `json:"inputs_sha256"`
	Inputs           []InputFile `json:"inputs"`
	CodeVersion      string      `json:"code_version"`
	EngineVersion    string      `json:"engine_version"`
	TimeZone         string      `json:"time_zone"`
	Command          string      `json:"command"`
}

// InputFile is one loaded file with its balance:
// Records = Loaded + Duplicate + Quarantined + Blank.
type InputFile struct {
	Source      string `json:"source"`
	File        string `json:"file"`
	SHA256      string `json:"sha256"`
	Records     int64  `json:"records"`
	Loaded      int64  `json:"loaded"`
	Duplicate   int64  `json:"duplicate"`
	Quarantined int64  `json:"quarantined"`
	Blank       int64  `json:"blank"`
}
