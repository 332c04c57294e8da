package logs

import (
	"slices"
	"strings"

	"safepublish/classify/transcript"
)

// nx lists the projects whose target failed, whatever the target ran: npm's words for
// one of them may be all that the text has, or not even those.

// task is a project whose publish failed, by the name that nx gives it.
type task struct {
	name  string
	place int
}

// mostOtherTasks is how many lines of other targets may stand between two of a list.
const mostOtherTasks = 10

// addTask notes a project of a list; nx lists the same one again for each attempt.
func (s *findings) addTask(name string, place int) {
	if len(s.tasks) < mostFound && !slices.ContainsFunc(s.tasks, func(t task) bool { return t.name == name }) {
		s.tasks = append(s.tasks, task{name, place})
	}
}

// of tells whether a failure's package has the project's name, or that in a scope.
func (t task) of(x failure) bool {
	name := x.t.Last().Name
	return name == t.name || strings.HasSuffix(name, "/"+t.name)
}

// withTasks adds the failures of the projects of which the text has no words: each that
// it has, and that came before the list, is one project's.
func (s *findings) withTasks(failed []failure) []failure {
	if len(s.tasks) == 0 {
		return failed
	}
	var lastWord []transcript.Line // nx's own, of them all
	failed = slices.DeleteFunc(slices.Clone(failed), func(x failure) bool {
		nameless := x.rank == byWord && x.t.Last().Name == ""
		if nameless {
			lastWord = x.t.Message
		}
		return nameless
	})
	open, others := slices.Clone(s.tasks), 0
	for _, x := range failed {
		i := slices.IndexFunc(open, func(t task) bool { return t.of(x) })
		switch {
		case i >= 0:
			open = slices.Delete(open, i, i+1)
		case x.place.first < s.tasks[0].place:
			others++
		}
	}
	for _, t := range open[min(others, len(open)):] {
		said := lastWord
		if said == nil {
			said = []transcript.Line{errorLine(t.place, "Failed task: "+t.name)}
		}
		d := transcript.ClientReport{Name: t.name, Method: "PUT", Lines: said} // nobody knows what was sent
		failed = append(failed, failure{t: d.Transcript(), place: span{t.place, t.place}, rank: byWord, kind: publish})
	}
	return failed
}
