package classify

import "testing"

// overlaps are the pairs of rows that may fit the same run by words, the one that
// comes first in the table on the left: there precedence or a check decides. Every
// other pair is a mistake in a row. The honest ends fit whatever has their status,
// and are not listed.
var overlaps = map[[2]string]string{
	{"already-published", "interrupted"}:    "open: the registry may hold it; its answer decides",
	{"already-published", "network"}:        "open: the registry may hold it; its answer decides",
	{"already-published", "otp-required"}:   "open: the registry may hold it; its answer decides",
	{"already-published", "otp-wrong"}:      "open: the registry may hold it; its answer decides",
	{"already-published", "rate-limited"}:   "open: the registry may hold it; its answer decides",
	{"already-published", "registry-error"}: "open: the registry may hold it; its answer decides",
	{"already-published", "upload-dropped"}: "open: the registry may hold it; its answer decides",
	{"already-published", "version-burnt"}:  "open: the registry may hold it; its answer decides",
	{"already-published", "version-exists"}: "open: the registry may hold it; its answer decides",
	{"interrupted", "otp-required"}:         "stopped: at the question of a second factor",
	{"interrupted", "otp-wrong"}:            "stopped: at the question of a second factor",
	{"name-taken", "no-permission"}:         "one sentence: the maintainers decide",
	{"otp-wrong", "otp-required"}:           "401: whether a code was given decides",
	{"version-burnt", "version-exists"}:     "one sentence: the time list decides",
}

// TestNoRowFitsByAccident runs every row against every transcript.
func TestNoRowFitsByAccident(t *testing.T) {
	met := map[[2]string]string{}
	for _, r := range readings(t, "run") {
		if !r.c.failed() {
			continue
		}
		var fits []string
		for _, row := range causes {
			if !row.End && row.words(r.c, r.c.said()) {
				fits = append(fits, row.ID)
			}
		}
		for i, first := range fits {
			for _, second := range fits[i+1:] {
				met[[2]string{first, second}] = r.Name()
			}
		}
	}
	for pair, where := range met {
		if overlaps[pair] == "" {
			t.Errorf("%s and %s both fit %s", pair[0], pair[1], where)
		}
	}
	for pair := range overlaps {
		if met[pair] == "" {
			t.Errorf("%s and %s are listed and never meet", pair[0], pair[1])
		}
	}
}
