package jobs

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// networkFileSystems by the magic number of statfs(2).
var networkFileSystems = map[int64]string{
	0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "CIFS", 0xfe534d42: "SMB2", 0x01021997: "9p", 0x00c36400: "Ceph", 0x0bd00bd0: "Lustre",
}

// diskFree is the space in bytes that this user may still fill below folder, and
// the name of the file system when it is one of a network.
func diskFree(folder string) (free uint64, network string, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, "", err
	}
	return s.Bavail * uint64(s.Bsize), networkFileSystems[int64(s.Type)&0xffffffff], nil
}

// memoryTotal is the memory in bytes that this process may use: that of the
// machine, or less when its control group says so.
func memoryTotal() (uint64, error) {
	var s syscall.Sysinfo_t
	if err := syscall.Sysinfo(&s); err != nil {
		return 0, err
	}
	total := uint64(s.Totalram) * uint64(s.Unit)
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			total = min(total, limit)
		}
	}
	return total, nil
}
