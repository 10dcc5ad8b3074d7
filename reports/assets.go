package reports

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// EChartsSHA256 pins the embedded chart library: Apache ECharts 5.6.0, the full
// build. Smaller builds draw no custom series and no heatmap, and say nothing.
const EChartsSHA256 = "bf4a223524e40b77c304bec67e1222cf551f14880cf42c69dc046558e11c07b1"

var (
	//go:embed assets/echarts/echarts.min.js
	echartsJS string
	//go:embed assets/boot.js
	bootJS string
	//go:embed assets/page.css
	pageCSS string
	//go:embed page.html
	pageHTML string
	//go:embed icons.html
	iconsHTML string
	//go:embed index.html
	indexHTML string
	//go:embed readiness.html
	readinessHTML string
)

// library returns the chart library after checking that it is the pinned one.
func library() (string, error) {
	sum := sha256.Sum256([]byte(echartsJS))
	if got := hex.EncodeToString(sum[:]); got != EChartsSHA256 {
		return "", fmt.Errorf("check the embedded ECharts: sha256 is %s, want %s", got, EChartsSHA256)
	}
	return echartsJS, nil
}

// policy is the page's Content-Security-Policy. Only the listed scripts run,
// named by the hash of their text, and nothing is fetched from anywhere. Styles
// may be inline because chart tooltips carry style attributes.
func policy(scripts ...string) string {
	sources := make([]string, len(scripts))
	for i, s := range scripts {
		sum := sha256.Sum256([]byte(s))
		sources[i] = "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	if len(sources) == 0 {
		sources = []string{"'none'"}
	}
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src " +
		strings.Join(sources, " ") + "; base-uri 'none'; form-action 'none'"
}
