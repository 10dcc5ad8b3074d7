package main

import (
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `Print a script that completes commands, flags and study names in your shell.

  bash        source <(ghostlight completion bash)
  zsh         ghostlight completion zsh > "${fpath[1]}/_ghostlight"
  fish        ghostlight completion fish > ~/.config/fish/completions/ghostlight.fish
  powershell  ghostlight completion powershell | Out-String | Invoke-Expression`,
		GroupID:   groupLook,
		Args:      takes(1, 1, "the name of a shell"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return unknownWord("shell", args[0], shells)
		},
	}
}

// unknownWord refuses a word that is none of the known ones.
func unknownWord(what, word string, known []string) error {
	return &jobs.UsageError{
		Problem: "unknown " + what + " " + word,
		Hint:    "one of: " + strings.Join(known, ", "),
	}
}
