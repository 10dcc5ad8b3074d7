package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// unprivileged COMMAND [ARGUMENT...] becomes a command of this binary that
// permission bits hold for. They do not hold for root, as whom tests run in many
// containers, so that a read-only folder would be written to. What gives root its
// way is a capability, and a process can give it up for what it executes; its
// user stays, so that it still reaches the folders of the test.
func unprivileged() {
	const (
		dropFromBoundingSet = 24 // PR_CAPBSET_DROP
		dacOverride         = 1  // CAP_DAC_OVERRIDE
		dacReadSearch       = 2  // CAP_DAC_READ_SEARCH
	)
	runtime.LockOSThread() // the bounding set is the thread's that executes
	if os.Geteuid() == 0 {
		for _, capability := range []uintptr{dacOverride, dacReadSearch} {
			if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, dropFromBoundingSet, capability, 0); errno != 0 {
				fmt.Fprintln(os.Stderr, "cannot give up a capability:", errno)
				os.Exit(99)
			}
		}
	}
	err := syscall.Exec("/proc/self/exe", os.Args[1:], os.Environ())
	fmt.Fprintln(os.Stderr, err)
	os.Exit(99)
}
