package simulate

import (
	"slices"
	"time"
)

const truthVersion = 1

const microsPerCent = 10_000

// begin is the truth of a world in which nothing has happened yet.
func begin(c Config) Truth {
	t := Truth{
		Version:     truthVersion,
		PeriodStart: PeriodStart.Format(time.RFC3339),
		PeriodEnd:   PeriodEnd.Format(time.RFC3339),
		AsOf:        AsOf.Format(time.RFC3339),
		Lift: Lift{Holdout: c.BaseRate, Treatment: c.TreatmentRate(),
			Absolute: c.TreatmentRate() - c.BaseRate, Relative: c.Lift},
		Arms:   []Arm{{Name: "treatment"}, {Name: "holdout"}},
		Config: c,
	}
	for d := range PeriodDays {
		for i := range Creatives() {
			t.Spend = append(t.Spend, SpendDay{Day: d, Creative: i})
		}
	}
	return t
}

// household adds what the experiment sees of one household.
func (t *Truth) household(h *Household, o outcome) {
	arm := &t.Arms[0]
	if h.Holdout {
		arm = &t.Arms[1]
	}
	arm.Households++
	arm.Reached += indicator(len(h.Exposures) > 0)
	arm.Exposures += int64(len(h.Exposures))
	arm.PaidBuyers += indicator(o.paid > 0)
	arm.PaidOrders += o.paid
	arm.PaidMicros += o.paidCents * microsPerCent
	arm.KeptMicros += o.keptCents * microsPerCent
	arm.ReportedBuyers += indicator(o.reported > 0)
	arm.ReportedPurchases += o.reported
	arm.AnyBuyers += indicator(o.any > 0)
	arm.AnyPurchases += o.any
}

func indicator(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// conversion adds one canonical purchase.
func (t *Truth) conversion(by seen) {
	c := &t.Conversions
	c.Total++
	switch by {
	case seenPixel:
		c.Pixel++
	case seenServer:
		c.Server++
	case seenCRM:
		c.CRM++
	case seenPixel | seenServer:
		c.PixelServer++
	case seenPixel | seenCRM:
		c.PixelCRM++
	case seenServer | seenCRM:
		c.ServerCRM++
	case seenPixel | seenServer | seenCRM:
		c.All++
	}
}

// sharedIP adds a household behind a shared IP; every third one completes a key.
func (t *Truth) sharedIP(index int64) {
	t.Planted.SharedIPs.Households++
	t.Planted.SharedIPs.Keys += indicator(index%neighbourhood == neighbourhood-1)
}

// records adds the rows that h makes in the files.
func (t *Truth) records(h *Household) {
	r := &t.Records
	if !h.Stranger {
		r.Assignment++
	}
	if h.Holdout {
		r.Ghost += int64(len(h.Exposures))
	} else {
		r.Delivered += int64(len(h.Exposures))
		t.spend(h.Exposures)
	}
	r.Pixel += int64(len(h.Pixel))
	r.Server += int64(len(h.Server))
	for _, o := range h.Orders {
		r.OrderLines += int64(len(o.ItemCents))
		r.Orders.add(o)
	}
	for _, l := range h.Links {
		r.EmailLinks += indicator(l.Email != "")
		r.IPLinks += indicator(l.IP != "")
	}
}

func (n *Orders) add(o Order) {
	n.Total++
	n.Verified += indicator(o.Verified())
	switch o.Status {
	case Paid:
		n.Paid++
	case PartiallyRefunded:
		n.PartiallyRefunded++
	case Pending:
		n.Pending++
	case Authorized:
		n.Authorized++
	case Voided:
		n.Voided++
	case Refunded:
		n.Refunded++
	}
}

func (t *Truth) spend(exposures []Exposure) {
	creatives := len(t.Spend) / PeriodDays
	start := PeriodStart.UnixMilli()
	for _, e := range exposures {
		t.Spend[int((e.AtMS-start)/(day*1000))*creatives+e.Creative].Delivered++
	}
}

// end works out what follows from the counts: matched conversions, and the
// cost of the days on which anything was delivered.
func (t *Truth) end() {
	t.Conversions.Matched = t.Conversions.Total - t.Conversions.Strangers - t.Planted.SharedIPs.Conversions
	creatives := Creatives()
	t.Spend = slices.DeleteFunc(t.Spend, func(s SpendDay) bool { return s.Delivered == 0 })
	for i := range t.Spend {
		s := &t.Spend[i]
		s.Micros = s.Delivered * (creatives[s.Creative].CPMMicros / 1000)
		t.SpendMicros += s.Micros
	}
	t.Records.Spend = int64(len(t.Spend))
}
