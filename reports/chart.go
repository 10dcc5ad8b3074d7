package reports

import (
	"encoding/json"
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"ghostlight/analysis/lift"
)

// Chart options are built with go-echarts' typed builders and then changed as
// plain maps, for what the builders have no field for. Colours are named, not
// given: {"$css": "--ink"} is looked up by the page for the theme in force.
// Functions are named too: {"$fn": "tip"} is taken from a fixed table in the
// page's own script. Names from outside are only ever strings, so they cannot
// be either.

func css(name string) map[string]any { return map[string]any{"$css": name} }
func fn(name string) map[string]any  { return map[string]any{"$fn": name} }

// builder is what the go-echarts charts have in common.
type builder interface {
	Validate()
	JSON() map[string]any
}

// option turns a built chart into a map that can be adjusted.
func option(name string, c builder) (map[string]any, error) {
	c.Validate()
	data, err := json.Marshal(c.JSON())
	if err != nil {
		return nil, fmt.Errorf("build chart %s: %w", name, err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("build chart %s: %w", name, err)
	}
	for _, key := range []string{"title", "toolbox", "color", "legend"} {
		delete(out, key)
	}
	out["animation"] = false
	out["textStyle"] = map[string]any{"fontFamily": fn("font"), "color": css("--ink")}
	out["tooltip"] = map[string]any{
		"show": true, "trigger": "item", "confine": true, "formatter": fn("tip"),
		"backgroundColor": css("--surface"), "borderColor": css("--rule"),
		"textStyle": map[string]any{"color": css("--ink"), "fontSize": 13},
	}
	return out, nil
}

// series is the i-th series of an option as a map to adjust.
func series(option map[string]any, i int) map[string]any {
	list, _ := option["series"].([]any)
	if i >= len(list) {
		return map[string]any{}
	}
	one, _ := list[i].(map[string]any)
	return one
}

// intervalChart draws estimates with their intervals, one row each, by a custom
// series whose drawing function is in the page's script.
func intervalChart(name string, p plot, in slot) (map[string]any, error) {
	data := make([]opts.CustomData, 0, len(p.Rows))
	left := make([]any, 0, len(p.Rows))
	right := make([]any, 0, len(p.Rows))
	for i, r := range p.Rows {
		q := quantityOf(r.Number.Unit, in)
		scaled := func(x *float64) any {
			if x == nil {
				return nil
			}
			return *x * q.Factor
		}
		data = append(data, opts.CustomData{Value: []any{i, scaled(r.Number.Estimate), scaled(r.Number.Lo), scaled(r.Number.Hi),
			r.Number.LoUnbounded, r.Number.HiUnbounded, r.Mark.HoldsZero}})
		left = append(left, short(r.name(" · "), 60))
		right = append(right, r.Figure.Short())
	}
	chart := charts.NewCustom()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Min: p.Axis.Min, Max: p.Axis.Max}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: left}),
	)
	chart.AddSeries("interval", data)
	o, err := option(name, chart)
	if err != nil {
		return nil, err
	}
	ticks := "tick"
	if p.Axis.Suffix == "%" {
		ticks = "tickPercent"
	}
	quiet := map[string]any{"show": false}
	label := map[string]any{"color": css("--ink"), "fontSize": 13, "width": 230, "overflow": "truncate"}
	o["xAxis"] = []any{map[string]any{
		"type": "value", "min": p.Axis.Min, "max": p.Axis.Max, "interval": p.Axis.Step,
		"axisLabel": map[string]any{"color": css("--muted"), "fontSize": 12, "formatter": fn(ticks), "hideOverlap": true},
		"splitLine": map[string]any{"lineStyle": map[string]any{"color": css("--rule-soft")}},
		"axisLine":  quiet, "axisTick": quiet,
	}}
	o["yAxis"] = []any{
		map[string]any{"type": "category", "inverse": true, "data": left, "axisLabel": label, "axisLine": quiet, "axisTick": quiet},
		map[string]any{"type": "category", "inverse": true, "data": right, "position": "right", "axisLine": quiet, "axisTick": quiet,
			"axisLabel": map[string]any{"color": css("--ink"), "fontSize": 13}},
	}
	o["grid"] = map[string]any{"left": 0, "right": 8, "top": 10, "bottom": 6, "containLabel": true}
	s := series(o, 0)
	s["renderItem"] = fn("interval")
	s["itemStyle"] = map[string]any{"color": css("--accent"), "borderColor": css("--muted")}
	s["encode"] = map[string]any{"x": []int{1, 2, 3}, "y": 0}
	s["clip"] = true
	if p.Axis.Zero != "" {
		s["markLine"] = map[string]any{
			"symbol": "none", "silent": true, "label": quiet, "data": []any{map[string]any{"xAxis": 0}},
			"lineStyle": map[string]any{"color": css("--muted"), "type": "solid", "width": 1.5},
		}
	}
	items, _ := s["data"].([]any)
	for i := range items {
		item, ok := items[i].(map[string]any)
		if !ok {
			continue
		}
		r := p.Rows[i]
		tip := []string{r.name(" · "), r.Figure.Text()}
		if r.Figure.N != "" {
			tip = append(tip, "n = "+r.Figure.N)
		}
		item["tip"] = append(tip, r.Figure.Method)
	}
	// On a phone the names stand above their lines and the numbers below.
	narrow := map[string]any{"fontSize": 12, "inside": true, "margin": 2, "width": 270, "overflow": "truncate",
		"verticalAlign": "bottom", "padding": []int{0, 0, 13, 0}}
	o["media"] = []any{map[string]any{
		"query": map[string]any{"maxWidth": 640},
		"option": map[string]any{
			"grid": map[string]any{"left": 22, "right": 24},
			"yAxis": []any{map[string]any{"axisLabel": narrow}, map[string]any{"axisLabel": map[string]any{
				"fontSize": 12, "inside": true, "margin": 2, "verticalAlign": "top", "padding": []int{13, 0, 0, 0}}}},
		},
	}}
	return o, nil
}

// windowChart is the heatmap of attributed conversions; cells are in the order
// of the grid.
func windowChart(p page, cells [][]windowCellView) (map[string]any, error) {
	data := []opts.HeatMapData{}
	matches := make([]string, len(p.Windows))
	for i, l := range p.Windows {
		matches[i] = l.Match
	}
	low, high := int64(-1), int64(0)
	order := primaryLast(cells)
	for _, c := range order {
		data = append(data, opts.HeatMapData{Value: []any{c.x, c.y, c.count}})
		high = max(high, c.count)
		if low < 0 || c.count < low {
			low = c.count
		}
	}
	if low == high {
		low = 0
		high = max(high, 1)
	}
	chart := charts.NewHeatMap()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "category", Data: p.AttributionWindows}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: matches}),
		charts.WithVisualMapOpts(opts.VisualMap{Min: float32(low), Max: float32(high), Show: opts.Bool(false)}),
	)
	chart.AddSeries("attributed", data)
	o, err := option("windows", chart)
	if err != nil {
		return nil, err
	}
	quiet := map[string]any{"show": false}
	axis := func(name string, values []string, gap int) map[string]any {
		return map[string]any{
			"type": "category", "data": values, "name": name, "nameLocation": "middle", "nameGap": gap,
			"nameTextStyle": map[string]any{"color": css("--muted"), "fontSize": 13},
			"axisLabel":     map[string]any{"color": css("--ink"), "fontSize": 13},
			"axisLine":      quiet, "axisTick": quiet,
		}
	}
	o["xAxis"] = []any{axis("Attribution window: how far before the conversion the ad may lie", p.AttributionWindows, 32)}
	match := axis("Evidence no older than", matches, 52)
	match["inverse"] = true
	o["yAxis"] = []any{match}
	o["grid"] = map[string]any{"left": 80, "right": 12, "top": 8, "bottom": 56}
	o["visualMap"] = []any{map[string]any{"type": "continuous", "show": false, "min": low, "max": high,
		"inRange": map[string]any{"color": []any{css("--heat-0"), css("--heat-1")}}}}
	s := series(o, 0)
	s["label"] = map[string]any{"show": true, "formatter": fn("cell"), "color": css("--ink"), "fontSize": 13}
	s["itemStyle"] = map[string]any{"borderColor": css("--surface"), "borderWidth": 3}
	s["emphasis"] = map[string]any{"disabled": true}
	items, _ := s["data"].([]any)
	for i, c := range order {
		item, ok := items[i].(map[string]any)
		if !ok {
			continue
		}
		tip := []string{"Attribution window " + c.attribution, "Evidence no older than " + c.match,
			c.Count + " conversions attributed (" + c.Share + " of all)"}
		item["text"] = c.Count
		if c.Primary {
			tip = append([]string{"The configured windows"}, tip...)
			item["text"] = "◆ " + c.Count
			item["itemStyle"] = map[string]any{"borderColor": css("--ink"), "borderWidth": 2.5}
			item["label"] = map[string]any{"fontWeight": 700}
		}
		item["tip"] = tip
	}
	o["media"] = []any{map[string]any{
		"query": map[string]any{"maxWidth": 640},
		"option": map[string]any{
			"grid":  map[string]any{"left": 62, "right": 4},
			"xAxis": []any{map[string]any{"name": "Attribution window"}},
			"yAxis": []any{map[string]any{"nameGap": 46}},
		},
	}}
	return o, nil
}

// primaryLast lists the cells of the grid with the configured one at the end,
// so that its outline is drawn over its neighbours.
func primaryLast(cells [][]windowCellView) []windowCellView {
	var out, last []windowCellView
	for _, line := range cells {
		for _, c := range line {
			if c.Primary {
				last = append(last, c)
			} else {
				out = append(out, c)
			}
		}
	}
	return append(out, last...)
}

// flowChart shows what became of every source's records, as shares of each
// source's total.
func flowChart(flows []flowView, steps []stepKey) (map[string]any, error) {
	labels := make([]string, len(flows))
	for i, f := range flows {
		labels[i] = short(f.Name, 40)
	}
	chart := charts.NewBar()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value"}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: labels}),
	)
	for _, k := range steps {
		data := make([]opts.BarData, len(flows))
		for i, f := range flows {
			data[i] = opts.BarData{Value: f.shareOf(k.Category)}
		}
		chart.AddSeries(k.Label, data, charts.WithBarChartOpts(opts.BarChart{Stack: "records"}))
	}
	o, err := option("flows", chart)
	if err != nil {
		return nil, err
	}
	quiet := map[string]any{"show": false}
	o["xAxis"] = []any{map[string]any{"type": "value", "min": 0, "max": 100, "axisLine": quiet, "axisTick": quiet,
		"axisLabel": map[string]any{"color": css("--muted"), "formatter": "{value}%"},
		"splitLine": map[string]any{"lineStyle": map[string]any{"color": css("--rule-soft")}}}}
	o["yAxis"] = []any{map[string]any{"type": "category", "inverse": true, "data": labels, "axisLine": quiet, "axisTick": quiet,
		"axisLabel": map[string]any{"color": css("--ink"), "fontSize": 13, "width": 190, "overflow": "truncate"}}}
	o["grid"] = map[string]any{"left": 206, "right": 24, "top": 8, "bottom": 28}
	for si, k := range steps {
		s := series(o, si)
		s["barWidth"] = 22
		s["itemStyle"] = map[string]any{"color": css(k.Colour), "borderColor": css("--surface"), "borderWidth": 1}
		items, _ := s["data"].([]any)
		for i := range items {
			if item, ok := items[i].(map[string]any); ok {
				n := flows[i].recordsOf(k.Category)
				item["tip"] = []string{flows[i].Name, k.Label + ": " + lift.FormatCount(n) + " of " + flows[i].Records + " records (" + lift.FormatShare(n, flows[i].records) + ")"}
			}
		}
	}
	o["media"] = []any{map[string]any{
		"query": map[string]any{"maxWidth": 640},
		"option": map[string]any{
			"grid": map[string]any{"left": 14, "right": 20},
			"yAxis": []any{map[string]any{"axisLabel": map[string]any{"fontSize": 12, "inside": true, "margin": 0,
				"verticalAlign": "bottom", "padding": []int{0, 0, 16, 0}}}},
		},
	}}
	return o, nil
}
