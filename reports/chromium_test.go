package reports

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
	"github.com/go-rod/rod/lib/proto"
)

// findBrowser looks for a Chromium on the PATH and skips the test without one.
func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("left out: the report page was not opened in a real browser (TestBrowser…), because no chromium is on the PATH; install it with: apt-get install chromium")
	return ""
}

var (
	browserOnce sync.Once
	browserURL  string
	browserErr  error
	browserDone func()
)

// browser connects to one Chromium that all tests of the package share.
func browser(t *testing.T) *rod.Browser {
	t.Helper()
	bin := findBrowser(t)
	browserOnce.Do(func() {
		dir, err := os.MkdirTemp("", "ghostlight-chromium-")
		if err != nil {
			browserErr = err
			return
		}
		l := launcher.New().Bin(bin).NoSandbox(true).Leakless(false).Headless(true).UserDataDir(dir)
		for _, flag := range []string{"disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
			l = l.Set(flags.Flag(flag))
		}
		browserURL, browserErr = l.Launch()
		browserDone = func() {
			l.Kill()
			l.Cleanup()
			_ = os.RemoveAll(dir)
		}
	})
	if browserErr != nil {
		t.Fatalf("start chromium: %v", browserErr)
	}
	b := rod.New().ControlURL(browserURL)
	if err := b.Connect(); err != nil {
		t.Fatalf("connect to chromium: %v", err)
	}
	return b
}

func TestMain(m *testing.M) {
	code := m.Run()
	if browserDone != nil {
		browserDone()
	}
	os.Exit(code)
}

// visit is one opened page and everything it did.
type visit struct {
	*rod.Page
	mu       sync.Mutex
	requests []string
	faults   []string
}

type visitOptions struct {
	width, height int
	dark, noJS    bool
	print         bool
}

func open(t *testing.T, r Report, o visitOptions) *visit {
	t.Helper()
	html, err := HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	return openHTML(t, html, o)
}

func openHTML(t *testing.T, html []byte, o visitOptions) *visit {
	t.Helper()
	b := browser(t)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, html, 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := b.Page(proto.TargetCreateTarget{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	p = p.Timeout(3 * time.Minute) // a guard against hanging, not a bound
	v := &visit{Page: p}
	wait := p.EachEvent(
		func(e *proto.NetworkRequestWillBeSent) { v.note(&v.requests, e.Request.URL) },
		func(e *proto.RuntimeExceptionThrown) {
			v.note(&v.faults, "exception: "+e.ExceptionDetails.Text+" "+describe(e.ExceptionDetails.Exception))
		},
		func(e *proto.RuntimeConsoleAPICalled) { v.note(&v.faults, "console: "+string(e.Type)) },
		func(e *proto.LogEntryAdded) { v.note(&v.faults, "log: "+e.Entry.Text) },
		func(e *proto.PageJavascriptDialogOpening) { v.note(&v.faults, "dialog: "+e.Message) },
	)
	go wait()
	for _, enable := range []interface{ Call(proto.Client) error }{proto.NetworkEnable{}, proto.RuntimeEnable{}, proto.LogEnable{}, proto.PageEnable{}} {
		if err := enable.Call(p); err != nil {
			t.Fatal(err)
		}
	}
	if o.width == 0 {
		o.width, o.height = 1280, 1000
	}
	steps := []interface{ Call(proto.Client) error }{
		proto.EmulationSetDeviceMetricsOverride{Width: o.width, Height: o.height, DeviceScaleFactor: 1, Mobile: o.width < 500},
	}
	media := &proto.EmulationSetEmulatedMedia{}
	if o.dark {
		media.Features = []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	}
	if o.print {
		media.Media = "print"
	}
	steps = append(steps, media, proto.EmulationSetScriptExecutionDisabled{Value: o.noJS})
	for _, s := range steps {
		if err := s.Call(p); err != nil {
			t.Fatal(err)
		}
	}
	// The browser's own event, because a listener inside the page is never
	// called where scripts are off.
	loaded := p.WaitEvent(&proto.PageLoadEventFired{})
	if err := p.Navigate("file://" + path); err != nil {
		t.Fatal(err)
	}
	loaded()
	if err := p.GetContext().Err(); err != nil {
		t.Fatalf("load the page: %v", err)
	}
	time.Sleep(150 * time.Millisecond) // let queued events arrive
	return v
}

func (v *visit) note(list *[]string, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	*list = append(*list, text)
}

func describe(o *proto.RuntimeRemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description
}

// ask evaluates an expression in the page into out.
func (v *visit) ask(t *testing.T, out any, script string) {
	t.Helper()
	got, err := v.Eval("() => JSON.stringify(" + script + ")")
	if err != nil {
		t.Fatalf("evaluate %.80s: %v", script, err)
	}
	if err := json.Unmarshal([]byte(got.Value.Str()), out); err != nil {
		t.Fatalf("evaluate %.80s: %v", script, err)
	}
}

// quiet fails the test when the page asked for anything but itself or said
// anything on the console, Content-Security-Policy reports included.
func (v *visit) quiet(t *testing.T) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.requests) != 1 || !strings.HasPrefix(v.requests[0], "file://") {
		t.Errorf("requests: %q, want the page alone", v.requests)
	}
	for _, f := range v.faults {
		t.Error(f)
	}
}

// visibleText is the page's text as assistive technology gets it; it works with
// scripts switched off.
func visibleText(t *testing.T, v *visit) string {
	t.Helper()
	tree, err := proto.AccessibilityGetFullAXTree{}.Call(v)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, n := range tree.Nodes {
		if !n.Ignored && n.Name != nil {
			b.WriteString(n.Name.Value.Str())
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// pageWidth is the width that the page's content takes.
func pageWidth(t *testing.T, v *visit) float64 {
	t.Helper()
	m, err := proto.PageGetLayoutMetrics{}.Call(v)
	if err != nil {
		t.Fatal(err)
	}
	return m.CSSContentSize.Width
}

func (v *visit) theme(t *testing.T, scheme string) {
	t.Helper()
	err := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}.Call(v)
	if err != nil {
		t.Fatal(err)
	}
}

// eventually asks until the answer is yes, for at most ten seconds.
func eventually(yes func() bool) bool {
	for range 100 {
		if yes() {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return yes()
}
