package prompts

import "safepublish/classify"

// Doubts returns the lines that follow a diagnosis which is not sure: what else it
// could be, and what it is not. There are none where it is sure.
func Doubts(d classify.Diagnosis) []string {
	var lines []string
	for _, line := range []string{couldBe(idsOf(d.Others)), ruledOut(idsOf(d.RuledOut))} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// OnProduct returns what to do where the registry is another product than
// npmjs.org's, a line for each step.
func OnProduct(d classify.Diagnosis) []string {
	var lines []string
	for _, step := range d.Steps {
		lines = append(lines, d.Product+": "+step)
	}
	return lines
}

func idsOf(causes []*classify.Cause) []string {
	var ids []string
	for _, c := range causes {
		ids = append(ids, c.ID)
	}
	return ids
}
