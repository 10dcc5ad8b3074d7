package source

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a large page of memory.
const hugePage = 2 << 20

// askHugePages asks for large pages under items that were not written to yet. What is
// looked up all over a table waits less for them. It is no harm when there are none.
func askHugePages[T any](items []T) {
	from := uintptr(unsafe.Pointer(unsafe.SliceData(items)))
	skip := -from & (hugePage - 1)
	size := uintptr(len(items)) * unsafe.Sizeof(*new(T))
	if size < skip+hugePage {
		return
	}
	whole := (size - skip) &^ (hugePage - 1)
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(items)), skip)), whole), unix.MADV_HUGEPAGE)
}
