package runner

import (
	"slices"
	"testing"

	"safepublish/classify"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

func workspaces(needs ...string) []npmexec.Workspace {
	var all []npmexec.Workspace
	for i, need := range needs {
		w := npmexec.Workspace{Name: string(rune('a' + i))}
		for _, n := range need {
			w.Needs = append(w.Needs, string(n))
		}
		all = append(all, w)
	}
	return all
}

// Each package comes behind what it needs, else as npm lists them; a cycle ends.
func TestInOrder(t *testing.T) {
	for _, c := range []struct {
		needs []string
		want  string
	}{
		{[]string{"", "", ""}, "abc"},
		{[]string{"c", "", ""}, "cab"},
		{[]string{"b", "c", ""}, "cba"},
		{[]string{"b", "a", ""}, "bac"},
		{[]string{"a", "x", "b"}, "abc"},
	} {
		got := ""
		for _, w := range inOrder(workspaces(c.needs...)) {
			got += w.Name
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.needs, got, c.want)
		}
	}
}

func ended(outcomes ...ledger.Outcome) []item {
	var all []item
	for _, o := range outcomes {
		all = append(all, item{end: end{outcome: o}})
	}
	return all
}

func TestOutcomeOfSeveral(t *testing.T) {
	const pub, there, skip, failed, not = ledger.Published, ledger.AlreadyPublished, ledger.Skipped, ledger.Failed, ledger.NotTried
	for _, c := range []struct {
		of   []ledger.Outcome
		want ledger.Outcome
	}{
		{[]ledger.Outcome{pub, pub}, pub},
		{[]ledger.Outcome{there, pub, skip}, pub},
		{[]ledger.Outcome{there, skip}, there},
		{[]ledger.Outcome{skip, skip}, skip},
		{[]ledger.Outcome{pub, failed}, ledger.PartlyPublished},
		{[]ledger.Outcome{there, not}, ledger.PartlyPublished},
		{[]ledger.Outcome{failed, not, skip}, ledger.NotPublished},
		{[]ledger.Outcome{pub, ledger.Unsettled, not}, ledger.Unsettled},
		{[]ledger.Outcome{ledger.Taken, pub}, ledger.Taken},
		{[]ledger.Outcome{ledger.DryRun, ledger.DryRun}, ledger.DryRun},
	} {
		if got := outcomeOf(ended(c.of...)); got != c.want {
			t.Errorf("%v: %s, want %s", c.of, got, c.want)
		}
	}
}

// The status of several is that of the worst, by who has to act first.
func TestWorse(t *testing.T) {
	order := []int{130, 70, 127, 64, 78, 77, 65, 3, 69, 74, 75, 0}
	for i, a := range order {
		for j, b := range order {
			if worse(a, b) != (i < j) {
				t.Errorf("worse(%d, %d) is %v", a, b, worse(a, b))
			}
		}
	}
	if !worse(143, 65) {
		t.Error("a signal that ended it does not come first")
	}
}

// What needs a package that is not published is not tried; what needs one that is there,
// or that comes later in a cycle, is.
func TestFailedNeed(t *testing.T) {
	items := ended(ledger.Published, ledger.Failed, ledger.NotTried, ledger.NotTried)
	for i, name := range []string{"a", "b", "c", "d"} {
		items[i].Name = name
	}
	items[1].status, items[2].why = 65, "it needs b"
	for needs, want := range map[string]string{"a": "", "b": "b", "c": "c", "d": "", "x": ""} {
		if got := failedNeed(items, item{Workspace: npmexec.Workspace{Needs: []string{needs}}}); got != want {
			t.Errorf("needs %s: %q", needs, got)
		}
	}
}

// A package goes on after a wall of another one's own, and after nothing else.
func TestGoesOn(t *testing.T) {
	for cause, want := range map[string]bool{
		"version-exists": true, "name-taken": true, "script-failed": true, "package-too-large": true, "prerelease-tag": true,
		"token-invalid": false, "network": false, "rate-limited": false, "otp-required": false, "upload-open": false, "interrupted": false,
		"not-found-unexplained": false, "npm-broken": false, "": false,
	} {
		if goesOn(cause) != want {
			t.Errorf("%q: %v", cause, !want)
		}
	}
	if len(classify.Causes()) < 60 || !slices.ContainsFunc(classify.Causes(), func(c *classify.Cause) bool { return c.Own }) {
		t.Error("no cause is a package's own")
	}
}

func TestOnly(t *testing.T) {
	got := only([]string{"--workspaces", "--tag", "beta", "-w", "a", "--include-workspace-root", "--", "."}, "@acme/b")
	want := []string{"--tag", "beta", "--include-workspace-root=false", "--workspace=@acme/b", "--", "."}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
