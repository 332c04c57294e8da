package npm

import (
	"slices"
	"strings"
)

const variablePrefix = "SAFEPUBLISH_"

// flagsAlone are the options of publishing that no variable sets.
var flagsAlone = []string{"fix", "help", "version"}

// inside are the variables by which safepublish tells itself something.
var inside = []string{"UNDER_WAY", "FAULT"}

// CheckVariables refuses a SAFEPUBLISH_* in env that nobody reads: it was meant to change
// what is published. The error is a *UsageError.
func CheckVariables(env []string) error {
	known := []string{"PLAIN"}
	for _, o := range Options {
		if o.in("") && !slices.Contains(flagsAlone, o.Name) {
			known = append(known, strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_")))
		}
	}
	for _, line := range env {
		rest, ours := strings.CutPrefix(line, variablePrefix)
		name, value, _ := strings.Cut(rest, "=")
		if !ours || value == "" || slices.Contains(known, name) || slices.Contains(inside, name) {
			continue
		}
		instead := "unset it; safepublish help names the options"
		if near := Nearest(name, known); near != "" {
			instead = didYouMean(variablePrefix + near)
		}
		return &UsageError{"there is no variable " + variablePrefix + name, instead}
	}
	return nil
}
