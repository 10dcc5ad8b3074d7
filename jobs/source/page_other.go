//go:build !linux

package source

func askHugePages[T any]([]T) {}
