package classify

import (
	"sort"
	"testing"
)

// overlaps are the pairs of rows that may fit the same run by words, the one that
// comes first in the table on the left: there precedence or a check decides. Every
// other pair is a mistake in a row. The honest ends fit whatever has their status,
// and are not listed.
var overlaps = map[[2]string]string{}

// TestNoRowFitsByAccident runs every row against every transcript.
func TestNoRowFitsByAccident(t *testing.T) {
	met := map[[2]string]string{}
	for _, run := range recordings(t) {
		c := seen(run)["run"]
		if !c.failed() {
			continue
		}
		var fits []string
		for _, row := range causes {
			if !row.End && row.words(c) {
				fits = append(fits, row.ID)
			}
		}
		for i, first := range fits {
			for _, second := range fits[i+1:] {
				met[[2]string{first, second}] = run.Name()
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
	sort.Strings(nil)
}
