package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version string

// codeVersion is the version of this program, as runs note it.
func codeVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

type versionDocument struct {
	SchemaVersion int    `json:"schema_version"`
	Version       string `json:"version"`
	Go            string `json:"go"`
	Platform      string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of this program",
		GroupID: groupLook,
		Args:    takes(0, 0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			v := versionDocument{1, codeVersion(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return a.emit(v, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "ghostlight %s (%s, %s)\n", v.Version, v.Go, v.Platform)
				return err
			})
		},
	}
}
