package simulate

// Truth is what was planted, counted while it was planted. The README.md that
// jobs.Simulate writes beside truth.json defines each figure in words.
type Truth struct {
	Version     int         `json:"version"`
	PeriodStart string      `json:"period_start"`
	PeriodEnd   string      `json:"period_end"` // exclusive
	AsOf        string      `json:"as_of"`      // every record was received before it
	Lift        Lift        `json:"lift"`
	Arms        []Arm       `json:"arms"` // treatment, holdout
	Planted     Planted     `json:"planted"`
	Conversions Conversions `json:"conversions"`
	Records     Records     `json:"records"`
	SpendMicros int64       `json:"spend_micros"`
	Config      Config      `json:"config"`

	// Spend is the campaign's cost by day and creative, days first.
	Spend []SpendDay `json:"-"`
}

// Lift is the truth of the experiment: probabilities that a household makes at
// least one paid order inside the outcome window.
type Lift struct {
	Holdout   float64 `json:"holdout_probability"`
	Treatment float64 `json:"treatment_probability"`
	Absolute  float64 `json:"absolute"` // treatment - holdout
	Relative  float64 `json:"relative"` // treatment/holdout - 1
}

// Arm is what happened in one arm. Paid counts come from verified CRM orders,
// reported ones from pixel or server records, any from either; all inside the
// outcome window.
type Arm struct {
	Name              string `json:"name"`
	Households        int64  `json:"households"`
	Reached           int64  `json:"reached"` // households with an exposure, ghosts included
	Exposures         int64  `json:"exposures"`
	PaidBuyers        int64  `json:"paid_buyers"`
	PaidOrders        int64  `json:"paid_orders"`
	PaidMicros        int64  `json:"paid_micros"`
	KeptMicros        int64  `json:"kept_micros"` // paid less what was refunded of partially refunded orders
	ReportedBuyers    int64  `json:"reported_buyers"`
	ReportedPurchases int64  `json:"reported_purchases"`
	AnyBuyers         int64  `json:"any_buyers"`
	AnyPurchases      int64  `json:"any_purchases"`
}

// Planted counts the defects. No record carries two of them, except that half
// of the staging events are also undefined or incomplete and count as staging.
type Planted struct {
	Duplicates Duplicates `json:"duplicates"`
	Staging    Split      `json:"staging"`
	Undefined  Split      `json:"undefined"`
	Missing    Missing    `json:"missing_parameters"`
	Outside    Outside    `json:"outside_window"`
	Late       int64      `json:"late"`
	SharedIPs  SharedIPs  `json:"shared_ips"`
	FalseLinks int64      `json:"false_links"`
}

// Duplicates counts the event records that dedup merges into another one.
type Duplicates struct {
	Records       int64 `json:"records"` // the sum of the following
	EventIDPairs  int64 `json:"pixel_server_pairs_by_event_id"`
	OrderPairs    int64 `json:"pixel_server_pairs_by_order_id"`
	ServerRetries int64 `json:"server_retries"`
}

// Split counts records by the log that holds them.
type Split struct {
	Records int64 `json:"records"`
	Pixel   int64 `json:"pixel"`
	Server  int64 `json:"server"`
}

// Missing counts purchase events without a required parameter.
type Missing struct {
	Split
	Value    int64 `json:"without_value"`
	Currency int64 `json:"without_currency"`
}

// Outside counts conversions of matched households outside the outcome window.
type Outside struct {
	Conversions int64 `json:"conversions"`
	Before      int64 `json:"before_assignment"`
	After       int64 `json:"after_window"`
}

// SharedIPs counts IP keys linked to more than one household, the households
// behind them, and the purchases that only such an IP identifies.
type SharedIPs struct {
	Keys        int64 `json:"keys"`
	Households  int64 `json:"households"`
	Conversions int64 `json:"conversions"`
}

// Conversions counts canonical purchases of every kind, in and out of the
// study and its window, by the sources that hold a record of them.
type Conversions struct {
	Total       int64 `json:"total"`
	Pixel       int64 `json:"pixel_only"`
	Server      int64 `json:"server_only"`
	CRM         int64 `json:"crm_only"`
	PixelServer int64 `json:"pixel_server"`
	PixelCRM    int64 `json:"pixel_crm"`
	ServerCRM   int64 `json:"server_crm"`
	All         int64 `json:"pixel_server_crm"`

	Matched   int64 `json:"matched"`   // total - strangers - shared_ips.conversions
	Strangers int64 `json:"strangers"` // no household known
	IPOnly    int64 `json:"ip_only"`   // matched, and by the IP alone
	Unpaid    int64 `json:"unpaid"`    // reported by the server; the CRM order is not verified
	NoOrder   Split `json:"no_order"`  // reported by pixel or server; no CRM order at all
	Visits    int64 `json:"visits"`    // conversions of the event visit, not in Total
}

// Records counts what stands in the files.
type Records struct {
	Assignment int64  `json:"assignment"`
	Delivered  int64  `json:"exposures_delivered"`
	Ghost      int64  `json:"exposures_ghost"`
	Pixel      int64  `json:"pixel"`
	Server     int64  `json:"server"`
	OrderLines int64  `json:"order_lines"`
	Orders     Orders `json:"orders"`
	EmailLinks int64  `json:"email_links"`
	IPLinks    int64  `json:"ip_links"`
	Spend      int64  `json:"spend"`
}

// Orders counts CRM orders by payment state.
type Orders struct {
	Total             int64 `json:"total"`
	Verified          int64 `json:"verified"` // paid + partially_refunded
	Paid              int64 `json:"paid"`
	PartiallyRefunded int64 `json:"partially_refunded"`
	Pending           int64 `json:"pending"`
	Authorized        int64 `json:"authorized"`
	Voided            int64 `json:"voided"`
	Refunded          int64 `json:"refunded"`
}

// SpendDay is what one creative cost on one day. Ghosts cost nothing.
type SpendDay struct {
	Day       int // days after PeriodStart
	Creative  int // index into Creatives
	Delivered int64
	Micros    int64
}
