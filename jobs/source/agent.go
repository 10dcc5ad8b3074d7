package source

import (
	"strings"
	"sync"

	"ghostlight/jobs/warehouse"

	"github.com/medama-io/go-useragent"
	"github.com/medama-io/go-useragent/agents"
	"github.com/zeebo/xxh3"
)

// DeviceFamilies are the kinds of device that user agents are told apart by.
func DeviceFamilies() []string { return []string{"phone", "tablet", "computer", "tv", "other"} }

// appView is the browser that an app shows a page in, which has its own cookies.
const appView = "app webview"

// otherFamily is what a user agent does not name in words that are known.
const otherFamily = "other"

// agentFamilies are the device and the browser of a user agent.
type agentFamilies struct{ device, browser warehouse.Value }

// agentParser knows the words of user agents: some megabytes, for who needs them.
var agentParser = sync.OnceValue(useragent.NewParser)

// familiesOf tells which device and which browser a user agent names. What it is unsure of
// is other, which programs and robots are too.
func familiesOf(agent string) agentFamilies {
	is := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(agent, word) {
				return true
			}
		}
		return false
	}
	met := agentParser().Parse(agent)
	device := otherFamily
	switch met.Device() {
	case agents.DeviceMobile:
		device = "phone"
		if met.OS() == agents.OSAndroid && is("Mozilla/") && !is("Mobile") {
			device = "tablet" // Chrome for Android, "User-Agent strings": only phones say Mobile
		}
	case agents.DeviceTablet:
		device = "tablet"
	case agents.DeviceDesktop:
		device = "computer"
	case agents.DeviceTV:
		device = "tv"
	}
	if is("Web0S", "webOS.TV", "SmartTV", "SMART-TV", "; AFT", "CrKey", "BRAVIA", "GoogleTV", "AppleTV", "Apple TV", "Roku", "VIDAA") {
		device = "tv"
	}
	browser := met.Browser().String()
	switch {
	case met.Device() == agents.DeviceBot:
		browser = otherFamily
	case is("; wv)", "[FBAN", "[FBAV", "[FB_IAB", "Instagram ", "BytedanceWebview", "musical_ly", "Snapchat", "[Pinterest/") ||
		met.OS() == agents.OSIOS && is("AppleWebKit/") && !is("Safari/"):
		browser = appView // Android marks it; on iOS only a browser of its own says Safari
	case is("FxiOS/"):
		browser = agents.BrowserFirefox.String()
	case browser == "":
		browser = otherFamily
	}
	return agentFamilies{warehouse.Text(device), warehouse.Text(browser)}
}

// maxAgent is the longest user agent that is read to its end, in bytes.
const maxAgent = 512

// lateAgents are the user agents that one goroutine met of late, each at the place that
// its hash gives: a file has few of them, by and large, and the same ones again and again.
type lateAgents [4096]struct {
	agent string
	agentFamilies
}

// of gives the families of a user agent.
func (l *lateAgents) of(agent string) agentFamilies {
	agent = agent[:min(len(agent), maxAgent)]
	met := &l[xxh3.HashString(agent)%uint64(len(l))]
	if met.agent != agent {
		met.agent, met.agentFamilies = strings.Clone(agent), familiesOf(agent)
	}
	return met.agentFamilies
}

// setAgent fills the words of a user agent, of several of the first, where the record does
// not tell them by itself. No record is refused over it.
func (m *mapper) setAgent(f *field, v *value) {
	agent := v.text
	if v.kind == list {
		agent = v.list[0]
	}
	if agent = trim(agent); agent == "" || v.kind == object {
		return
	}
	if m.agents == nil {
		m.agents = &lateAgents{}
	}
	met := m.agents.of(agent)
	if m.out[f.out].IsNull() {
		m.out[f.out] = met.device
	}
	if m.out[m.browser].IsNull() {
		m.out[m.browser] = met.browser
	}
}
