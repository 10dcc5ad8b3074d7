package reports

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// asNobody runs f with the file rights of an ordinary user, so that the test
// means something when it runs as root too.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	setfsuid := func(id uintptr) {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, id, 0, 0)
	}
	setfsuid(65534)
	defer setfsuid(0)
	f()
}

func TestReadOnlyFolder(t *testing.T) {
	out, err := os.MkdirTemp("", "ghostlight-readonly-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(out) })
	if err := os.Chmod(out, 0o755); err != nil { // MkdirTemp lets no other user in
		t.Fatal(err)
	}
	there := filepath.Join(out, "ad_psa", "run1")
	mustWrite(t, there, sample())
	if err := os.Chmod(filepath.Dir(there), 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(there), 0o755) })
	if err := os.Chmod(out, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(out, 0o755) })
	before := strings.Join(listing(t, out), " ")
	changed := sample()
	changed.Title = "changed"
	for name, f := range map[string]func() error{
		"new report":     func() error { return Write(filepath.Join(out, "ad_psa", "run2"), sample()) },
		"changed report": func() error { return Write(there, changed) },
		"new study":      func() error { return Write(filepath.Join(out, "other", "run1"), sample()) },
		"index":          func() error { return Index(out, nil) },
	} {
		var err error
		asNobody(t, func() { err = f() })
		if !errors.Is(err, ErrNotWritable) || !strings.Contains(err.Error(), out) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := strings.Join(listing(t, out), " "); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	asNobody(t, func() { err = Write(there, sample()) })
	if err != nil {
		t.Errorf("equal bytes need no writing: %v", err)
	}
}
