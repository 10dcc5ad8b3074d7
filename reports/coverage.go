package reports

import (
	"fmt"
	"slices"

	"ghostlight/analysis/lift"
)

// Coverage says what the lists of events have of each other's conversions.
type Coverage struct {
	Lists    []ListCoverage   `json:"lists"`
	Recovery []Recovery       `json:"recovery"`
	Costs    []ConversionCost `json:"costs"`
}

// ListCoverage is one event on one list: how many of its records carry an id that other
// lists can be joined by, and how many of its conversions other surfaces saw too.
type ListCoverage struct {
	Surface     string `json:"surface"`
	Platform    string `json:"platform"`
	Event       string `json:"event"`
	Records     int64  `json:"records"` // that can be used
	WithEventID int64  `json:"with_event_id"`
	WithOrderID int64  `json:"with_order_id"`
	WithEither  int64  `json:"with_either"`
	Conversions int64  `json:"conversions"` // that the records tell of, after dedup
	InPixel     int64  `json:"in_pixel"`
	InServer    int64  `json:"in_server"`
	InApp       int64  `json:"in_app"`
	InAnalytics int64  `json:"in_analytics"`
	InCRM       int64  `json:"in_crm"`
}

// Recovery is what the server side adds to the pixel, for one device and browser.
type Recovery struct {
	Event           string `json:"event"`
	Device          string `json:"device"`  // phone, tablet, computer, tv or other; empty: no record tells it
	Browser         string `json:"browser"` // for example "Safari"; empty: no record tells it
	Pixel           int64  `json:"pixel"`   // conversions that a pixel saw
	PixelAndServer  int64  `json:"pixel_and_server"`
	ServerOnly      int64  `json:"server_only"`        // that a server saw, and neither a pixel nor an app
	ServerOnlyInCRM int64  `json:"server_only_in_crm"` // those of them that an order confirms
}

// ConversionCost is one event of the study's period before dedup, as the lists together count it, and
// after. SpendMicros is the media cost of the period, null where none is known.
type ConversionCost struct {
	Event       string `json:"event"`
	Records     int64  `json:"records"`
	Conversions int64  `json:"conversions"`
	SpendMicros *int64 `json:"spend_micros"`
}

// coverage says which counts of coverage cannot be.
func (c *checker) coverage(of Coverage) {
	for i, l := range of.Lists {
		for _, part := range []int64{l.InPixel, l.InServer, l.InApp, l.InAnalytics, l.InCRM} {
			if part > l.Conversions || l.Conversions > l.Records || l.WithEither > l.Records || l.WithEventID > l.WithEither || l.WithOrderID > l.WithEither {
				c.fault(fmt.Sprintf("coverage.lists[%d]", i), "has parts that are larger than the whole")
				break
			}
		}
	}
	for i, r := range of.Recovery {
		if r.PixelAndServer > r.Pixel || r.ServerOnlyInCRM > r.ServerOnly {
			c.fault(fmt.Sprintf("coverage.recovery[%d]", i), "has parts that are larger than the whole")
		}
	}
}

type coverageView struct {
	List, Event, Records, EventID, OrderID, Conversions, InPixel, InServer, InCRM string
}

func (r Report) coverageViews() (views []coverageView) {
	for _, l := range r.Coverage.Lists {
		v := coverageView{List: plain(l.Surface) + " (" + plain(l.Platform) + ")", Event: plain(l.Event), Records: lift.FormatCount(l.Records),
			EventID: lift.FormatShare(l.WithEventID, l.Records), OrderID: lift.FormatShare(l.WithOrderID, l.Records),
			Conversions: lift.FormatCount(l.Conversions), InCRM: lift.FormatShare(l.InCRM, l.Conversions)}
		if l.Surface != "pixel" {
			v.InPixel = lift.FormatShare(l.InPixel, l.Conversions)
		}
		if l.Surface != "server" {
			v.InServer = lift.FormatShare(l.InServer, l.Conversions)
		}
		views = append(views, v)
	}
	return views
}

type recoveryView struct {
	Event, Device, Browser, Pixel, Both, Only, Confirmed, Adds string
}

// maxRecovery is how many devices and browsers the page shows; tables/recovery.csv has all.
const maxRecovery = 30

// recoveryViews lists the devices of every event that both a pixel and a server could see.
func (r Report) recoveryViews() (views []recoveryView, hidden int) {
	for _, d := range r.Coverage.Recovery {
		if len(views) == maxRecovery {
			hidden++
			continue
		}
		v := recoveryView{Event: plain(d.Event), Device: plain(d.Device), Browser: plain(d.Browser), Pixel: lift.FormatCount(d.Pixel), Both: lift.FormatCount(d.PixelAndServer),
			Only: lift.FormatCount(d.ServerOnly), Confirmed: lift.FormatCount(d.ServerOnlyInCRM), Adds: "no pixel"}
		if d.Device == "" {
			v.Device = "not told"
		}
		if d.Pixel > 0 {
			v.Adds = "+" + lift.FormatFraction(float64(d.ServerOnly)/float64(d.Pixel))
		}
		views = append(views, v)
	}
	return views, hidden
}

// hasCosts tells that some conversion has a cost.
func (r Report) hasCosts() bool {
	return slices.ContainsFunc(r.Coverage.Costs, func(d ConversionCost) bool { return d.SpendMicros != nil })
}

type costView struct{ Event, Records, Conversions, Before, After string }

func (r Report) costViews() (views []costView) {
	for _, d := range r.Coverage.Costs {
		v := costView{Event: plain(d.Event), Records: lift.FormatCount(d.Records), Conversions: lift.FormatCount(d.Conversions)}
		if d.SpendMicros != nil && d.Records > 0 && d.Conversions > 0 {
			v.Before, v.After = lift.FormatMoney(*d.SpendMicros/d.Records), lift.FormatMoney(*d.SpendMicros/d.Conversions)
		}
		views = append(views, v)
	}
	return views
}

func (r Report) coverageTable() table {
	t := r.table("coverage", "surface", "platform", "event", "records", "with_event_id", "with_order_id", "with_either", "conversions",
		"in_pixel", "in_server", "in_app", "in_analytics", "in_crm")
	for _, l := range r.Coverage.Lists {
		r.add(&t, text(l.Surface), text(l.Platform), text(l.Event), integer(l.Records), integer(l.WithEventID), integer(l.WithOrderID), integer(l.WithEither),
			integer(l.Conversions), integer(l.InPixel), integer(l.InServer), integer(l.InApp), integer(l.InAnalytics), integer(l.InCRM))
	}
	return t
}

func (r Report) recoveryTable() table {
	t := r.table("recovery", "event", "device", "browser", "pixel", "pixel_and_server", "server_only", "server_only_in_crm")
	for _, d := range r.Coverage.Recovery {
		r.add(&t, text(d.Event), text(d.Device), text(d.Browser), integer(d.Pixel), integer(d.PixelAndServer), integer(d.ServerOnly), integer(d.ServerOnlyInCRM))
	}
	return t
}

func (r Report) conversionCostTable() table {
	t := r.table("conversion_costs", "event", "records", "conversions", "spend_micros")
	for _, d := range r.Coverage.Costs {
		r.add(&t, text(d.Event), integer(d.Records), integer(d.Conversions), optInteger(d.SpendMicros))
	}
	return t
}
